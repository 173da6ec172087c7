//! The clients that report: what each is asked for, when it may report, and what it reported last.
//!
//! Time is an argument that never goes back. A client is known by the id that it was given; what is
//! known of it is forgotten a while after its last request, and sooner when there are too many.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Weak};

use config::{ClientAttribute, ClientMatch, ClientMetricsConfig};
use model::{ErrorCode, Timestamp, Uuid};

use crate::otlp::{MetricValue, MetricsReport, Series};

/// The most clients that are known at once, as in Kafka.
pub const INSTANCES_MAX: usize = 16_384;
/// The most memory that the values of all clients take together, as far as it is counted: names,
/// labels and values.
const VALUES_BYTES_MAX: usize = 16 * 1024 * 1024;
/// What a series takes besides its texts, roughly.
const SERIES_BYTES: usize = 128;
/// How often clients report unless a subscription says so.
const INTERVAL_MS: i32 = 300_000;
/// A client that is silent for so many intervals is forgotten, but not before `SILENCE_MS_MIN`.
const SILENT_INTERVALS: u64 = 3;
const SILENCE_MS_MIN: u64 = 60_000;
/// So many forgotten clients at most are cleared away at each request.
const FORGET_AT_ONCE: usize = 16;
/// Stands for every metric.
const ALL_METRICS: &str = "*";

/// One subscription in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    interval_ms: i32,
    clients: ClientMatch,
    metrics: Vec<String>,
}

impl Subscription {
    /// Takes over a subscription's configuration.
    pub fn new(config: &ClientMetricsConfig) -> Self {
        Self {
            interval_ms: config.interval_ms,
            clients: config.clients.clone(),
            metrics: config.metrics.clone(),
        }
    }
}

/// Who asks: what a request and its connection tell.
#[derive(Clone)]
pub struct Client {
    /// What it calls itself.
    pub client_id: String,
    /// The name of its library.
    pub software_name: String,
    /// The version of its library.
    pub software_version: String,
    /// Where it comes from.
    pub address: IpAddr,
    /// And through which port.
    pub port: u16,
    /// Upgrades as long as its connection is open.
    pub connection: Weak<dyn Any + Send + Sync>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.client_id, self.address, self.port)
    }
}

/// What a client is told of its subscriptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Its id, new if it had none.
    pub instance_id: Uuid,
    /// What it is to repeat with every report: another when the subscriptions change.
    pub subscription_id: i32,
    /// How the names of the metrics begin that it is to report; none for nothing.
    pub metrics: Vec<String>,
    /// How often it is to report.
    pub interval_ms: i32,
}

/// Why a client is not told its subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GetError {
    /// It asked not long ago.
    #[error("the client asked before its interval was over")]
    TooSoon,
}

impl GetError {
    /// The code for the client.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::TooSoon => ErrorCode::ThrottlingQuotaExceeded,
        }
    }
}

/// A report as it comes in, before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Push {
    /// Whose.
    pub instance_id: Uuid,
    /// What the client was told with its subscriptions.
    pub subscription_id: i32,
    /// Whether it is the client's last.
    pub terminating: bool,
    /// Whether the way in which it is compressed is known.
    pub is_compression_known: bool,
    /// How many bytes it has.
    pub bytes: usize,
    /// `telemetry.max.bytes`.
    pub bytes_max: usize,
}

/// Why a report is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    /// The id is none that a client can have.
    #[error("the id of the client is reserved")]
    ReservedId,
    /// The client said before that it would report no more.
    #[error("the client had sent its last report")]
    Terminated,
    /// It reported not long ago.
    #[error("the client reported before its interval was over")]
    TooSoon,
    /// The subscriptions have changed, or are not known here.
    #[error("the client's subscription is not the one in force")]
    UnknownSubscription,
    /// It is compressed in a way that there is not.
    #[error("the report is compressed in an unknown way")]
    UnknownCompression,
    /// It is larger than `telemetry.max.bytes`.
    #[error("the report is too large")]
    TooLarge,
    /// It cannot be decompressed or read.
    #[error("the report cannot be read")]
    Unreadable,
}

impl PushError {
    /// The code for the client.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::ReservedId | Self::Terminated => ErrorCode::InvalidRequest,
            Self::TooSoon => ErrorCode::ThrottlingQuotaExceeded,
            Self::UnknownSubscription => ErrorCode::UnknownSubscriptionId,
            Self::UnknownCompression => ErrorCode::UnsupportedCompressionType,
            Self::TooLarge => ErrorCode::TelemetryTooLarge,
            Self::Unreadable => ErrorCode::InvalidRecord,
        }
    }
}

/// What one client reported last, to be shown.
#[derive(Debug, Clone)]
pub struct ClientMetrics {
    /// The client's id.
    pub instance_id: Uuid,
    /// Who it is.
    pub client: Client,
    /// When it reported.
    pub received_at: Timestamp,
    /// What it said of itself, such as its group.
    pub labels: BTreeMap<String, String>,
    /// The values; sums count from when this node first saw them.
    pub series: Arc<Vec<Series>>,
    /// Values that were left out, as they were too many.
    pub left_out: usize,
}

#[derive(Debug)]
struct Instance {
    client: Client,
    assignment: Assignment,
    /// The version of the subscriptions that the assignment follows from.
    version: u64,
    last_get: Option<u64>,
    last_push: Option<u64>,
    terminating: bool,
    /// What it was told last, which may allow it to ask at once.
    last_error: Option<PushError>,
    /// Its place in the order of use.
    used: u64,
    forget_at: u64,
    reported: Option<ClientMetrics>,
    bytes: usize,
}

/// Every client that is known, and the subscriptions.
#[derive(Debug, Default)]
pub struct ClientInstances {
    subscriptions: BTreeMap<Arc<str>, Subscription>,
    /// Grows with every change of the subscriptions.
    version: u64,
    instances: HashMap<Uuid, Instance>,
    /// The least recently used first.
    order: BTreeMap<u64, Uuid>,
    uses: u64,
    /// What all reported values take together.
    bytes: usize,
}

impl ClientInstances {
    /// Puts a subscription in force, or ends it.
    pub fn set_subscription(&mut self, name: &Arc<str>, subscription: Option<Subscription>) {
        let changed = match subscription {
            Some(new) => self.subscriptions.insert(Arc::clone(name), new.clone()) != Some(new),
            None => self.subscriptions.remove(name).is_some(),
        };
        self.version += u64::from(changed);
    }

    /// Tells a client its subscriptions. `fresh_id` is a random id for one that has none yet.
    pub fn get(
        &mut self,
        now: u64,
        instance_id: Uuid,
        fresh_id: Uuid,
        client: &Client,
    ) -> Result<Assignment, GetError> {
        let id = if instance_id.is_zero() { fresh_id } else { instance_id };
        let instance = self.touch(now, id, client);
        let last = instance.last_get.max(instance.last_push);
        // What it was told asks it to look at its subscriptions anew.
        let is_sent_here = matches!(
            instance.last_error,
            Some(PushError::UnknownSubscription | PushError::UnknownCompression)
        );
        if is_over(last, now, instance.assignment.interval_ms) {
            instance.last_get = Some(now);
        } else if !is_sent_here {
            return Err(GetError::TooSoon);
        }
        instance.last_error = None;
        Ok(instance.assignment.clone())
    }

    /// Says whether a report may be taken, before anybody reads it.
    pub fn check_push(&mut self, now: u64, push: &Push, client: &Client) -> Result<(), PushError> {
        if is_reserved(push.instance_id) {
            return Err(PushError::ReservedId);
        }
        let instance = self.touch(now, push.instance_id, client);
        let outcome = instance.check_push(now, push);
        instance.terminating = push.terminating;
        instance.last_error = outcome.err();
        outcome
    }

    /// Notes that a report could not be read.
    pub fn unreadable(&mut self, instance_id: Uuid) {
        if let Some(instance) = self.instances.get_mut(&instance_id) {
            instance.last_error = Some(PushError::Unreadable);
        }
    }

    /// Keeps the values of a report in place of those before it.
    pub fn store(&mut self, received_at: Timestamp, instance_id: Uuid, report: MetricsReport) {
        let Some(instance) = self.instances.get_mut(&instance_id) else { return };
        let MetricsReport { labels, mut series, left_out } = report;
        if let Some(before) = &instance.reported {
            add_up(&before.series, &mut series);
        } else {
            add_up(&[], &mut series);
        }
        self.bytes -= instance.bytes;
        instance.bytes = labels_size(&labels) + series.iter().map(size).sum::<usize>();
        self.bytes += instance.bytes;
        instance.reported = Some(ClientMetrics {
            instance_id,
            client: instance.client.clone(),
            received_at,
            labels,
            series: Arc::new(series),
            left_out,
        });
        let mut order = self.order.values();
        while self.bytes > VALUES_BYTES_MAX
            && let Some(id) = order.next()
        {
            let Some(oldest) = self.instances.get_mut(id) else { continue };
            self.bytes -= std::mem::take(&mut oldest.bytes);
            oldest.reported = None;
        }
    }

    /// What the clients reported that are not forgotten by `now`.
    pub fn reported(&self, now: u64) -> Vec<ClientMetrics> {
        let known = self.instances.values().filter(|instance| instance.forget_at > now);
        let mut reported: Vec<_> = known.filter_map(|instance| instance.reported.clone()).collect();
        reported.sort_by_key(|metrics| metrics.instance_id);
        reported
    }

    /// The client of this id, known from here on, with its subscriptions brought up to date.
    fn touch(&mut self, now: u64, id: Uuid, client: &Client) -> &mut Instance {
        self.forget(now);
        let known = self.instances.remove(&id).filter(|known| known.forget_at > now);
        let is_current = known.as_ref().is_some_and(|known| {
            // As in Kafka, a client that came back through another connection begins anew.
            known.version == self.version && known.client.connection.upgrade().is_some()
        });
        let mut instance = match known {
            Some(known) if is_current => known,
            known => {
                let (reported, bytes, used) = match known {
                    Some(known) => (known.reported, known.bytes, Some(known.used)),
                    None => (None, 0, None),
                };
                if let Some(used) = used {
                    self.order.remove(&used);
                }
                self.begin(id, client, reported, bytes)
            }
        };
        self.order.remove(&instance.used);
        self.uses += 1;
        instance.used = self.uses;
        let interval_ms = u64::try_from(instance.assignment.interval_ms).unwrap_or(0);
        instance.forget_at = now + SILENCE_MS_MIN.max(SILENT_INTERVALS * interval_ms);
        self.order.insert(instance.used, id);
        self.instances.entry(id).insert_entry(instance).into_mut()
    }

    fn begin(
        &self,
        instance_id: Uuid,
        client: &Client,
        reported: Option<ClientMetrics>,
        bytes: usize,
    ) -> Instance {
        let (metrics, interval_ms) = self.asked_of(instance_id, client);
        let subscription_id = subscription_id(&metrics, interval_ms, instance_id);
        let assignment = Assignment { instance_id, subscription_id, metrics, interval_ms };
        Instance {
            client: client.clone(),
            assignment,
            version: self.version,
            last_get: None,
            last_push: None,
            terminating: false,
            last_error: None,
            used: 0,
            forget_at: 0,
            reported,
            bytes,
        }
    }

    /// What all the subscriptions together want of a client: the metrics of each, at the shortest
    /// interval.
    fn asked_of(&self, id: Uuid, client: &Client) -> (Vec<String>, i32) {
        let (id, address) = (id.to_string(), client.address.to_string());
        let port = client.port.to_string();
        let value_of = |attribute| {
            Some(match attribute {
                ClientAttribute::InstanceId => id.as_str(),
                ClientAttribute::ClientId => client.client_id.as_str(),
                ClientAttribute::SoftwareName => client.software_name.as_str(),
                ClientAttribute::SoftwareVersion => client.software_version.as_str(),
                ClientAttribute::SourceAddress => address.as_str(),
                ClientAttribute::SourcePort => port.as_str(),
            })
        };
        let mut metrics: BTreeSet<&str> = BTreeSet::new();
        let mut interval_ms = INTERVAL_MS;
        for subscription in self.subscriptions.values() {
            if subscription.clients.is_match(value_of) {
                metrics.extend(subscription.metrics.iter().map(String::as_str));
                interval_ms = interval_ms.min(subscription.interval_ms);
            }
        }
        if metrics.contains(ALL_METRICS) {
            return (vec![ALL_METRICS.to_owned()], interval_ms);
        }
        (metrics.into_iter().map(str::to_owned).collect(), interval_ms)
    }

    /// Clears away who was silent for too long, and, for one more, who was silent longest.
    fn forget(&mut self, now: u64) {
        for _ in 0..FORGET_AT_ONCE {
            let Some((&used, &id)) = self.order.first_key_value() else { return };
            let is_silent = self.instances.get(&id).is_none_or(|it| it.forget_at <= now);
            if !is_silent && self.instances.len() < INSTANCES_MAX {
                return;
            }
            self.order.remove(&used);
            if let Some(forgotten) = self.instances.remove(&id) {
                self.bytes -= forgotten.bytes;
            }
        }
    }
}

impl Instance {
    fn check_push(&mut self, now: u64, push: &Push) -> Result<(), PushError> {
        if self.terminating {
            return Err(PushError::Terminated);
        }
        // The first report after the subscriptions may come at any time, since clients spread theirs.
        let is_first = self.last_get > self.last_push;
        if is_first || is_over(self.last_push, now, self.assignment.interval_ms) {
            self.last_push = Some(now);
        } else if !push.terminating {
            return Err(PushError::TooSoon);
        }
        if push.subscription_id != self.assignment.subscription_id {
            return Err(PushError::UnknownSubscription);
        }
        if !push.is_compression_known {
            return Err(PushError::UnknownCompression);
        }
        if push.bytes > push.bytes_max {
            return Err(PushError::TooLarge);
        }
        Ok(())
    }
}

fn is_over(last: Option<u64>, now: u64, interval_ms: i32) -> bool {
    let interval_ms = u64::try_from(interval_ms).unwrap_or(0);
    last.is_none_or(|last| now.saturating_sub(last) >= interval_ms)
}

/// Ids that stand for something else: none, and Kafka's two reserved ones.
fn is_reserved(id: Uuid) -> bool {
    let mut one = [0; 16];
    one[15] = 1;
    id.is_zero() || id == Uuid::from_bytes(one)
}

/// The same for the same subscriptions on every node, and another when anything of them changes.
fn subscription_id(metrics: &[String], interval_ms: i32, instance_id: Uuid) -> i32 {
    // FNV-1a, with a separator that no text contains.
    let texts = metrics.iter().flat_map(|metric| metric.bytes().chain([0xff]));
    let bytes = texts.chain(interval_ms.to_be_bytes()).chain(*instance_id.as_bytes());
    let hash =
        bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    hash as i32
}

/// Makes sums out of differences: each is added to the value before it.
fn add_up(before: &[Series], series: &mut [Series]) {
    let mut sums: HashMap<(&str, &BTreeMap<String, String>), f64> = HashMap::new();
    for earlier in before {
        if let MetricValue::Total { value, .. } = earlier.value {
            sums.insert((&earlier.name, &earlier.labels), value);
        }
    }
    for new in series {
        if let MetricValue::Delta { value, is_monotonic } = new.value {
            let before = sums.get(&(new.name.as_str(), &new.labels)).copied().unwrap_or(0.0);
            new.value = MetricValue::Total { value: before + value, is_monotonic };
        }
    }
}

fn size(series: &Series) -> usize {
    SERIES_BYTES + series.name.len() + series.unit.len() + labels_size(&series.labels)
}

fn labels_size(labels: &BTreeMap<String, String>) -> usize {
    labels.iter().map(|(key, value)| SERIES_BYTES + key.len() + value.len()).sum()
}

#[cfg(test)]
mod tests;
