//! What facts about a group mean. Asks nobody: the same facts always give the same findings, the
//! gravest first.

use std::collections::{BTreeMap, BTreeSet};

use model::TopicPartition;

use super::facts::{Facts, GroupFacts, PartitionFacts, Retention};
use crate::consumer_groups::MemberRow;
use crate::finding::{Finding, Kind, count, names, quoted};
use crate::names::missing;

macro_rules! kinds {
    ($($name:ident = $id:literal, $matters:literal;)+) => {
        $(pub(super) const $name: &Kind = &Kind { id: $id, matters: $matters };)+

        /// Every kind of finding.
        pub(super) const ALL: &[&Kind] = &[$($name),+];
    };
}

kinds! {
    NO_GROUP = "no-group", "A group is there once a consumer with its group.id has joined or committed. \
        A consumer that only assigns partitions and never commits leaves no trace.";
    NO_MEMBERS = "no-members", "Nobody reads for the group, so its lag can only grow. A consumer that runs \
        all the same has another group.id, another address, or assigns its partitions itself.";
    NOT_CONSUMERS = "not-consumers", "Members of this kind share work of their own, and not partitions; \
        what they read does not show here.";
    REBALANCING = "rebalancing", "While a group shares out its partitions, its consumers get nothing. It \
        lasts when a member does not come back in time: it is busy with records for longer than \
        max.poll.interval.ms, or is started again and again.";
    MEMBERS_CHANGE = "members-change", "Each member that comes or goes makes the group share out its \
        partitions anew. Consumers that restart, that are busy for longer than max.poll.interval.ms, or \
        that are made anew for every read do that.";
    NO_TOPIC = "no-topic", "A consumer may subscribe to a topic that is not there, and waits for it \
        without a word.";
    NO_LEADER = "no-leader", "Nobody can read or write such a partition until its leader is back: a node \
        is down, or the folder with the partition has failed or is gone.";
    UNREAD = "unread-partitions", "The group has members, and yet nobody reads these. Either no member \
        subscribes to the topic, or a member keeps partitions for itself by assigning them.";
    IDLE_MEMBERS = "idle-members", "A partition is read by one member of a group. Members beyond the \
        number of partitions get nothing, and only stand by.";
    DELETED = "offsets-deleted", "Retention or a deletion of records was faster than the group. Consumers \
        go on by their auto.offset.reset: earliest reads what is left, latest (the default) passes over all \
        of it, none stops with an error.";
    BEYOND = "offsets-beyond-end", "The topic was deleted and created again, or lost records. Consumers go \
        on by their auto.offset.reset, or wait until the partition has grown to where they stand.";
    TRANSACTION = "open-transaction", "Consumers with isolation.level=read_committed wait at the first \
        record of an open transaction, whatever comes after it. It ends when its producer commits, aborts, \
        starts again with its transactional.id, or when transaction.timeout.ms has passed. Klamm serves no \
        transactions yet: one that a folder of Kafka's brought along stays open.";
    NO_COMMITS = "no-commits", "The partitions have a member, and it has never committed: it has read \
        nothing yet, commits elsewhere, or has enable.auto.commit=false and no commits in its code. After \
        a restart it begins by its auto.offset.reset, latest unless it says more.";
    STANDS_STILL = "stands-still", "There are records to read and a member to read them, and nothing was \
        committed while we watched. The consumer hangs in the work on a record, fails on one again and \
        again, or does not commit. If one poll takes longer than max.poll.interval.ms, it is put out of \
        the group.";
    FALLS_BEHIND = "falls-behind", "More is written than the group reads; if that goes on, the lag grows \
        without end, until retention deletes what was not read.";
    CATCHES_UP = "catches-up", "The group reads as fast as is written, or faster; it needs time only.";
    LOOK_AGAIN = "look-again", "Two looks say too little. Consumers commit every auto.commit.interval.ms, \
        5 s by default: what came since then may be read already. A group that shares out its partitions \
        is done with it after some seconds.";
    NOTHING_WRITTEN = "nothing-written", "There is no record to get. A producer that believes it has \
        written writes to another topic or cluster.";
    CAUGHT_UP = "caught-up", "The group has read all there is. A consumer that shows nothing has shown it \
        before; with a new group.id and auto.offset.reset=earliest it begins anew.";
    NO_OFFSETS = "no-offsets", "Without an offset a consumer begins by its auto.offset.reset: latest, \
        which is the default, shows only records that are written after it came.";
}

/// A retention that is longer than most consumers are away: 14 days.
const KEPT_MS: i64 = 1_209_600_000;
/// How long a second look is to take that says more than one of the usual time.
const SECONDS_LONGER: u32 = 12;
/// The default of `auto.commit.interval.ms`, in seconds: what was read since then does not show.
const COMMIT_INTERVAL_SECONDS: f64 = 5.0;

/// Partitions that something is true of, with what is known of each.
type Those<'a> = Vec<(&'a TopicPartition, &'a PartitionFacts)>;

/// What the facts mean; `servers` is for the commands.
pub(super) fn judge(facts: &Facts, servers: &str) -> Vec<Finding> {
    let judge = Judge { facts, servers };
    let mut found = Vec::new();
    if facts.group.is_none() && facts.partitions.is_empty() {
        found.push(judge.no_group());
        return found;
    }
    found.extend(judge.topics());
    found.extend(judge.members());
    found.extend(judge.offsets());
    found.extend(judge.transactions());
    found.extend(judge.pace());
    if found.is_empty() {
        found.extend(judge.at_rest());
    }
    found
}

struct Judge<'a> {
    facts: &'a Facts,
    servers: &'a str,
}

impl<'a> Judge<'a> {
    fn command(&self, tool: &str, rest: &str) -> String {
        format!("klamm {tool} --bootstrap-server {} {rest}", quoted(self.servers))
    }

    /// How to set the group's offsets of these partitions, and of no others; `effect` is what that does.
    fn reset(&self, those: &Those<'_>, to: &str, effect: &str) -> String {
        let (group, partitions) = (quoted(&self.facts.id), flags(those));
        // The coordinator refuses it while there are members.
        let when = if self.has_members() { "; once its members are stopped" } else { "" };
        self.command(
            "consumer-groups",
            &format!(
                "--group {group} --reset-offsets {partitions} --{to} --execute  # {effect}{when}"
            ),
        )
    }

    fn those(&self, is: impl Fn(&PartitionFacts) -> bool) -> Those<'a> {
        self.facts.partitions.iter().filter(|(_, partition)| is(partition)).collect()
    }

    fn has_members(&self) -> bool {
        self.facts.group.as_ref().is_some_and(|group| !group.members.is_empty())
    }

    fn no_group(&self) -> Finding {
        let known = self.facts.known_groups.iter().map(String::as_str);
        Finding::new(NO_GROUP, missing("group", &self.facts.id, known))
            .run(self.command("groups", "--list"))
    }

    fn topics(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for topic in &self.facts.wanted {
            if !self.facts.topics.contains_key(topic) {
                let known = self.facts.topics.keys().map(String::as_str);
                found.push(
                    Finding::new(NO_TOPIC, missing("topic", topic, known))
                        .run(self.command("topics", "--list"))
                        .run(
                            self.command("topics", &format!("--create --topic {}", quoted(topic))),
                        ),
                );
            }
        }
        let without = self.those(|partition| !partition.has_leader);
        if !without.is_empty() {
            found.push(
                Finding::new(NO_LEADER, format!("Nobody serves {}.", listed(&without)))
                    .run(self.command("doctor", "").trim_end())
                    .run(self.command("topics", "--describe --unavailable-partitions"))
                    .run(self.command("log-dirs", "--describe")),
            );
        }
        found
    }

    fn members(&self) -> Vec<Finding> {
        let Some(group) = &self.facts.group else { return Vec::new() };
        let mut found = Vec::new();
        if group.members.is_empty() {
            let behind: i64 = self.facts.partitions.values().filter_map(PartitionFacts::lag).sum();
            let behind = match behind {
                0 => "it has read all there is".to_owned(),
                lag => format!("{} to read", count(lag, "record")),
            };
            let what = format!("The group has offsets and no members; {behind}.");
            found.push(Finding::new(NO_MEMBERS, what).mend(format!(
                "start a consumer with group.id={} and bootstrap.servers={}",
                self.facts.id, self.servers
            )));
            return found;
        }
        let ids = |group: &GroupFacts| {
            group.members.iter().map(|member| member.consumer_id.clone()).collect::<BTreeSet<_>>()
        };
        let before = self.facts.group_before.as_ref();
        let unsettled = |state: &str| state.ends_with("Rebalance") || state == "Reconciling";
        let state_before = before.map(|before| before.state.as_str());
        if unsettled(&group.state) && before.is_none_or(|before| unsettled(&before.state)) {
            let what =
                format!("The group is {} and was so for all the time we watched.", group.state);
            found.push(
                Finding::new(REBALANCING, what)
                    .mend("look for max.poll.interval.ms in the logs of its consumers; raise it, or lower max.poll.records")
                    .run(self.members_command()),
            );
        } else if before.is_some_and(|before| ids(before) != ids(group)) {
            let what = "Other members are in the group than at the first look.";
            found.push(Finding::new(MEMBERS_CHANGE, what).run(self.members_command()));
        } else if unsettled(&group.state) {
            let what = format!(
                "The group is {} and was {} at the first look: it has begun to share out its partitions anew.",
                group.state,
                state_before.unwrap_or_default()
            );
            found.push(Finding::new(LOOK_AGAIN, what).run(self.look_longer()));
        }
        if !unsettled(&group.state) {
            found.extend(self.shares(group));
        }
        found
    }

    fn look_longer(&self) -> String {
        let group = quoted(&self.facts.id);
        self.command("why", &format!("{group} --seconds {SECONDS_LONGER}"))
    }

    fn members_command(&self) -> String {
        let group = quoted(&self.facts.id);
        self.command("consumer-groups", &format!("--group {group} --describe --members"))
    }

    /// How a settled group has shared out its partitions.
    fn shares(&self, group: &GroupFacts) -> Vec<Finding> {
        let mut found = Vec::new();
        if self.facts.wanted.is_empty() {
            let what = "Its members name no topics and have no partitions.";
            found.push(Finding::new(NOT_CONSUMERS, what).run(self.members_command()));
            return found;
        }
        let unread = self.those(|partition| partition.member.is_none());
        if !unread.is_empty() {
            let what = format!("No member of the group reads {}.", listed(&unread));
            found.push(Finding::new(UNREAD, what).run(self.members_command()));
        }
        let idle: Vec<&str> = group
            .members
            .iter()
            .filter(|member| member.assignment.is_empty())
            .map(|member| member.client_id.as_str())
            .collect();
        if !idle.is_empty() && unread.is_empty() {
            let what = format!(
                "{} of {} have no partition ({}), since there are only {}.",
                idle.len(),
                count(group.members.len() as i64, "member"),
                names(&idle),
                count(self.facts.partitions.len() as i64, "partition")
            );
            let mut finding = Finding::new(IDLE_MEMBERS, what)
                .mend("harmless: they take over when another member stops");
            for (topic, partitions) in &self.facts.topics {
                let reads = |member: &&MemberRow| member.subscription.contains(topic);
                let readers = group.members.iter().filter(reads).count();
                if readers <= *partitions {
                    continue;
                }
                finding = finding.run(self.more_partitions(topic, readers));
            }
            found.push(finding);
        }
        found
    }

    fn offsets(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let lost = self.those(PartitionFacts::has_lost);
        if let Some((name, first)) = lost.first() {
            let gone: i64 =
                lost.iter().filter_map(|(_, one)| Some(one.begin? - one.committed?)).sum();
            let what = format!(
                "{} that the group has not read are gone: it stands at {} of {name}, which begins at {} now{}.",
                count(gone, "record"),
                first.committed.unwrap_or_default(),
                first.begin.unwrap_or_default(),
                all_of(&lost)
            );
            let finding = Finding::new(DELETED, what);
            let finding = finding.run(self.reset(&lost, "to-earliest", "reads what is left"));
            found.push(self.keep_longer(finding, &name.topic));
        }
        let beyond =
            self.those(|partition| partition.end.is_some() && partition.committed > partition.end);
        if let Some((name, first)) = beyond.first() {
            let what = format!(
                "The group stands behind the end of {}: at {} of {name}, which ends at {}.",
                listed(&beyond),
                first.committed.unwrap_or_default(),
                first.end.unwrap_or_default()
            );
            let finding = Finding::new(BEYOND, what);
            found.push(
                finding
                    .run(self.reset(&beyond, "to-earliest", "reads all that is there"))
                    .run(self.reset(&beyond, "to-latest", "passes over all that is there")),
            );
        }
        found
    }

    /// Adds how a topic keeps records for longer, by what bounds it now.
    fn keep_longer(&self, finding: Finding, topic: &str) -> Finding {
        let configs = |rest: &str| {
            let flags = format!("--entity-type topics --entity-name {}", quoted(topic));
            self.command("configs", &format!("{flags} {rest}"))
        };
        let Some(Retention { ms, bytes }) = self.facts.retention.get(topic).copied() else {
            return finding
                .run(configs("--describe --all  # retention.ms and retention.bytes bound it"));
        };
        let mut finding = finding;
        if let Some(ms) = ms.filter(|ms| *ms < KEPT_MS) {
            let set = format!("--alter --add-config retention.ms={KEPT_MS}  # is {ms} now");
            finding = finding.run(configs(&set));
        }
        if let Some(bytes) = bytes {
            finding = finding.mend(format!(
                "retention.bytes keeps no more than {bytes} bytes of each partition of {topic}; raise it if the disk has room"
            ));
        }
        if ms.is_none_or(|ms| ms >= KEPT_MS) && bytes.is_none() {
            finding = finding.mend(format!(
                "find out who deletes records of {topic} (kafka-delete-records, or deleteRecords of an admin client): its retention is not short"
            ));
        }
        finding
    }

    fn more_partitions(&self, topic: &str, partitions: usize) -> String {
        self.command(
            "topics",
            &format!(
                "--alter --topic {} --partitions {partitions}  # no way back, and keys move to other partitions",
                quoted(topic)
            ),
        )
    }

    fn transactions(&self) -> Vec<Finding> {
        let held = self.those(|one| one.stable_end.is_some() && one.stable_end < one.end);
        let Some((name, first)) = held.first() else { return Vec::new() };
        let mut what = format!(
            "Readers of committed records stop at {} of {name}, which ends at {}{}.",
            first.stable_end.unwrap_or_default(),
            first.end.unwrap_or_default(),
            all_of(&held)
        );
        if let Some(open) = &first.open_transaction {
            what.push_str(&format!(
                " The transaction is of producer {}, which wrote last {} s ago.",
                open.producer,
                open.idle_ms / 1000
            ));
        }
        vec![
            Finding::new(TRANSACTION, what)
                .mend("end that producer's transaction, or start it again with its transactional.id, which aborts what it left open")
                .mend("where the node serves no transactions, read with isolation.level=read_uncommitted: what lies behind is there")
                .run(self.command(
                    "tail",
                    &format!(
                        "{} --partition {} --last 10 --no-follow",
                        quoted(&name.topic),
                        name.partition
                    ),
                )),
        ]
    }

    /// Whether the group moves, and how fast.
    fn pace(&self) -> Vec<Finding> {
        if !self.has_members() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let read = self.those(|one| one.member.is_some());
        let pick = |is: &dyn Fn(&PartitionFacts) -> bool| -> Those<'a> {
            read.iter().filter(|(_, one)| is(one)).copied().collect()
        };
        let silent = pick(&|one| one.committed.is_none() && one.end > one.begin);
        if !silent.is_empty() {
            let what =
                format!("There are records in {}, and no offset of the group.", listed(&silent));
            found.push(
                Finding::new(NO_COMMITS, what)
                    .mend("commit in the consumer, or set enable.auto.commit=true there"),
            );
        }
        let behind = |one: &PartitionFacts| one.lag().is_some_and(|lag| lag > 0);
        // Where committed records end, readers of them have nothing more to get.
        let waits = |one: &PartitionFacts| behind(one) && one.committed < one.stable_end;
        // What came while we watched may be read and not committed yet.
        let had_to_read = |one: &PartitionFacts| one.committed < one.end_before;
        let stands = |one: &PartitionFacts| one.committed_before == one.committed;
        let still = pick(&|one| waits(one) && had_to_read(one) && stands(one));
        if let Some((name, first)) = still.first() {
            let what = format!(
                "Nothing of {} was committed in {:.0} s, although there is more to read: the group stands at {} of {name}, which ends at {}.",
                listed(&still),
                self.facts.seconds,
                first.committed.unwrap_or_default(),
                first.end.unwrap_or_default()
            );
            found.push(
                Finding::new(STANDS_STILL, what)
                    .mend(format!(
                        "look at the consumer's log and stack: {}",
                        names(&members(&still))
                    ))
                    .run(self.command(
                        "console-consumer",
                        &format!(
                            "--topic {} --partition {} --offset {} --max-messages 1",
                            quoted(&name.topic),
                            name.partition,
                            first.committed.unwrap_or_default()
                        ),
                    )),
            );
        }
        let moves = |one: &PartitionFacts| {
            one.committed_before.is_some() && one.committed_before < one.committed
        };
        let moving = pick(&|one| waits(one) && moves(one));
        found.extend(self.lagging(&moving));
        found
    }

    /// Whether moving partitions come closer to their ends.
    fn lagging(&self, moving: &Those<'a>) -> Option<Finding> {
        if moving.is_empty() || self.facts.seconds <= 0.0 {
            return None;
        }
        let sum = |of: &dyn Fn(&PartitionFacts) -> Option<i64>| -> i64 {
            moving.iter().filter_map(|(_, one)| of(one)).sum()
        };
        let lag = sum(&PartitionFacts::lag);
        let per_second = |count: i64| count as f64 / self.facts.seconds;
        let read = per_second(sum(&|one| Some(one.committed? - one.committed_before?)));
        let written = per_second(sum(&|one| Some(one.end? - one.end_before?)));
        let head = format!(
            "The group is {} behind in {}; it reads {read:.0} in a second, and {written:.0} are written.",
            count(lag, "record"),
            listed(moving)
        );
        if read > written {
            let seconds = lag as f64 / (read - written);
            return Some(Finding::new(
                CATCHES_UP,
                format!("{head} It is there in about {seconds:.0} s."),
            ));
        }
        let may_be_uncommitted = lag as f64 <= written * COMMIT_INTERVAL_SECONDS;
        if may_be_uncommitted && read * 2.0 >= written {
            let what =
                format!("{head} That is no more than it may have read since it committed last.");
            return Some(Finding::new(CATCHES_UP, what));
        }
        let topic = &moving[0].0.topic;
        let partitions = self.facts.topics.get(&**topic).copied().unwrap_or(1);
        Some(
            Finding::new(FALLS_BEHIND, head)
                .mend(format!("start more consumers of the group; up to {partitions} can share {topic}"))
                .run(self.more_partitions(topic, partitions * 2))
                .mend("raise max.poll.records and fetch.min.bytes in the consumers, or make the work on a record faster"),
        )
    }

    /// Nothing is wrong: why there may be nothing to see all the same.
    fn at_rest(&self) -> Option<Finding> {
        let empty =
            self.facts.partitions.values().all(|one| one.end == one.begin && one.end == Some(0));
        let topics: Vec<&String> = self.facts.wanted.iter().collect();
        let topics = names(&topics);
        if empty {
            let what = format!("Nothing was ever written to {topics}.");
            return Some(Finding::new(NOTHING_WRITTEN, what).run(self.command("topics", "--list")));
        }
        if self.facts.partitions.values().all(|one| one.committed.is_none()) {
            let what = format!("The group has no offset in {topics}.");
            return Some(Finding::new(NO_OFFSETS, what));
        }
        let lag: i64 = self.facts.partitions.values().filter_map(PartitionFacts::lag).sum();
        if lag > 0 {
            let came: i64 = self.facts.partitions.values().filter_map(PartitionFacts::came).sum();
            let what = format!(
                "The group is {} behind; {} while we looked.",
                count(lag, "record"),
                if came > 0 {
                    format!("{came} came")
                } else {
                    "its offsets were set anew".to_owned()
                }
            );
            return Some(Finding::new(LOOK_AGAIN, what).run(self.look_longer()));
        }
        let what =
            format!("The group stands at the end of {topics}: there is nothing more to read.");
        let topic = self.facts.wanted.first().map(String::as_str).unwrap_or_default();
        Some(Finding::new(CAUGHT_UP, what).run(self.command("tail", &quoted(topic))))
    }
}

fn listed(partitions: &Those<'_>) -> String {
    names(&partitions.iter().map(|(name, _)| *name).collect::<Vec<_>>())
}

/// All of them, behind a sentence that has named the first.
fn all_of(partitions: &Those<'_>) -> String {
    if partitions.len() > 1 { format!(" (all: {})", listed(partitions)) } else { String::new() }
}

fn members(partitions: &Those<'_>) -> Vec<String> {
    let members: BTreeSet<String> =
        partitions.iter().filter_map(|(_, one)| one.member.clone()).collect();
    members.into_iter().collect()
}

/// Partitions as flags, one for each topic: `--topic orders:0,3`.
fn flags(partitions: &Those<'_>) -> String {
    let mut of_topic: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, _) in partitions {
        of_topic.entry(&*name.topic).or_default().push(name.partition.to_string());
    }
    let flag = |(topic, indexes): (&str, Vec<String>)| {
        format!("--topic {}:{}", quoted(topic), indexes.join(","))
    };
    of_topic.into_iter().map(flag).collect::<Vec<_>>().join(" ")
}
