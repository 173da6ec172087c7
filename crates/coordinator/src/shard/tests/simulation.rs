//! Random members of a few groups, a log that is slow or fails, and a coordinator that is restarted.
//! After every step the named invariants hold. A failing run names its seed.

use std::collections::{HashMap, HashSet};

use super::*;

const SEEDS: u64 = 40;
const STEPS: usize = 500;
const GROUPS: [&str; 2] = ["g", "h"];
const CLIENTS: usize = 5;
/// Reading the whole log takes long, so it is done now and then.
const RESTART_CHECK_EVERY: u64 = 10;

/// A small generator of our own (xorshift), so that a seed means the same run for ever.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// What a client of a group knows.
#[derive(Clone, Default)]
struct Client {
    group: &'static str,
    instance: Option<Arc<str>>,
    joined: Option<JoinReply>,
    synced: bool,
    member: Arc<str>,
    waits: Option<Token>,
}

/// The world of one seed.
struct World {
    bench: Bench,
    dice: Dice,
    clients: Vec<Client>,
    /// The leader of each generation.
    leaders: HashMap<(&'static str, i32), Arc<str>>,
    /// The highest generation seen since the last restart, which forgets unwritten ones.
    generations: HashMap<&'static str, i32>,
    /// The parts that the leader sent for a generation.
    parts: HashMap<(&'static str, i32), HashSet<Bytes>>,
    /// Commits sent and not answered: token, group and offset, in order.
    commits: Vec<(Token, &'static str, i64)>,
    /// What must be read.
    committed: HashMap<&'static str, i64>,
    next_offset: i64,
    config: GroupConfig,
}

impl World {
    fn new(seed: u64) -> Self {
        let config = GroupConfig { initial_rebalance_delay_ms: 500, ..GroupConfig::default() };
        let mut bench = Bench::new(config);
        bench.commits_at_once = false;
        let client = |number: usize| Client {
            group: GROUPS[number % GROUPS.len()],
            instance: (number.is_multiple_of(3)).then(|| format!("i{number}").into()),
            ..Client::default()
        };
        Self {
            bench,
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            clients: (0..CLIENTS * GROUPS.len()).map(client).collect(),
            leaders: HashMap::new(),
            generations: HashMap::new(),
            parts: HashMap::new(),
            commits: Vec::new(),
            committed: HashMap::new(),
            next_offset: 0,
            config,
        }
    }

    fn step(&mut self) {
        let who = self.dice.roll(self.clients.len() as u64) as usize;
        match self.dice.roll(40) {
            0..16 => self.proceed(who),
            16 => self.join(who),
            17 => self.sync(who),
            18..22 => self.beat(who),
            22 => self.leave(who),
            23..28 => self.commit(who),
            28..36 if !self.bench.under_way.is_empty() => self.bench.commit_next(),
            36 if !self.bench.under_way.is_empty() => {
                self.bench.fail_next(ErrorCode::KafkaStorageError);
            }
            37 if self.dice.roll(10) == 0 => self.bench.pass_ms(9_000),
            38 if self.dice.roll(10) == 0 => self.restart(),
            _ => {
                let ms = self.dice.roll(300);
                self.bench.pass_ms(ms);
            }
        }
        self.read_replies();
        self.check();
    }

    /// What a sensible client does next. The others' requests come on top.
    fn proceed(&mut self, who: usize) {
        let client = &self.clients[who];
        match &client.joined {
            _ if client.waits.is_some() => {}
            None => self.join(who),
            Some(_) if !client.synced => self.sync(who),
            Some(_) => self.beat(who),
        }
    }

    fn join(&mut self, who: usize) {
        let changes = self.dice.roll(4) == 0;
        let v4 = self.dice.roll(2) == 0;
        let names: &[&str] = if changes { &["sticky", "range"] } else { &["range"] };
        let metadata = subscription(&["topic"]);
        let client = &self.clients[who];
        let request = JoinGroup {
            member: client.member.clone(),
            instance: client.instance.clone(),
            protocols: names.iter().map(|name| protocol(name, &metadata)).collect(),
            rebalance_timeout_ms: 20_000,
            member_id_required: v4,
            can_skip_assignment: v4,
            ..join(client.group)
        };
        let token = self.bench.send(Request::Join(request));
        self.clients[who].waits = Some(token);
    }

    fn sync(&mut self, who: usize) {
        let client = self.clients[who].clone();
        let Some(joined) = client.joined else { return };
        let mut request = sync(client.group, &joined, &[]);
        request.instance = client.instance;
        if joined.leader == joined.member && !joined.skip_assignment {
            for member in &joined.members {
                let text = format!("{} {} {}", client.group, joined.generation, member.member);
                let assignment = Bytes::from(text);
                let key = (client.group, joined.generation);
                self.parts.entry(key).or_default().insert(assignment.clone());
                request.assignments.push(Assignment { member: member.member.clone(), assignment });
            }
        }
        self.clients[who].waits = Some(self.bench.send(Request::Sync(request)));
    }

    fn beat(&mut self, who: usize) {
        let client = self.clients[who].clone();
        let Some(joined) = client.joined else { return };
        let reply = self.bench.ask(Request::Heartbeat(Heartbeat {
            group: client.group.into(),
            member: joined.member,
            instance: client.instance,
            generation: joined.generation,
        }));
        let Reply::Heartbeat(error) = reply else { panic!("not the answer to a heartbeat") };
        self.forget_if_lost(who, error);
    }

    fn leave(&mut self, who: usize) {
        let client = std::mem::take(&mut self.clients[who]);
        self.clients[who] =
            Client { group: client.group, instance: client.instance.clone(), ..Client::default() };
        let members =
            vec![LeavingMember { member: client.member.clone(), instance: client.instance }];
        self.bench.send(Request::Leave(LeaveGroup { group: client.group.into(), members }));
    }

    fn commit(&mut self, who: usize) {
        let client = self.clients[who].clone();
        let Some(joined) = client.joined else { return };
        self.next_offset += 1;
        let offset = self.next_offset;
        let request = OffsetCommit {
            instance: client.instance,
            ..member_commit(client.group, &joined.member, joined.generation, offset)
        };
        let token = self.bench.send(Request::OffsetCommit(request));
        self.commits.push((token, client.group, offset));
    }

    /// The coordinator stops, with what it had not committed, and starts from the log.
    fn restart(&mut self) {
        let mut effects = Effects::default();
        self.bench.under_way.clear();
        self.bench.shard.unload(self.bench.now, &mut effects);
        self.bench.take(effects);
        self.read_replies();
        assert!(self.commits.is_empty(), "every commit is answered at the latest by unloading");
        let tokens = self.bench.tokens;
        self.bench = self.bench.restarted(self.config);
        self.bench.tokens = tokens;
        self.bench.commits_at_once = false;
        self.generations.clear();
        self.leaders.clear();
        self.parts.clear();
        for client in &mut self.clients {
            // Generations that were never written begin again, so what was said of them is void.
            client.joined = None;
            client.waits = None;
        }
    }

    fn forget_if_lost(&mut self, who: usize, error: ErrorCode) {
        let client = &mut self.clients[who];
        match error {
            ErrorCode::None => {}
            ErrorCode::RebalanceInProgress
            | ErrorCode::NotCoordinator
            | ErrorCode::IllegalGeneration => client.joined = None,
            _ => {
                client.joined = None;
                client.member = "".into();
            }
        }
    }

    fn read_replies(&mut self) {
        let replies = std::mem::take(&mut self.bench.replies);
        // Commits are answered in the order of the log.
        let mut still_open = Vec::new();
        for (token, group, offset) in std::mem::take(&mut self.commits) {
            match replies.get(&token) {
                None => still_open.push((token, group, offset)),
                Some(Reply::OffsetCommit(topics)) if topics[0].partitions[0].1.is_none() => {
                    self.committed.insert(group, offset);
                }
                Some(_) => {}
            }
        }
        self.commits = still_open;
        for (token, reply) in replies {
            let Some(who) = self.clients.iter().position(|one| one.waits == Some(token)) else {
                continue;
            };
            self.clients[who].waits = None;
            match reply {
                Reply::Join(joined) => self.read_join(who, joined),
                Reply::Sync(synced) => self.read_sync(who, synced),
                other => panic!("a client does not wait for {other:?}"),
            }
        }
    }

    fn read_join(&mut self, who: usize, joined: JoinReply) {
        if joined.error == ErrorCode::MemberIdRequired {
            self.clients[who].member = joined.member;
            return;
        }
        if !joined.error.is_none() {
            self.forget_if_lost(who, joined.error);
            return;
        }
        let group = self.clients[who].group;
        let newest = self.generations.entry(group).or_default();
        assert!(joined.generation >= *newest, "the generation of {group} never falls");
        *newest = joined.generation;
        if joined.leader == joined.member && !joined.members.is_empty() {
            let leader = self
                .leaders
                .entry((group, joined.generation))
                .or_insert_with(|| joined.leader.clone());
            let replaced = self.clients[who].instance.is_some();
            assert!(*leader == joined.leader || replaced, "a generation has one leader");
        }
        self.clients[who].member = joined.member.clone();
        self.clients[who].synced = false;
        self.clients[who].joined = Some(joined);
    }

    fn read_sync(&mut self, who: usize, synced: SyncReply) {
        if !synced.error.is_none() {
            self.forget_if_lost(who, synced.error);
            return;
        }
        self.clients[who].synced = true;
        let client = &self.clients[who];
        let Some(joined) = &client.joined else { return };
        if synced.assignment.is_empty() {
            return;
        }
        // A restart forgets what leaders sent; the generation still stands in the part itself.
        let text = String::from_utf8_lossy(&synced.assignment).into_owned();
        let prefix = format!("{} {} ", client.group, joined.generation);
        assert!(text.starts_with(&prefix), "{text} is not of generation {}", joined.generation);
        if let Some(parts) = self.parts.get(&(client.group, joined.generation)) {
            assert!(parts.contains(&synced.assignment), "{text} was never assigned");
        }
    }

    fn check(&mut self) {
        for group in GROUPS {
            if self.bench.state(group) == GroupState::Dead {
                // Nobody is a member of what was deleted, and it begins with generation 0 again.
                self.generations.remove(group);
                self.leaders.retain(|(of, _), _| *of != group);
                self.parts.retain(|(of, _), _| *of != group);
            }
            let expected = self.committed.get(group).copied().unwrap_or(-1);
            assert_eq!(
                self.bench.offset(group, "topic", 0),
                expected,
                "the offset moves by accepted commits only"
            );
        }
        self.check_restart();
    }

    /// What a restarted coordinator reads from the log.
    fn check_restart(&mut self) {
        if !self.bench.under_way.is_empty() || self.dice.roll(RESTART_CHECK_EVERY) != 0 {
            return;
        }
        let restarted = self.bench.restarted(self.config);
        for group in GROUPS {
            assert_eq!(restarted.offset(group, "topic", 0), self.bench.offset(group, "topic", 0));
            if self.bench.state(group) == GroupState::Stable {
                let live = self.bench.shard.describe_group(group).expect("it is stable");
                let read = restarted.shard.describe_group(group).expect("it is in the log");
                assert_eq!(live, read, "a stable group is in the log as it is");
            }
        }
    }
}

#[test]
fn invariants_hold_for_random_members_slow_logs_and_restarts() {
    let (mut stable_steps, mut commits) = (0, 0);
    for seed in 1..=SEEDS {
        let run = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            let mut stable_steps = 0;
            for _ in 0..STEPS {
                world.step();
                stable_steps += usize::from(world.bench.state("g") == GroupState::Stable);
            }
            (stable_steps, world.committed.len())
        });
        match run {
            Ok((stable, committed)) => {
                stable_steps += stable;
                commits += committed;
            }
            Err(cause) => {
                eprintln!("seed {seed} fails: World::new({seed}) in shard/tests/simulation.rs");
                std::panic::resume_unwind(cause);
            }
        }
    }
    // A simulation in which nothing happens would prove nothing.
    assert!(stable_steps > SEEDS as usize * STEPS / 20, "{stable_steps} stable steps");
    assert!(commits > SEEDS as usize, "{commits} groups with offsets");
}
