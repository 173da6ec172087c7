//! Listeners, framing, the connection loop and its limits.
