//! The rules of KIP-714 about who may ask and report when, one after the other.

use super::*;

const BYTES_MAX: usize = 1000;

fn client(connection: &Arc<u8>) -> Client {
    let connection: Arc<dyn Any + Send + Sync> = connection.clone();
    Client {
        client_id: "orders-1".to_owned(),
        software_name: "apache-kafka-java".to_owned(),
        software_version: "4.3.1".to_owned(),
        address: "127.0.0.1".parse().unwrap(),
        port: 50_000,
        connection: Arc::downgrade(&connection),
    }
}

fn id(byte: u8) -> Uuid {
    Uuid::from_random([byte; 16])
}

fn subscription(values: &[(&str, &str)]) -> Option<Subscription> {
    let values = values.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    Some(Subscription::new(&ClientMetricsConfig::resolve(&values)))
}

/// One client with one subscription to everything, every second.
struct Rig {
    instances: ClientInstances,
    connection: Arc<u8>,
    assignment: Assignment,
}

impl Rig {
    fn new() -> Self {
        let mut instances = ClientInstances::default();
        let values = [("interval.ms", "1000"), ("metrics", "*")];
        instances.set_subscription(&"all".into(), subscription(&values));
        let connection = Arc::new(0);
        let assignment = instances.get(0, Uuid::ZERO, id(1), &client(&connection)).unwrap();
        Self { instances, connection, assignment }
    }

    fn get(&mut self, now: u64) -> Result<Assignment, GetError> {
        self.instances.get(now, id(1), id(9), &client(&self.connection))
    }

    fn push(&mut self, now: u64, change: impl FnOnce(&mut Push)) -> Result<(), PushError> {
        let mut push = Push {
            instance_id: id(1),
            subscription_id: self.assignment.subscription_id,
            terminating: false,
            is_compression_known: true,
            bytes: 100,
            bytes_max: BYTES_MAX,
        };
        change(&mut push);
        self.instances.check_push(now, &push, &client(&self.connection))
    }
}

fn report(name: &str, value: MetricValue) -> MetricsReport {
    let series =
        Series { name: name.to_owned(), unit: String::new(), labels: BTreeMap::new(), value };
    MetricsReport { series: vec![series], ..Default::default() }
}

#[test]
fn a_client_gets_an_id_and_all_that_the_subscriptions_for_it_want() {
    let mut instances = ClientInstances::default();
    let connection = Arc::new(0);
    let without = instances.get(0, Uuid::ZERO, id(1), &client(&connection)).unwrap();
    assert_eq!((without.instance_id, without.interval_ms), (id(1), 300_000));
    assert!(without.metrics.is_empty());

    let one = [("metrics", "a,b"), ("interval.ms", "5000"), ("match", "client_id=orders-.*")];
    instances.set_subscription(&"one".into(), subscription(&one));
    let two = [("metrics", "b,c"), ("interval.ms", "7000")];
    instances.set_subscription(&"two".into(), subscription(&two));
    let other = [("metrics", "d"), ("interval.ms", "100"), ("match", "client_id=payments")];
    instances.set_subscription(&"other".into(), subscription(&other));
    // A change of the subscriptions is told at once.
    let both = instances.get(1, id(1), id(9), &client(&connection)).unwrap();
    assert_eq!((both.metrics.join(","), both.interval_ms), ("a,b,c".to_owned(), 5000));
    assert_ne!(both.subscription_id, without.subscription_id);

    let everything = [("metrics", "*"), ("interval.ms", "9000")];
    instances.set_subscription(&"all".into(), subscription(&everything));
    let all = instances.get(2, id(1), id(9), &client(&connection)).unwrap();
    assert_eq!((all.metrics.join(","), all.interval_ms), ("*".to_owned(), 5000));
    instances.set_subscription(&"all".into(), None);
    let again = instances.get(3, id(1), id(9), &client(&connection)).unwrap();
    assert_eq!(again, both);
}

#[test]
fn a_client_that_asks_too_soon_is_told_to_wait() {
    let mut rig = Rig::new();
    assert_eq!(rig.get(999), Err(GetError::TooSoon));
    assert!(rig.get(1000).is_ok());
    assert_eq!(rig.push(1001, |_| {}), Ok(()));
    assert_eq!(rig.get(1999), Err(GetError::TooSoon));
    assert_eq!(rig.get(2000), Err(GetError::TooSoon), "a report counts as well");
    assert!(rig.get(2001).is_ok());
}

#[test]
fn reports_come_no_faster_than_the_interval_but_for_the_first_and_the_last() {
    let mut rig = Rig::new();
    assert_eq!(rig.push(1, |_| {}), Ok(()));
    assert_eq!(rig.push(500, |_| {}), Err(PushError::TooSoon));
    assert_eq!(rig.push(1001, |_| {}), Ok(()));
    assert_eq!(rig.push(1002, |push| push.terminating = true), Ok(()));
    assert_eq!(rig.push(5000, |_| {}), Err(PushError::Terminated));
    // As in Kafka, the last request says whether a client is at its end.
    assert_eq!(rig.push(9000, |_| {}), Ok(()));
}

#[test]
fn a_report_is_refused_for_the_first_thing_that_is_wrong_with_it() {
    let refused = |change: fn(&mut Push)| Rig::new().push(1, change);
    assert_eq!(refused(|push| push.instance_id = Uuid::ZERO), Err(PushError::ReservedId));
    let mut one = [0; 16];
    one[15] = 1;
    let is_one = Rig::new().push(1, |push| push.instance_id = Uuid::from_bytes(one));
    assert_eq!(is_one, Err(PushError::ReservedId));
    assert_eq!(refused(|push| push.subscription_id += 1), Err(PushError::UnknownSubscription));
    let unknown = |push: &mut Push| push.is_compression_known = false;
    assert_eq!(refused(unknown), Err(PushError::UnknownCompression));
    assert_eq!(refused(|push| push.bytes = BYTES_MAX), Ok(()));
    assert_eq!(refused(|push| push.bytes = BYTES_MAX + 1), Err(PushError::TooLarge));
}

#[test]
fn a_client_that_is_sent_to_its_subscriptions_may_ask_at_once() {
    for change in [
        |push: &mut Push| push.subscription_id += 1,
        |push: &mut Push| {
            push.is_compression_known = false;
        },
    ] {
        let mut rig = Rig::new();
        assert!(rig.push(1, change).is_err());
        assert!(rig.get(2).is_ok());
        assert_eq!(rig.get(3), Err(GetError::TooSoon));
    }
    let mut rig = Rig::new();
    assert!(rig.push(1, |push| push.bytes = BYTES_MAX + 1).is_err());
    assert_eq!(rig.get(2), Err(GetError::TooSoon));
}

#[test]
fn a_client_of_another_connection_or_of_none_begins_anew() {
    let mut rig = Rig::new();
    rig.instances.store(Timestamp::new(5), id(1), report("a", MetricValue::Gauge(1.0)));
    rig.connection = Arc::new(1);
    assert!(rig.get(1).is_ok());
    assert_eq!(rig.instances.reported(1).len(), 1, "what it reported stays");
    // A client that this node never saw, another node gave it its id.
    let push = Push {
        instance_id: id(2),
        subscription_id: 0,
        terminating: false,
        is_compression_known: true,
        bytes: 1,
        bytes_max: 1,
    };
    let outcome = rig.instances.check_push(1, &push, &client(&rig.connection));
    assert_eq!(outcome, Err(PushError::UnknownSubscription));
}

#[test]
fn the_newest_values_are_kept_and_differences_are_added_up() {
    let mut rig = Rig::new();
    let delta = |value| MetricValue::Delta { value, is_monotonic: true };
    for (at, value) in [(1, 5.0), (2, 7.0), (3, 0.0)] {
        rig.instances.store(Timestamp::new(at), id(1), report("sent", delta(value)));
    }
    let reported = rig.instances.reported(10);
    assert_eq!((reported.len(), reported[0].received_at), (1, Timestamp::new(3)));
    let total = MetricValue::Total { value: 12.0, is_monotonic: true };
    assert_eq!(reported[0].series[0].value, total);
    rig.instances.store(Timestamp::new(4), id(1), report("rate", MetricValue::Gauge(1.0)));
    assert_eq!(rig.instances.reported(10)[0].series[0].name, "rate");
}

#[test]
fn silent_clients_are_forgotten_with_what_they_reported() {
    let mut rig = Rig::new();
    rig.instances.store(Timestamp::new(1), id(1), report("a", MetricValue::Gauge(1.0)));
    assert_eq!(rig.instances.reported(SILENCE_MS_MIN - 1).len(), 1);
    assert!(rig.instances.reported(SILENCE_MS_MIN).is_empty());
    let other = client(&rig.connection);
    rig.instances.get(SILENCE_MS_MIN, id(2), id(9), &other).unwrap();
    assert_eq!((rig.instances.instances.len(), rig.instances.bytes), (1, 0));
}

#[test]
fn clients_and_their_values_are_bounded() {
    let mut rig = Rig::new();
    let other = client(&rig.connection);
    let huge = |name: &str| MetricsReport {
        series: vec![
            Series {
                name: name.repeat(200),
                unit: String::new(),
                labels: BTreeMap::new(),
                value: MetricValue::Gauge(1.0),
            };
            4000
        ],
        ..Default::default()
    };
    let numbered = |number: usize| {
        let mut bytes = [7; 16];
        bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
        Uuid::from_bytes(bytes)
    };
    for number in 0..50 {
        rig.instances.get(1, numbered(number), id(9), &other).unwrap();
        rig.instances.store(Timestamp::new(1), numbered(number), huge("x"));
        assert!(rig.instances.bytes <= VALUES_BYTES_MAX);
    }
    assert!(rig.instances.reported(2).len() < 50);
    let newest = rig.instances.reported(2).iter().any(|it| it.instance_id == numbered(49));
    assert!(newest, "those that reported longest ago go first");
    for number in 0..INSTANCES_MAX + 100 {
        let _ = rig.instances.get(2, numbered(number), id(9), &other);
    }
    assert_eq!(rig.instances.instances.len(), INSTANCES_MAX);
    assert_eq!(rig.instances.order.len(), INSTANCES_MAX);
}
