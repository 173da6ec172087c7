//! `.log` and `.checkpoint` files: every batch in a line, its records if asked for, and where the
//! file is damaged.
//!
//! What is printed is what Kafka prints, so it ends at the first place where no batch can be told
//! from its neighbours; the file is looked through to its end all the same, for what can be saved.

use std::collections::BTreeMap;
use std::io::{self, Write};

use records::{BatchBody, UNCOMPRESSED_BYTES_MAX};

use super::batch::{Found, FoundBatch, find};
use super::control;
use super::damage::{After, Damage, Search};
use super::decoders::Decoder;
use super::source::Source;

/// How many damaged places and gaps of offsets are remembered of a file; there may be one in every
/// few bytes.
const REMEMBERED_MAX: usize = 10_000;

/// What is printed of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// Whether records are looked at.
    pub(super) deep: bool,
    /// Whether keys and values are printed, and how.
    pub(super) contents: Option<Decoder>,
    /// Whether the numbers of each record and control records are left out.
    pub(super) skips_metadata: bool,
    /// How many bytes are looked at.
    pub(super) bytes_max: Option<u64>,
    /// Whether printing goes on after damage.
    pub(super) skips_damage: bool,
}

/// What was found out about a segment.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Damaged places in the order of their positions.
    pub(super) damage: Vec<Damage>,
    /// Damaged places that were not remembered.
    pub(super) more_damage: u64,
    /// Whether there is something readable that was not printed.
    pub(super) is_cut_short: bool,
    /// Offsets that are followed by another than the next.
    pub(super) gaps: BTreeMap<i64, i64>,
}

/// Prints a segment called `name`.
pub(super) fn dump(
    name: &str,
    source: &impl Source,
    view: View,
    out: &mut impl Write,
) -> io::Result<Findings> {
    let end = view.bytes_max.map_or(source.length(), |max| max.min(source.length()));
    let mut walk = Walk {
        name,
        source,
        view,
        out,
        end,
        position: 0,
        is_silent: false,
        told_rest: false,
        last_whole: None,
        last_offset: -1,
        open: None,
        search: Search::default(),
        findings: Findings::default(),
    };
    while walk.step()? {}
    Ok(walk.findings)
}

struct Walk<'a, S, W> {
    name: &'a str,
    source: &'a S,
    view: View,
    out: &'a mut W,
    end: u64,
    position: u64,
    /// Nothing is printed any more.
    is_silent: bool,
    told_rest: bool,
    /// The last offset of the last batch that was whole.
    last_whole: Option<i64>,
    /// The last offset of the last record that was looked at; -1 before the first, as in Kafka.
    last_offset: i64,
    /// Damage whose end is not known yet.
    open: Option<Damage>,
    search: Search,
    findings: Findings,
}

impl<S: Source, W: Write> Walk<'_, S, W> {
    /// Goes on by one batch; whether there may be more.
    fn step(&mut self) -> io::Result<bool> {
        match find(self.source, self.position, self.end)? {
            Found::Batch(batch) => {
                let size = batch.bytes.len() as u64;
                // The way may lead back to behind the beginning of damage, so it is counted there.
                if self.open.is_some() && !self.search.may_sum(size) {
                    self.close(After::Unknown(self.position));
                    return Ok(false);
                }
                self.batch(&batch)?;
                self.position += size;
                Ok(true)
            }
            Found::Rest if self.position == self.end => {
                self.close(After::End(self.end));
                Ok(false)
            }
            // What --max-bytes cuts off is not damaged.
            Found::Rest | Found::CutOff { .. } if self.end < self.source.length() => {
                self.close(After::End(self.end));
                Ok(false)
            }
            Found::Rest => self.unreadable("the last bytes are too few for a batch".into(), true),
            Found::CutOff { length } => self.unreadable(
                format!("a batch with a length of {length} bytes runs over the end of the file"),
                true,
            ),
            Found::Garbage(reason) => self.unreadable(reason, false),
        }
    }

    fn batch(&mut self, batch: &FoundBatch) -> io::Result<()> {
        let head = &batch.head;
        if !self.is_silent {
            let line = head.line(self.position, batch.bytes.len(), batch.damage.is_none());
            self.out.write_all(line.as_bytes())?;
        }
        let mut damage = batch.damage.clone();
        if damage.is_none()
            && let Some(last) = self.last_whole
            && head.base_offset <= last
        {
            damage = Some(format!("offset {} comes after offset {last}", head.base_offset));
        }
        if damage.is_none() {
            self.close(After::Batch { position: self.position, base_offset: head.base_offset });
        }
        if self.view.deep
            && let Err(error) = self.records(batch)?
        {
            damage = damage.or(Some(error));
        }
        if let Some(reason) = damage {
            self.open(self.position, reason);
        }
        // The CRC does not cover the offset, so after a wrong one the next may be right.
        if batch.damage.is_none() {
            self.last_whole = Some(head.last_offset());
        }
        Ok(())
    }

    /// Looks at the records of a batch; the inner error says why they cannot be read.
    fn records(&mut self, batch: &FoundBatch) -> io::Result<Result<(), String>> {
        let body = match BatchBody::decode(&batch.bytes, UNCOMPRESSED_BYTES_MAX) {
            Ok(body) => body,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let mut crcs = body.message_crcs();
        for record in body.records() {
            let crc = crcs.next();
            let record = match record {
                Ok(record) => record,
                Err(error) => return Ok(Err(error.to_string())),
            };
            let offset = record.offset.get();
            if offset != self.last_offset.wrapping_add(1)
                && self.findings.gaps.len() < REMEMBERED_MAX
            {
                self.findings.gaps.insert(self.last_offset, offset);
            }
            self.last_offset = offset;
            if self.is_silent {
                continue;
            }
            if !self.view.skips_metadata {
                self.metadata(batch, &record)?;
                if let Some((crc, is_valid)) = crc {
                    write!(self.out, " isValid: {is_valid} crc: {crc}")?;
                }
                if batch.head.is_control() {
                    match control::text(&record) {
                        Ok(text) => self.out.write_all(text.as_bytes())?,
                        Err(error) => return self.out.write_all(b"\n").map(|()| Err(error)),
                    }
                }
            }
            if let Some(decoder) = self.view.contents
                && !batch.head.is_control()
            {
                let shown = decoder.show(&record).to_string();
                let prefix = if self.view.skips_metadata { "| " } else { " " };
                if !shown.is_empty() {
                    write!(self.out, "{prefix}{shown}")?;
                }
            }
            writeln!(self.out)?;
        }
        Ok(Ok(()))
    }

    fn metadata(&mut self, batch: &FoundBatch, record: &records::RecordView<'_>) -> io::Result<()> {
        let size = |bytes: Option<&[u8]>| bytes.map_or(-1, |bytes| bytes.len() as i64);
        write!(
            self.out,
            "| offset: {} {}: {} keySize: {} valueSize: {}",
            record.offset,
            batch.head.timestamp_type(),
            record.timestamp.get(),
            size(record.key),
            size(record.value),
        )?;
        if batch.head.is_old() {
            return Ok(());
        }
        let (sequence, headers) = (record.sequence.get(), record.headers);
        let headers: Vec<&str> = headers.map(|(key, _)| key).collect();
        write!(self.out, " sequence: {sequence} headerKeys: [{}]", headers.join(","))
    }

    /// No batch can be told here. Looks for the next one behind the beginning of the damage, whose
    /// length may have been wrong. Kafka prints how much is left, unless the length is absurd.
    fn unreadable(&mut self, reason: String, tells_rest: bool) -> io::Result<bool> {
        if tells_rest && !self.told_rest && !self.is_silent && self.view.bytes_max.is_none() {
            let left = self.end - self.position;
            writeln!(self.out, "Found {left} invalid bytes at the end of {}", self.name)?;
        }
        self.told_rest = true;
        self.is_silent = !self.view.skips_damage;
        self.open(self.position, reason);
        let from = self.open.as_ref().map_or(self.position, |damage| damage.position) + 1;
        let after = self.search.next_batch(self.source, from, self.end, self.last_whole)?;
        match after {
            After::Batch { position, .. } => {
                self.findings.is_cut_short |= self.is_silent;
                self.position = position;
                Ok(true)
            }
            After::End(_) | After::Unknown(_) => {
                self.close(after);
                Ok(false)
            }
        }
    }

    fn open(&mut self, position: u64, reason: String) {
        if self.open.is_none() {
            let last_whole = self.last_whole;
            self.open = Some(Damage { position, reason, last_whole, after: After::End(self.end) });
        }
    }

    fn close(&mut self, after: After) {
        if let Some(damage) = self.open.take() {
            if self.findings.damage.len() < REMEMBERED_MAX {
                self.findings.damage.push(Damage { after, ..damage });
            } else {
                self.findings.more_damage += 1;
            }
        }
    }
}
