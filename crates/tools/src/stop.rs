//! Being asked to stop: Ctrl-C, and SIGTERM where there is such a thing.

/// What a shell says of a process that a signal has ended, less the signal's number.
#[cfg(unix)]
const SIGNAL_BASE: u8 = 128;

/// Waits for a request to stop; the exit code that a shell expects after it.
#[cfg(unix)]
pub(crate) async fn signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async |kind: SignalKind| {
        match signal(kind) {
            Ok(mut signal) => signal.recv().await,
            // Then the signal ends the process as it always does.
            Err(_) => std::future::pending().await,
        };
        SIGNAL_BASE + u8::try_from(kind.as_raw_value()).unwrap_or(0)
    };
    tokio::select! {
        code = wait(SignalKind::interrupt()) => code,
        code = wait(SignalKind::terminate()) => code,
    }
}

/// Waits for a request to stop; the exit code that a shell expects after it.
#[cfg(not(unix))]
pub(crate) async fn signal() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 130,
        Err(_) => std::future::pending().await,
    }
}
