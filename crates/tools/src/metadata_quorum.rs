//! `kafka-metadata-quorum`: the nodes that decide on metadata, and how far each of them is.

use client::{Admin, QuorumDescription, QuorumReplica};
use model::{BrokerId, Timestamp};

use crate::connect::{self, BOOTSTRAP_CONTROLLER, BOOTSTRAP_SERVER};
use crate::failure::Failure;
use crate::options::{CommandLine, Flag, Options};
use crate::output::print;
use crate::time;

/// The command line of `kafka-metadata-quorum`.
pub(crate) const COMMAND_LINE: CommandLine = CommandLine {
    tool: "kafka-metadata-quorum",
    about: "Shows the nodes that decide on metadata, and how far each of them is.",
    flags: &[
        Flag::command("describe", "Show them; with --status or --replication."),
        Flag::command("add-controller", "Not there yet: the quorum has one member."),
        Flag::command("remove-controller", "Not there yet, likewise."),
        BOOTSTRAP_SERVER,
        BOOTSTRAP_CONTROLLER,
        Flag::value("command-config", "FILE", "Properties of the client."),
        Flag::switch("dry-run", "Only check it.").of(&["add-controller", "remove-controller"]),
        Flag::value("controller-id", "ID", "The controller.").or(&["i"]).of(&["remove-controller"]),
        Flag::value("controller-directory-id", "ID", "The id of its metadata folder.")
            .or(&["d"])
            .of(&["remove-controller"]),
        Flag::switch("unregister", "Take it out of the cluster too.").of(&["remove-controller"]),
        Flag::switch("status", "A summary.").of(&["describe"]),
        Flag::switch("replication", "A line for each member.").of(&["describe"]),
        Flag::switch("human-readable", "With --replication: times as how long ago they were.")
            .of(&["describe"]),
    ],
};

const COLUMNS: [&str; 7] = [
    "NodeId",
    "DirectoryId",
    "LogEndOffset",
    "Lag",
    "LastFetchTimestamp",
    "LastCaughtUpTimestamp",
    "Status",
];

/// Does what the command line says.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let refused = |text: &str| Err(Failure::Refused(text.to_owned()));
    if options.command() != "describe" {
        return refused(
            "the quorum has one member, the node itself: clusters of several nodes are not there yet, so \
             no controller can be added or removed; `describe --status` shows the quorum",
        );
    }
    let config = connect::admin_config(options)?;
    let human_readable = options.has("human-readable");
    match (options.has("status"), options.has("replication")) {
        (true, true) => {
            return refused(
                "Only one of --status or --replication should be specified with describe sub-command",
            );
        }
        (false, false) => {
            return refused(
                "One of --status or --replication must be specified with describe sub-command",
            );
        }
        (true, false) if human_readable => {
            return refused(
                "The option --human-readable is only supported along with --replication",
            );
        }
        _ => {}
    }
    connect::block_on(async {
        let admin = Admin::new(&config)?;
        let quorum = admin.describe_quorum().await?;
        if options.has("replication") {
            return print(&replication(&quorum, human_readable.then(time::now_ms))?);
        }
        let cluster_id = admin.describe_cluster().await?.cluster_id;
        print(&status(&cluster_id, &quorum)?)
    })
}

fn leader(quorum: &QuorumDescription) -> Result<&QuorumReplica, Failure> {
    let found = quorum.voters.iter().find(|voter| voter.id == quorum.leader);
    found.ok_or_else(|| Failure::Refused("the metadata quorum has no leader at the moment".into()))
}

fn status(cluster_id: &str, quorum: &QuorumDescription) -> Result<String, Failure> {
    let leader = leader(quorum)?;
    let last = quorum.voters.iter().min_by_key(|voter| voter.log_end_offset).unwrap_or(leader);
    let lag_ms = match (leader.last_caught_up.get(), last.last_caught_up.get()) {
        _ if last.id == leader.id => 0,
        (newest, last) if newest >= 0 && last >= 0 => newest - last,
        _ => -1,
    };
    let lines = [
        ("ClusterId:", cluster_id.to_owned()),
        ("LeaderId:", quorum.leader.to_string()),
        ("LeaderEpoch:", quorum.leader_epoch.to_string()),
        ("HighWatermark:", quorum.high_watermark.to_string()),
        ("MaxFollowerLag:", lag(leader, last).to_string()),
        ("MaxFollowerLagTimeMs:", lag_ms.to_string()),
        ("CurrentVoters:", members(quorum, &quorum.voters)),
        ("CurrentObservers:", members(quorum, &quorum.observers)),
    ];
    Ok(lines.iter().map(|(name, value)| format!("{name:<24}{value}\n")).collect())
}

fn lag(leader: &QuorumReplica, replica: &QuorumReplica) -> i64 {
    leader.log_end_offset.get() - replica.log_end_offset.get()
}

/// The members, as JSON but for the blanks.
fn members(quorum: &QuorumDescription, replicas: &[QuorumReplica]) -> String {
    let members: Vec<String> = replicas
        .iter()
        .map(|replica| {
            let mut text = format!("{{\"id\": {}", replica.id);
            if !replica.directory_id.is_zero() {
                text.push_str(&format!(", \"directoryId\": \"{}\"", replica.directory_id));
            }
            let endpoints = endpoints(quorum, replica.id);
            if !endpoints.is_empty() {
                text.push_str(&format!(", \"endpoints\": [{}]", endpoints.join(", ")));
            }
            text + "}"
        })
        .collect();
    format!("[{}]", members.join(", "))
}

fn endpoints(quorum: &QuorumDescription, id: BrokerId) -> Vec<String> {
    let own = quorum.listeners.iter().filter(|listener| listener.id == id);
    own.map(|listener| {
        let host = &listener.host;
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        format!("\"{}://{host}:{}\"", listener.name, listener.port)
    })
    .collect()
}

/// A line for each member; `now_ms` makes of times how long ago they were.
fn replication(quorum: &QuorumDescription, now_ms: Option<i64>) -> Result<String, Failure> {
    let leader = leader(quorum)?;
    let followers = quorum.voters.iter().filter(|voter| voter.id != leader.id);
    let members = std::iter::once((leader, "Leader"))
        .chain(followers.map(|voter| (voter, "Follower")))
        .chain(quorum.observers.iter().map(|observer| (observer, "Observer")));
    let mut rows = vec![COLUMNS.map(String::from)];
    for (replica, state) in members {
        rows.push([
            replica.id.to_string(),
            replica.directory_id.to_string(),
            replica.log_end_offset.to_string(),
            lag(leader, replica).to_string(),
            moment(replica.last_fetch, now_ms)?,
            moment(replica.last_caught_up, now_ms)?,
            state.to_owned(),
        ]);
    }
    let width =
        |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
    let line = |row: &[String; COLUMNS.len()]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}\t"));
        cells.collect::<String>() + "\n"
    };
    Ok(rows.iter().map(line).collect())
}

fn moment(time: Timestamp, now_ms: Option<i64>) -> Result<String, Failure> {
    match now_ms {
        _ if time.get() < 0 => Ok("-1".to_owned()),
        None => Ok(time.get().to_string()),
        Some(now_ms) if time.get() > now_ms => Err(Failure::Refused(format!(
            "Error while computing relative time, possible drift in system clock.\nCurrent timestamp is \
             {now_ms}, last timestamp is {}",
            time.get()
        ))),
        Some(now_ms) => Ok(format!("{} ms ago", now_ms - time.get())),
    }
}

#[cfg(test)]
mod tests {
    use client::QuorumListener;
    use model::{LeaderEpoch, Offset, Uuid};

    use super::*;

    fn replica(id: i32, end: i64, caught_up: i64) -> QuorumReplica {
        QuorumReplica {
            id: BrokerId::new(id),
            directory_id: Uuid::ZERO,
            log_end_offset: Offset::new(end),
            last_fetch: Timestamp::new(caught_up),
            last_caught_up: Timestamp::new(caught_up),
        }
    }

    fn quorum() -> QuorumDescription {
        QuorumDescription {
            leader: BrokerId::new(2),
            leader_epoch: LeaderEpoch::new(4),
            high_watermark: Offset::new(9),
            voters: vec![replica(1, 7, 900), replica(2, 10, 1000)],
            observers: vec![],
            listeners: vec![QuorumListener {
                id: BrokerId::new(1),
                name: "C".into(),
                host: "::1".into(),
                port: 9,
            }],
        }
    }

    #[test]
    fn status_tells_the_lag_of_the_slowest_voter() {
        let text = status("abc", &quorum()).unwrap();
        let expected = "ClusterId:              abc\nLeaderId:               2\n\
                        LeaderEpoch:            4\nHighWatermark:          9\n\
                        MaxFollowerLag:         3\nMaxFollowerLagTimeMs:   100\n\
                        CurrentVoters:          [{\"id\": 1, \"endpoints\": [\"C://[::1]:9\"]}, {\"id\": 2}]\n\
                        CurrentObservers:       []\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn replication_begins_with_the_leader() {
        let text = replication(&quorum(), Some(1500)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("2     \t") && lines[1].contains("\t500 ms ago"), "{text}");
        assert!(lines[2].starts_with("1     \t") && lines[2].ends_with("\tFollower\t"), "{text}");
        assert!(replication(&quorum(), Some(10)).is_err());
    }
}
