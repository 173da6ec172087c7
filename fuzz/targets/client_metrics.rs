//! Metrics that clients push (OTLP): a report within its bounds, or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = telemetry::read_metrics(data);
});
