//! docs/benchmarks.md from the measured rounds: medians, with the ratio to Apache Kafka.

use std::fmt::Write;

use super::load::{Direction, LOADS, RECORD_BYTES, Throughput, Tool};
use super::{CONTENDERS, Contender, Round};

/// Which way a figure is better.
enum Better {
    Less,
    More,
}

pub(super) fn render(measured: &[Round], rounds: u32, records: u64, machine: &[String]) -> String {
    let mut text = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, which runs Klamm and Apache Kafka in turns on one \
         machine. Figures are medians",
    );
    let _ = writeln!(text, " of {rounds} round(s), each with fresh folders.\n");
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str(
        "\nOn one node Klamm's `acks=all` waits until the records are on the disk, which Kafka's does \
         not; `Klamm, page-cache` (`klamm.acks.all.durability=page-cache`) makes the promise that \
         Kafka makes. The clients run on the same machine and share its cores with the broker. The \
         ratio is Klamm's figure over Kafka's.\n",
    );
    starts_and_memory(&mut text, measured);
    throughput(&mut text, measured);
    commands(&mut text, records);
    text
}

fn starts_and_memory(text: &mut String, measured: &[Round]) {
    header(text, "Start and memory", "figure");
    let milliseconds = |time: std::time::Duration| time.as_secs_f64() * 1000.0;
    let mebibytes = |bytes: u64| bytes as f64 / 1_048_576.0;
    row(text, "start to first answer, empty folder, ms", measured, &Better::Less, |round| {
        milliseconds(round.first_answer)
    });
    row(text, "start to first answer, with data, ms", measured, &Better::Less, |round| {
        milliseconds(round.first_answer_again)
    });
    row(text, "resident memory, idle, MiB", measured, &Better::Less, |round| {
        mebibytes(round.idle.resident_bytes)
    });
    row(text, "resident memory, after the loads, MiB", measured, &Better::Less, |round| {
        mebibytes(round.after_load.resident_bytes)
    });
    row(text, "resident memory, most, MiB", measured, &Better::Less, |round| {
        mebibytes(round.after_load.resident_bytes_max)
    });
}

fn throughput(text: &mut String, measured: &[Round]) {
    header(text, "Throughput", "MB/s of payload");
    for (index, load) in LOADS.iter().enumerate() {
        let figure = |round: &Round| of(round, index, |load| load.megabytes_per_second);
        row(text, &load.name(), measured, &Better::More, figure);
    }
    header(text, "Processor time of the broker", "seconds per GB of payload");
    for (index, load) in LOADS.iter().enumerate() {
        let figure = |round: &Round| of(round, index, |load| load.broker_seconds_per_gigabyte);
        row(text, &load.name(), measured, &Better::Less, figure);
    }
}

fn of(round: &Round, index: usize, figure: impl Fn(&Throughput) -> f64) -> f64 {
    round.throughputs.get(index).map_or(f64::NAN, figure)
}

fn commands(text: &mut String, records: u64) {
    let _ = writeln!(
        text,
        "\n## Commands\n\nEach load is {records} records of {RECORD_BYTES} bytes into a topic of 4 \
         partitions, produced and consumed once, after half as many to warm up.\n\n```"
    );
    for load in LOADS {
        let tool = match (load.tool, load.direction) {
            (Tool::ApacheKafka | Tool::WarmUp, Direction::Produce) => {
                "bin/kafka-producer-perf-test.sh"
            }
            (Tool::ApacheKafka | Tool::WarmUp, Direction::Consume) => {
                "bin/kafka-consumer-perf-test.sh"
            }
            (Tool::Klamm, Direction::Produce) => "klamm producer-perf-test",
            (Tool::Klamm, Direction::Consume) => "klamm consumer-perf-test",
        };
        let _ = writeln!(text, "{tool} {}", load.arguments("HOST:PORT", records));
    }
    text.push_str("```\n");
}

fn header(text: &mut String, title: &str, figure: &str) {
    let _ = write!(text, "\n## {title}\n\n| {figure} |");
    for contender in CONTENDERS {
        let _ = write!(text, " {} |", contender.name());
    }
    text.push_str(" ratio | ratio, page-cache |\n|---|---:|---:|---:|---:|---:|\n");
}

fn row(
    text: &mut String,
    name: &str,
    measured: &[Round],
    better: &Better,
    figure: impl Fn(&Round) -> f64,
) {
    let of = |contender: Contender| {
        let rounds = measured.iter().filter(|round| round.contender == contender);
        median(rounds.map(&figure).collect())
    };
    let _ = write!(text, "| {name} |");
    for contender in CONTENDERS {
        let _ = write!(text, " {} |", number(of(contender)));
    }
    let kafka = of(Contender::ApacheKafka);
    for contender in [Contender::Klamm, Contender::KlammPageCache] {
        let ratio = of(contender) / kafka;
        let wins = match better {
            Better::Less => ratio <= 1.0,
            Better::More => ratio >= 1.0,
        };
        let mark = if wins { "" } else { " (behind)" };
        let _ = write!(text, " {ratio:.2}{mark} |");
    }
    text.push('\n');
}

/// Three digits that matter.
fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_lies_between_the_two_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), 3.0);
    }
}
