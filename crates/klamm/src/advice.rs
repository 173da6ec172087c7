//! Addresses that clients are told and cannot use: said at the start, with what to set.
//!
//! Two habits cost newcomers most hours: a loopback address that is told to clients on other
//! machines, and a container that tells its own address to clients outside of it.

use std::path::Path;

use config::{Listener, NodeConfig};

/// Files by which container engines show a process where it is.
const CONTAINER_MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Whether this process runs in a container.
pub(crate) fn in_container() -> bool {
    CONTAINER_MARKS.iter().any(|mark| Path::new(mark).exists())
}

/// What to know about the addresses that clients are told, one text for each listener that may need
/// it.
pub(crate) fn on_addresses(config: &NodeConfig, in_container: bool) -> Vec<String> {
    let advice = config.listeners.iter().filter_map(|listener| {
        let told = config.advertised_listeners.iter().find(|told| told.name == listener.name);
        match told.and_then(|told| told.host.as_deref()) {
            Some(host) => on_advertised(listener, host),
            None if in_container && !is_loopback(listener.host.as_deref()) => Some(format!(
                "listener {}: this looks like a container, and clients are told the address at \
                 which they arrive in it; if they connect from outside, set \
                 advertised.listeners={0}://HOST:PORT to what they connect to, such as \
                 localhost and the published port",
                listener.name
            )),
            None => None,
        }
    });
    advice.collect()
}

fn on_advertised(listener: &Listener, host: &str) -> Option<String> {
    let name = &listener.name;
    if is_everywhere(host) {
        return Some(format!(
            "listener {name}: clients are told to connect to {host}, which is no machine's \
             address; set advertised.listeners={name}://HOST:PORT to a name or address of this \
             machine, or leave it out: each client is then told the address at which it arrived"
        ));
    }
    if is_loopback(Some(host)) && !is_loopback(listener.host.as_deref()) {
        return Some(format!(
            "listener {name}: clients are told to connect to {host}, which for a client on another \
             machine is that machine itself; if there are any, set \
             advertised.listeners={name}://HOST:PORT to a name or address that they reach, or \
             leave it out: each client is then told the address at which it arrived"
        ));
    }
    None
}

fn is_everywhere(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_unspecified())
}

/// Whether the host means this machine only; no host means every interface.
fn is_loopback(host: Option<&str>) -> bool {
    host.is_some_and(|host| {
        let address = host.parse::<std::net::IpAddr>();
        host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(properties: &str, in_container: bool) -> Vec<String> {
        let (config, _) = config::load("test", properties, &[]).unwrap();
        on_addresses(&config, in_container)
    }

    #[test]
    fn addresses_that_clients_can_use_need_no_advice() {
        for properties in [
            "listeners=PLAINTEXT://:9092",
            "listeners=PLAINTEXT://localhost:9092\nadvertised.listeners=PLAINTEXT://localhost:9092",
            "listeners=PLAINTEXT://:9092\nadvertised.listeners=PLAINTEXT://kafka.lan:9092",
        ] {
            assert_eq!(advice(properties, false), [""; 0], "{properties}");
        }
        let told = "listeners=PLAINTEXT://:9092\nadvertised.listeners=PLAINTEXT://kafka.lan:9092";
        assert_eq!(advice(told, true), [""; 0]);
        assert_eq!(advice("listeners=PLAINTEXT://127.0.0.1:9092", true), [""; 0]);
    }

    #[test]
    fn loopback_told_to_the_world_is_explained() {
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let properties = format!(
                "listeners=PLAINTEXT://:9092\nadvertised.listeners=PLAINTEXT://{host}:9092"
            );
            let advice = advice(&properties, false);
            assert!(advice[0].contains("is that machine itself"), "{advice:?}");
            assert!(advice[0].contains("advertised.listeners=PLAINTEXT://HOST:PORT"), "{advice:?}");
        }
    }

    #[test]
    fn a_container_is_told_what_to_set() {
        let advice = advice(
            "listeners=OUT://:9092\nlistener.security.protocol.map=OUT:PLAINTEXT\ninter.broker.listener.name=OUT",
            true,
        );
        assert!(advice[0].contains("this looks like a container"), "{advice:?}");
        assert!(advice[0].contains("advertised.listeners=OUT://HOST:PORT"), "{advice:?}");
    }
}
