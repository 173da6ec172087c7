//! `version-2` of a ZooKeeper that is stopped: its newest whole snapshot, and the logs after it.

use std::path::{Path, PathBuf};

use bytes::{Buf, Bytes};
use storage::fs::{FileSystem, read_file};

use super::jute::{JuteError, adler32, take_buffer};
use super::tree::Tree;
use crate::error::AdoptionError;

const FOLDER: &str = "version-2";
const SNAPSHOT_MAGIC: &[u8] = b"ZKSN";
const LOG_MAGIC: &[u8] = b"ZKLG";
/// Magic, version and database id.
const HEADER_BYTES: usize = 4 + 4 + 8;
/// The term of the leader stands in the upper bits of a transaction's number.
const TERM_SHIFT: u32 = 32;
/// Stands behind each transaction.
const END_OF_RECORD: u8 = b'B';

/// Reads what the folders hold: `dataDir`, and `dataLogDir` where that is another.
pub(super) fn read(
    file_system: &dyn FileSystem,
    folders: &[PathBuf],
) -> Result<Tree, AdoptionError> {
    let (mut snapshots, mut logs) = (Vec::new(), Vec::new());
    for folder in folders {
        let inner = folder.join(FOLDER);
        let exists = file_system.exists(&inner).map_err(AdoptionError::io("look up", &inner))?;
        let folder = if exists { inner } else { folder.clone() };
        let entries = file_system.list(&folder).map_err(AdoptionError::io("list", &folder))?;
        for entry in entries.into_iter().filter(|entry| !entry.is_directory) {
            let path = folder.join(&entry.name);
            if let Some(name) = entry.name.strip_prefix("snapshot.") {
                match zxid(name) {
                    Some(zxid) => snapshots.push((zxid, path)),
                    None => return Err(refused(compressed(&path))),
                }
            } else if let Some(zxid) = entry.name.strip_prefix("log.").and_then(zxid) {
                logs.push((zxid, path));
            }
        }
    }
    snapshots.sort_unstable();
    logs.sort_unstable();
    if logs.is_empty() {
        let places: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        return Err(refused(format!(
            "there are no logs of ZooKeeper (log.*) in {}: name the folder of dataDir in \
             zoo.cfg, and that of dataLogDir as well where there is one",
            places.join(" and ")
        )));
    }
    let mut tree = newest_snapshot(file_system, &snapshots, &logs)?;
    let start = tree.last_zxid;
    let first =
        logs.partition_point(|(zxid, _)| *zxid <= start.saturating_add(1)).saturating_sub(1);
    for (at, (zxid, path)) in logs.iter().enumerate().skip(first) {
        if is_gap(tree.last_zxid, *zxid) {
            return Err(refused(format!(
                "the data of ZooKeeper is not whole: after transaction {:x} comes {}, and the logs \
                 (log.*) in between are in none of the folders named: name that of dataLogDir in zoo.cfg \
                 as well, or copy all of its files",
                tree.last_zxid,
                path.display()
            )));
        }
        replay(file_system, path, at + 1 == logs.len(), &mut tree)?;
    }
    Ok(tree)
}

/// Whether transactions are missing between one and the first of a log. Within the term of a leader
/// they are numbered without gaps, those that failed as well; where a term ended is not known.
fn is_gap(last: i64, first: i64) -> bool {
    first >> TERM_SHIFT == last >> TERM_SHIFT && first > last.saturating_add(1)
}

fn zxid(name: &str) -> Option<i64> {
    i64::from_str_radix(name, 16).ok()
}

fn refused(reason: String) -> AdoptionError {
    AdoptionError::Refused(vec![reason])
}

fn compressed(path: &Path) -> String {
    format!(
        "{} is compressed, which this version of Klamm does not read: start ZooKeeper once more \
         without -Dzookeeper.snapshot.compression.method, so that it writes another, and move this \
         one aside",
        path.display()
    )
}

/// A snapshot that was being written when ZooKeeper was killed has no end; the one before it counts.
fn newest_snapshot(
    file_system: &dyn FileSystem,
    snapshots: &[(i64, PathBuf)],
    logs: &[(i64, PathBuf)],
) -> Result<Tree, AdoptionError> {
    let mut damage = None;
    for (zxid, path) in snapshots.iter().rev() {
        match read_snapshot(&contents(file_system, path)?) {
            Ok(mut tree) => {
                tree.last_zxid = *zxid;
                return Ok(tree);
            }
            Err(reason) => damage = Some((path, reason)),
        }
    }
    match damage {
        // Without any snapshot the logs must begin at the beginning.
        None if logs.first().is_some_and(|(zxid, _)| *zxid <= 1) => Ok(Tree::default()),
        None => Err(refused(
            "there is no snapshot of ZooKeeper, and its logs do not begin at the \
             beginning: restore the folder from a backup"
                .to_owned(),
        )),
        Some((path, reason)) => Err(damaged(path, 0, reason)),
    }
}

fn contents(file_system: &dyn FileSystem, path: &Path) -> Result<Bytes, AdoptionError> {
    let contents = read_file(file_system, path).map_err(AdoptionError::io("read", path))?;
    Ok(contents.unwrap_or_default().into())
}

fn damaged(path: &Path, position: u64, reason: impl std::fmt::Display) -> AdoptionError {
    refused(format!(
        "the data of ZooKeeper is damaged: {} at position {position}: {reason}; start ZooKeeper on it \
         once more, stop it, and try again",
        path.display()
    ))
}

fn read_snapshot(contents: &Bytes) -> Result<Tree, String> {
    if !contents.starts_with(SNAPSHOT_MAGIC) || contents.len() < HEADER_BYTES {
        return Err("it is no snapshot".to_owned());
    }
    let mut rest = contents.slice(HEADER_BYTES..);
    let tree = Tree::from_snapshot(&mut rest).map_err(|error| error.to_string())?;
    let length = contents.len() - rest.len();
    let sum = rest.try_get_i64().map_err(|error| error.to_string())?;
    match contents.get(..length).map(adler32) {
        Some(found) if i64::from(found) == sum => Ok(tree),
        _ => Err("its sum is wrong".to_owned()),
    }
}

/// Applies a log. The last one may end in the middle of what was being written.
fn replay(
    file_system: &dyn FileSystem,
    path: &Path,
    is_last: bool,
    tree: &mut Tree,
) -> Result<(), AdoptionError> {
    let whole = contents(file_system, path)?;
    if whole.len() < HEADER_BYTES && is_last {
        return Ok(());
    }
    if !whole.starts_with(LOG_MAGIC) || whole.len() < HEADER_BYTES {
        return Err(damaged(path, 0, "it is no log of ZooKeeper"));
    }
    let mut rest = whole.slice(HEADER_BYTES..);
    loop {
        let position = (whole.len() - rest.len()) as u64;
        let before = rest.clone();
        match take_transaction(&mut rest) {
            Ok(Some(transaction)) => {
                tree.apply(transaction).map_err(|error| damaged(path, position, error))?;
            }
            Ok(None) => return Ok(()),
            Err(_) if is_last && !holds_a_transaction(&before) => return Ok(()),
            Err(reason) => return Err(damaged(path, position, reason)),
        }
    }
}

/// The next transaction; none where the file ends, or goes on with the zeros it was filled with.
fn take_transaction(rest: &mut Bytes) -> Result<Option<Bytes>, String> {
    if rest.is_empty() {
        return Ok(None);
    }
    let sum = rest.try_get_i64().map_err(|error| error.to_string())?;
    let sum = u32::try_from(sum).map_err(|_| "the sum of a transaction is none".to_owned())?;
    let transaction = take_buffer(rest).map_err(|error: JuteError| error.to_string())?;
    if transaction.is_empty() && sum == 0 {
        return Ok(None);
    }
    let end = rest.try_get_u8().map_err(|error| error.to_string())?;
    if end != END_OF_RECORD || adler32(&transaction) != sum {
        return Err("the sum of a transaction is wrong".to_owned());
    }
    Ok(Some(transaction))
}

/// Whether a whole transaction stands anywhere behind the first byte: then what stands before it is
/// not cut off, but damaged.
fn holds_a_transaction(rest: &Bytes) -> bool {
    (1..rest.len()).any(|start| matches!(take_transaction(&mut rest.slice(start..)), Ok(Some(_))))
}
