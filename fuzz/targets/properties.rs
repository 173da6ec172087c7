//! Configuration files with anything in them: a checked configuration, or mistakes with their lines.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let properties = config::Properties::parse_bytes(data);
    let written = properties.write();
    let again = config::Properties::parse(&written);
    let pairs = |properties: &config::Properties| -> Vec<(String, String)> {
        properties.entries().iter().map(|e| (e.key.clone(), e.value.clone())).collect()
    };
    assert_eq!(pairs(&properties), pairs(&again), "what was written reads as it was");
    if let Err(refused) = config::load("server.properties", data, &[]) {
        assert!(!refused.mistakes.is_empty(), "a refusal has its reasons");
        refused.mistakes.iter().for_each(|mistake| assert!(!mistake.to_string().is_empty()));
    }
    for entry in properties.entries() {
        let _ = config::validate_topic_config(&entry.key, &entry.value);
        let _ = config::validate_group_config(&entry.key, &entry.value);
        let _ = config::validate_client_metrics_config(&entry.key, &entry.value);
    }
});
