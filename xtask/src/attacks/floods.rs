//! The attacks. Each does its worst for a few seconds and says what it was answered.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};

use super::held::{CONNECTIONS, DURATION, connections};
use super::wire::{self, Client, Frame};
use super::{TOPIC, batch, held};

/// How long a connection is watched that has to be closed.
const CLOSED_TIME_MAX: Duration = Duration::from_secs(30);

/// CORRUPT_MESSAGE, MESSAGE_TOO_LARGE or INVALID_RECORD.
const BOMB_REFUSED: [Option<&[u8]>; 3] = [Some(&[0, 2]), Some(&[0, 10]), Some(&[0, 87])];

/// Error 81, the answer to a member too many.
const GROUP_MAX_SIZE_REACHED: [u8; 2] = [0, 81];

/// One way to hurt a node.
pub(super) struct Attack {
    pub(super) name: &'static str,
    /// The configuration that bounds it.
    pub(super) bound: &'static str,
    /// Memory beyond that of the quiet node which the bound allows, in MiB.
    pub(super) memory_mib: u64,
    /// Runs against this address for the first time, or again; says how much was done and what came
    /// back.
    pub(super) run: fn(&str, usize) -> Result<String>,
}

pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        name: "slow readers: ask for 2 GiB again and again and take nothing",
        bound: "fetch.max.bytes, connections.max.idle.ms",
        memory_mib: 64,
        run: slow_readers,
    },
    Attack {
        name: "slow readers of an old format: what is converted for them is kept in memory",
        bound: "64 MiB for all such answers; who stands still for 3 s while others wait is closed",
        memory_mib: 160,
        run: slow_old_readers,
    },
    Attack {
        name: "slow writers: claim 16 MiB, send a little, then a byte at a time",
        bound: "queued.max.request.bytes, connections.max.idle.ms",
        memory_mib: 96,
        run: slow_writers,
    },
    Attack {
        name: "half-open: connect and say nothing",
        bound: "max.connections, connections.max.idle.ms",
        memory_mib: 32,
        run: half_open,
    },
    Attack {
        name: "connection flood: connect and leave as fast as possible",
        bound: "max.connections, max.connections.per.ip",
        memory_mib: 32,
        run: connection_flood,
    },
    Attack {
        name: "more connections than allowed",
        bound: "max.connections.per.ip",
        memory_mib: 64,
        run: too_many_connections,
    },
    Attack {
        name: "a million tiny requests, answers not taken in between",
        bound: "queued.max.request.bytes; a connection has one answer under way",
        memory_mib: 48,
        run: tiny_requests,
    },
    Attack {
        name: "a length that claims all memory",
        bound: "socket.request.max.bytes",
        memory_mib: 16,
        run: absurd_lengths,
    },
    Attack {
        name: "arrays whose counts claim all memory",
        bound: "counts are held against the bytes that are there",
        memory_mib: 16,
        run: absurd_counts,
    },
    Attack {
        name: "decompression bomb: 1 MiB that becomes 1 GiB",
        bound: "max.decompressed.message.bytes, and two conversions at once",
        memory_mib: 192,
        run: bomb,
    },
    Attack { name: "flood of groups", bound: "klamm.groups.max", memory_mib: 64, run: groups },
    Attack {
        name: "flood of members in one group",
        bound: "group.max.size",
        memory_mib: 64,
        run: members,
    },
    Attack { name: "flood of topics", bound: "klamm.partitions.max", memory_mib: 96, run: topics },
];

fn until_over(mut work: impl FnMut() -> Result<()>) -> Result<()> {
    let end = Instant::now() + DURATION;
    while Instant::now() < end {
        work()?;
    }
    Ok(())
}

/// Whether the other side ends the connection, after all that it sent.
fn is_closed(stream: &mut TcpStream) -> bool {
    let _ = stream.set_read_timeout(Some(CLOSED_TIME_MAX));
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => {
                use std::io::ErrorKind::{TimedOut, WouldBlock};
                return !matches!(error.kind(), WouldBlock | TimedOut);
            }
        }
    }
}

fn slow_readers(address: &str, _: usize) -> Result<String> {
    const BATCH_BYTES: usize = 512 << 10;
    let mut honest = Client::connect(address)?;
    let large = wire::produce(TOPIC, &batch::plain(BATCH_BYTES));
    for _ in 0..super::FETCH_BYTES_MAX * 3 / 2 / BATCH_BYTES {
        honest.ask(&large)?;
    }
    let fetch = wire::fetch(TOPIC, i32::MAX);
    let came = honest.ask(&fetch)?.len();
    let expected = BATCH_BYTES..super::FETCH_BYTES_MAX + 1024;
    ensure!(expected.contains(&came), "2 GiB were asked for, {came} bytes came");
    held::write_until_closed(address, &|_, sent| &fetch[sent % fetch.len()..])
}

/// Beside them an honest consumer of that age reads the same, and is timed.
fn slow_old_readers(address: &str, _: usize) -> Result<String> {
    let mut filler = Client::connect(address)?;
    let large = wire::produce(TOPIC, &batch::plain(512 << 10));
    for _ in 0..16 {
        filler.ask(&large)?;
    }
    let fetch = wire::fetch_old(TOPIC, 8 << 20);
    let mut open = connections(address, CONNECTIONS);
    for stream in &mut open {
        let _ = stream.write_all(&fetch);
    }
    let honest_fetch = wire::fetch_old(TOPIC, 1 << 20);
    let mut honest = Client::connect(address)?;
    let (mut served, mut empty, mut longest) = (0, 0, Duration::ZERO);
    until_over(|| {
        let asked = Instant::now();
        let answer = honest.ask(&honest_fetch)?;
        longest = longest.max(asked.elapsed());
        // Without records there are a few numbers and the name of the topic.
        if answer.len() > 200 {
            served += 1
        } else {
            empty += 1
        }
        std::thread::sleep(Duration::from_millis(20));
        Ok(())
    })?;
    ensure!(served > 0, "an honest consumer of an old format was not served");
    let open = open.len();
    Ok(format!(
        "{open} answers not taken; an old consumer beside them had {served} with records and \
         {empty} without, the longest wait {longest:.1?}"
    ))
}

fn slow_writers(address: &str, _: usize) -> Result<String> {
    /// All of them together send far more than `queued.max.request.bytes` before they slow down.
    const AT_ONCE: usize = 512 << 10;
    let mut request = (super::REQUEST_BYTES_MAX as i32).to_be_bytes().to_vec();
    request.extend(Frame::new(wire::PRODUCE, 3).finish().split_off(4));
    request.resize(AT_ONCE, 0);
    held::write_until_closed(address, &|_, sent| match request.get(sent..) {
        Some(rest) if !rest.is_empty() => rest,
        _ => &[0],
    })
}

fn half_open(address: &str, _: usize) -> Result<String> {
    let mut open = connections(address, CONNECTIONS);
    let closed = open.iter_mut().filter_map(|stream| is_closed(stream).then_some(())).count();
    ensure!(closed == open.len(), "{} of {} are still open", open.len() - closed, open.len());
    Ok(format!("{closed} connections, all closed as idle"))
}

fn connection_flood(address: &str, _: usize) -> Result<String> {
    /// As many as the ports of this machine, each of which rests after its use, allow.
    const CONNECT_PACE: Duration = Duration::from_micros(200);
    const CONNECT_TIME_MAX: Duration = Duration::from_millis(50);
    let address = address.parse()?;
    let mut count = 0u64;
    until_over(|| {
        // A queue that is full would have the system try again in a second.
        count += u64::from(TcpStream::connect_timeout(&address, CONNECT_TIME_MAX).is_ok());
        std::thread::sleep(CONNECT_PACE);
        Ok(())
    })?;
    Ok(format!("{count} connections came and went"))
}

fn too_many_connections(address: &str, _: usize) -> Result<String> {
    let mut open = Vec::new();
    let mut served = 0;
    // Each is asked before the next one comes, and stays.
    for _ in 0..super::CONNECTIONS_MAX * 2 {
        let Ok(mut stream) = TcpStream::connect(address) else { continue };
        let asked = stream.write_all(&wire::api_versions());
        let mut length = [0; 4];
        served += usize::from(asked.is_ok() && stream.read_exact(&mut length).is_ok());
        open.push(stream);
    }
    ensure!(served <= super::CONNECTIONS_MAX, "{served} were served");
    ensure!(served >= super::CONNECTIONS_MAX / 2, "only {served} were served");
    Ok(format!("{} tried, {served} served, the others closed", super::CONNECTIONS_MAX * 2))
}

fn tiny_requests(address: &str, _: usize) -> Result<String> {
    const REQUESTS: usize = 1_000_000;
    const AT_ONCE: usize = 1000;
    let many = wire::api_versions().repeat(AT_ONCE);
    let reader = Client::connect(address)?.into_stream();
    let mut writer = reader.try_clone()?;
    writer.set_write_timeout(Some(Duration::from_secs(60)))?;
    let sender = std::thread::spawn(move || -> Result<()> {
        for _ in 0..REQUESTS / AT_ONCE {
            writer.write_all(&many)?;
        }
        Ok(())
    });
    // Nothing is read for a while: the node must not gather answers without end.
    std::thread::sleep(Duration::from_secs(1));
    let mut reader = std::io::BufReader::with_capacity(1 << 20, reader);
    let mut length = [0; 4];
    let mut body = vec![0; 1 << 16];
    for _ in 0..REQUESTS {
        reader.read_exact(&mut length)?;
        let size = i32::from_be_bytes(length) as usize;
        ensure!(size <= body.len(), "an answer of {size} bytes");
        reader.read_exact(&mut body[..size])?;
    }
    sender.join().map_err(|_| anyhow::anyhow!("the sender panicked"))??;
    Ok(format!("{REQUESTS} requests, all answered"))
}

fn absurd_lengths(address: &str, _: usize) -> Result<String> {
    let mut refused = 0;
    for length in [i32::MAX, i32::MIN, -1, 0, 104_857_601, 1 << 30] {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(&length.to_be_bytes())?;
        let _ = stream.write_all(&[0; 64]);
        ensure!(is_closed(&mut stream), "a length of {length} was not refused");
        refused += 1;
    }
    Ok(format!("{refused} lengths, each ended its connection"))
}

fn absurd_counts(address: &str, _: usize) -> Result<String> {
    let claims = [
        Frame::new(wire::METADATA, 1).i32(i32::MAX),
        Frame::new(wire::CREATE_TOPICS, 0).i32(i32::MAX),
        Frame::new(wire::FETCH, 4).i32(-1).i32(0).i32(1).i32(1).i8(0).i32(i32::MAX),
        Frame::new(wire::PRODUCE, 3).i16(-1).i16(1).i32(1).i32(1).text("t").i32(i32::MAX),
        Frame::new(wire::JOIN_GROUP, 0).text("g").i32(1).text("").text("c").i32(i32::MAX),
    ];
    let count = claims.len();
    for claim in claims {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(&claim.finish())?;
        ensure!(is_closed(&mut stream), "a count was believed");
    }
    Ok(format!("{count} kinds of request, each ended its connection"))
}

fn bomb(address: &str, _: usize) -> Result<String> {
    let bomb = wire::produce(super::RECOMPRESSED_TOPIC, &batch::bomb(1 << 30)?);
    let mut clients: Vec<Client> =
        (0..4).map(|_| Client::connect(address)).collect::<Result<_>>()?;
    let mut tried = 0;
    until_over(|| {
        for client in &mut clients {
            client.send(&bomb)?;
        }
        for client in &mut clients {
            let answer = client.receive()?;
            // topics, name, partitions, index: then the code
            let at = 4 + 2 + super::RECOMPRESSED_TOPIC.len() + 4 + 4;
            let code = answer.get(at..at + 2);
            ensure!(BOMB_REFUSED.contains(&code), "the bomb was answered with {code:?}");
            tried += 1;
        }
        Ok(())
    })?;
    Ok(format!("{tried} bombs, each refused"))
}

/// Sends joins of distinct groups and counts answers with and without an error.
fn groups(address: &str, round: usize) -> Result<String> {
    let (mut joined, mut refused) = (0, 0);
    let mut client = Client::connect(address)?;
    for number in 0..super::GROUPS_MAX * 2 {
        let answer = client.ask(&wire::join_group(&format!("flood-{round}-{number}")))?;
        if answer.starts_with(&[0, 0]) { joined += 1 } else { refused += 1 }
    }
    let expected = refused > 0 && (joined > 0 || round > 0);
    ensure!(expected, "{joined} groups joined, {refused} were refused");
    Ok(format!("{joined} groups joined, {refused} refused"))
}

fn members(address: &str, round: usize) -> Result<String> {
    let frame = wire::join_group(&format!("crowd-{round}"));
    let mut open = Vec::new();
    for _ in 0..super::MEMBERS_MAX * 2 {
        let mut client = Client::connect(address)?;
        client.send(&frame)?;
        open.push(client);
    }
    // The first one is a group by itself at once. The others are answered when it has not come back
    // within its session, so that as many as may join wait together.
    let (mut joined, mut refused) = (0, 0);
    for mut client in open {
        match client.receive()?.first_chunk() {
            Some([0, 0]) => joined += 1,
            Some(&GROUP_MAX_SIZE_REACHED) => refused += 1,
            other => bail!("a member was answered with {other:?}"),
        }
    }
    let expected = joined == 1 + super::MEMBERS_MAX && refused == super::MEMBERS_MAX - 1;
    ensure!(expected, "{joined} members joined, {refused} were refused");
    Ok(format!("{} members tried, {refused} refused", super::MEMBERS_MAX * 2))
}

fn topics(address: &str, round: usize) -> Result<String> {
    const AT_ONCE: usize = 100;
    let mut client = Client::connect(address)?;
    let (mut created, mut refused) = (0, 0);
    for part in 0..super::PARTITIONS_MAX * 2 / AT_ONCE {
        let names: Vec<String> =
            (0..AT_ONCE).map(|number| format!("flood-{round}-{part}-{number}")).collect();
        let answer = client.ask(&wire::create_topics(&names))?;
        let mut rest = answer.get(4..).unwrap_or_default();
        while let [high, low, after @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let Some(code) = after.get(length..length + 2) else { break };
            if code == [0, 0] {
                created += 1
            } else {
                refused += 1
            }
            rest = &after[length + 2..];
        }
    }
    ensure!(refused > 0, "no topic was refused");
    Ok(format!("{created} topics created, {refused} refused"))
}
