//! The page of a scrape: every metric of the table, read from the state there is.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use coordinator::SurveyedGroup;
use model::{ErrorCode, Offset};
use net::ConnectionLimits;

use super::page::Page;
use super::process;
use crate::Broker;
use crate::groups::Survey;
use crate::partition::PartitionFigures;

/// What `/metrics` says. May wait for disks, on a thread that may.
pub async fn metrics_page(broker: &Arc<Broker>, connections: &Arc<ConnectionLimits>) -> String {
    let turn = Arc::clone(&broker.figures().scraping).lock_owned().await;
    let series_max = broker.settings().http_metrics_series_max;
    let groups = broker.groups().survey(series_max).await;
    let (broker, connections) = (Arc::clone(broker), Arc::clone(connections));
    let write = move || {
        // Kept by the thread: one that hangs at a disk is not joined by another with each scrape.
        let _turn = turn;
        let mut page = Page::new(series_max);
        page.metric("klamm_build_info").sample(&[env!("CARGO_PKG_VERSION")], 1);
        requests(&mut page, &broker);
        connections_and_memory(&mut page, &broker, &connections);
        let partitions = Partitions::of(&broker);
        topics(&mut page, &broker, &partitions);
        logs(&mut page, &partitions);
        groups_and_lag(&mut page, &groups, &partitions);
        folders(&mut page, &broker);
        cleaner(&mut page, &broker);
        this_process(&mut page, &broker);
        let left_out = page.left_out();
        page.metric("klamm_metrics_series_left_out").sample(&[], left_out);
        page.finish()
    };
    tokio::task::spawn_blocking(write).await.unwrap_or_default()
}

fn requests(page: &mut Page, broker: &Broker) {
    let dispatch = broker.dispatch();
    let mut metric = page.metric("klamm_requests_total");
    for (api, figures) in dispatch.figures() {
        // A version that nobody speaks is no series; each API has at least one.
        let last = figures.by_version().map(|(version, _)| version).last();
        for (version, count) in figures.by_version() {
            if count > 0 || Some(version) == last {
                metric.sample(&[&format!("{api:?}"), &version.to_string()], count);
            }
        }
    }
    let mut metric = page.metric("klamm_request_errors_total");
    for (api, figures) in dispatch.figures() {
        for (code, count) in figures.errors.lock().iter() {
            let error = ErrorCode::from_code(*code).map_or("UNKNOWN", ErrorCode::name);
            metric.sample(&[&format!("{api:?}"), error], count);
        }
    }
    let refused = broker.figures().refused.load(Ordering::Relaxed);
    page.metric("klamm_requests_refused_total").sample(&[], refused);
    let mut metric = page.metric("klamm_request_bytes_total");
    for (api, figures) in dispatch.figures() {
        metric.sample(&[&format!("{api:?}")], figures.request_bytes.load(Ordering::Relaxed));
    }
    let mut metric = page.metric("klamm_response_bytes_total");
    for (api, figures) in dispatch.figures() {
        metric.sample(&[&format!("{api:?}")], figures.response_bytes.load(Ordering::Relaxed));
    }
    let mut metric = page.metric("klamm_request_duration_seconds");
    for (api, figures) in dispatch.figures() {
        // Histograms are long; those of APIs that nobody calls say nothing.
        if figures.by_version().any(|(_, count)| count > 0) {
            metric.histogram(&[&format!("{api:?}")], &figures.duration);
        }
    }
}

fn connections_and_memory(page: &mut Page, broker: &Broker, connections: &ConnectionLimits) {
    let counts = connections.counts();
    page.metric("klamm_connections").sample(&[], counts.open);
    page.metric("klamm_connections_accepted_total").sample(&[], counts.accepted);
    page.metric("klamm_connections_refused_total").sample(&[], counts.refused);
    let memory = &connections.memory;
    page.metric("klamm_request_memory_bytes").sample(&[], memory.used_bytes());
    page.metric("klamm_request_memory_max_bytes").sample(&[], memory.total_bytes());
    page.metric("klamm_fetch_sessions").sample(&[], broker.fetch_sessions_open());
}

/// The partitions of this node in numbers, by topic and partition.
struct Partitions {
    topics: BTreeMap<Arc<str>, BTreeMap<i32, PartitionFigures>>,
}

impl Partitions {
    fn of(broker: &Broker) -> Self {
        let mut topics: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for partition in broker.partitions().all() {
            let name = partition.topic_partition();
            let topic = topics.entry(Arc::clone(&name.topic)).or_default();
            topic.insert(name.partition.get(), partition.figures());
        }
        Self { topics }
    }

    fn all(&self) -> impl Iterator<Item = (&str, i32, &PartitionFigures)> {
        self.topics.iter().flat_map(|(topic, partitions)| {
            partitions.iter().map(move |(index, figures)| (&**topic, *index, figures))
        })
    }
}

fn topics(page: &mut Page, broker: &Broker, partitions: &Partitions) {
    let image = broker.image();
    page.metric("klamm_topics").sample(&[], image.topic_count());
    let (held, sound) = (partitions.all().count(), |f: &PartitionFigures| !f.has_failed);
    let sound = partitions.all().filter(|(_, _, figures)| sound(figures)).count();
    page.metric("klamm_partitions").sample(&[], held);
    let offline = image.partition_count().saturating_sub(sound);
    page.metric("klamm_partitions_offline").sample(&[], offline);
    let damaged = partitions.all().map(|(_, _, figures)| figures.damaged_batches).sum::<usize>();
    page.metric("klamm_damaged_batches").sample(&[], damaged);
    type Figure = fn(&PartitionFigures) -> u64;
    let metrics: [(&str, Figure); 3] = [
        ("klamm_topic_received_records_total", |f| f.appended_records),
        ("klamm_topic_received_bytes_total", |f| f.appended_bytes),
        ("klamm_topic_sent_bytes_total", |f| f.read_bytes),
    ];
    for (name, figure) in metrics {
        let mut metric = page.metric(name);
        for (topic, partitions) in &partitions.topics {
            metric.sample(&[topic], partitions.values().map(figure).sum::<u64>());
        }
    }
}

fn logs(page: &mut Page, partitions: &Partitions) {
    type Figure = fn(&PartitionFigures) -> i64;
    let metrics: [(&str, Figure); 5] = [
        ("klamm_partition_log_start_offset", |f| f.log_start_offset.get()),
        ("klamm_partition_log_end_offset", |f| f.log_end_offset.get()),
        ("klamm_partition_high_watermark", |f| f.high_watermark.get()),
        ("klamm_partition_size_bytes", |f| i64::try_from(f.size_bytes).unwrap_or(i64::MAX)),
        ("klamm_partition_segments", |f| i64::try_from(f.segments).unwrap_or(i64::MAX)),
    ];
    for (name, figure) in metrics {
        let mut metric = page.metric(name);
        for (topic, index, figures) in partitions.all() {
            metric.sample(&[topic, &index.to_string()], figure(figures));
        }
    }
}

fn groups_and_lag(page: &mut Page, survey: &Survey, partitions: &Partitions) {
    let mut states: BTreeMap<&str, usize> = ["Empty", "Stable"].map(|state| (state, 0)).into();
    states.extend(survey.by_state.iter().map(|(state, count)| (*state, *count)));
    let mut metric = page.metric("klamm_groups");
    for (state, count) in states {
        metric.sample(&[state], count);
    }
    page.metric("klamm_group_partitions_silent").sample(&[], survey.silent_shards);
    // An offset would have had a lag as well.
    page.leave_out((survey.groups_left_out + 2 * survey.offsets_left_out) as u64);
    let groups = &survey.groups;
    let mut metric = page.metric("klamm_group_members");
    for group in groups {
        metric.sample(&[&group.group], group.members);
    }
    let mut metric = page.metric("klamm_group_committed_offset");
    for (group, topic, index, offset) in committed(groups) {
        metric.sample(&[group, topic, &index.to_string()], offset);
    }
    let ends: HashMap<(&str, i32), Offset> = partitions
        .all()
        .map(|(topic, index, figures)| ((topic, index), figures.high_watermark))
        .collect();
    let mut metric = page.metric("klamm_group_lag");
    for (group, topic, index, offset) in committed(groups) {
        // A partition that is gone has no end to lag behind.
        if let Some(end) = ends.get(&(topic, index)) {
            metric.sample(&[group, topic, &index.to_string()], (end.get() - offset.get()).max(0));
        }
    }
}

fn committed(groups: &[SurveyedGroup]) -> impl Iterator<Item = (&str, &str, i32, Offset)> {
    groups.iter().flat_map(|group| {
        group
            .offsets
            .iter()
            .map(|(topic, index, offset)| (&*group.group, &**topic, index.get(), *offset))
    })
}

fn folders(page: &mut Page, broker: &Broker) {
    let folders = broker.partitions().folder_figures();
    let name = |path: &std::path::Path| path.display().to_string();
    let room = |path| rustix::fs::statvfs(path).ok();
    let mut metric = page.metric("klamm_log_folder_usable_bytes");
    for folder in &folders {
        if let Some(room) = room(folder.path) {
            metric.sample(&[&name(folder.path)], room.f_bavail.saturating_mul(room.f_frsize));
        }
    }
    let mut metric = page.metric("klamm_log_folder_total_bytes");
    for folder in &folders {
        if let Some(room) = room(folder.path) {
            metric.sample(&[&name(folder.path)], room.f_blocks.saturating_mul(room.f_frsize));
        }
    }
    let mut metric = page.metric("klamm_log_folder_failed");
    for folder in &folders {
        metric.sample(&[&name(folder.path)], u8::from(folder.has_failed));
    }
    let mut metric = page.metric("klamm_log_folder_sync_duration_seconds");
    for folder in &folders {
        if let Some(syncs) = folder.syncs {
            metric.histogram(&[&name(folder.path)], syncs);
        }
    }
}

fn cleaner(page: &mut Page, broker: &Broker) {
    let figures = broker.cleaner_figures();
    let last_run_seconds = figures.last_duration_ms as f64 / 1e3;
    page.metric("klamm_log_cleaner_runs_total").sample(&[], figures.runs);
    page.metric("klamm_log_cleaner_failed_runs_total").sample(&[], figures.failed_runs);
    page.metric("klamm_log_cleaner_read_bytes_total").sample(&[], figures.bytes_read);
    page.metric("klamm_log_cleaner_written_bytes_total").sample(&[], figures.bytes_written);
    page.metric("klamm_log_cleaner_last_run_seconds").sample(&[], last_run_seconds);
    let uncleanable = figures.uncleanable_partitions;
    page.metric("klamm_log_cleaner_uncleanable_partitions").sample(&[], uncleanable);
    page.metric("klamm_log_cleaner_max_dirty_ratio").sample(&[], figures.max_dirty_ratio);
}

fn this_process(page: &mut Page, broker: &Broker) {
    page.metric("klamm_clock_jumps_total").sample(&[], broker.partitions().clock().jumps());
    let figures = process::read();
    if let Some(seconds) = figures.cpu_seconds {
        page.metric("process_cpu_seconds_total").sample(&[], seconds);
    }
    if let Some(bytes) = figures.resident_bytes {
        page.metric("process_resident_memory_bytes").sample(&[], bytes);
    }
    if let Some(count) = figures.open_files {
        page.metric("process_open_fds").sample(&[], count);
    }
    if let Some(most) = figures.open_files_max {
        page.metric("process_max_fds").sample(&[], most);
    }
    let started = broker.figures().started.get() as f64 / 1e3;
    page.metric("process_start_time_seconds").sample(&[], started);
}
