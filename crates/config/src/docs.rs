//! `docs/configs.md`: every configuration, and whether it is effective, meaningless here, or
//! refused. A test holds the committed file to this text.

use std::fmt::Write;

use crate::def::{ConfigDef, Status, Update};
use crate::table;
use crate::value::allowed;

const HEADER: &str = "\
# Configurations

Written from the table in `crates/config/src/table`; a test fails when the two differ, and
`KLAMM_BLESS=1 cargo test -p config` writes this file anew.

What the last column says:

- **effective**: it does what the line says.
- **meaningless**: it is accepted, named when the node starts, and changes nothing; the reason
  follows.
- **refused**: anything but the default is an error, since what it asks for is not built yet; the
  reason follows.

The column *changes* says how a broker's configuration changes: in the file and by a restart, for
one broker while it runs, or for all. Configurations of topics and groups always change while the
node runs.
";

/// The whole document.
pub fn markdown() -> String {
    let mut text = String::from(HEADER);
    text.push_str("\n## Brokers\n");
    for (theme, configs) in table::BROKER_THEMES {
        let _ = write!(text, "\n### {theme}\n\n");
        text.push_str("| key | type | default | allowed | changes | what it does | here |\n");
        text.push_str("|---|---|---|---|---|---|---|\n");
        for def in *configs {
            row(&mut text, def, Some(def.update));
        }
    }
    section(&mut text, "Topics", table::topic_configs());
    section(&mut text, "Groups", table::group_configs());
    section(&mut text, "Subscriptions to clients' metrics", table::client_metrics_configs());
    text
}

fn section(text: &mut String, title: &str, configs: impl Iterator<Item = &'static ConfigDef>) {
    let _ = write!(text, "\n## {title}\n\n");
    text.push_str("| key | type | default | allowed | what it does | here |\n");
    text.push_str("|---|---|---|---|---|---|\n");
    for def in configs {
        row(text, def, None);
    }
}

fn row(text: &mut String, def: &ConfigDef, update: Option<Update>) {
    let default = match (def.default, def.kafka_default) {
        (Some(ours), Some(kafka)) => format!("`{ours}` (Kafka: `{kafka}`)"),
        (Some(""), None) => String::from("empty"),
        (Some(ours), None) => format!("`{ours}`"),
        (None, _) => String::from("none"),
    };
    let changes = match update {
        Some(Update::ReadOnly) => " file |",
        Some(Update::PerBroker) => " one broker |",
        Some(Update::ClusterWide) => " all brokers |",
        None => "",
    };
    let here = match def.status {
        Status::Effective => String::from("**effective**"),
        Status::Meaningless(why) => format!("meaningless: {why}"),
        Status::Refused(missing) => format!("**refused**: {missing}"),
    };
    let (name, kind, doc, allowed) = (def.name, def.kind.name(), def.doc, allowed(def));
    let _ =
        writeln!(text, "| `{name}` | {kind} | {default} | {allowed} |{changes} {doc} | {here} |");
}
