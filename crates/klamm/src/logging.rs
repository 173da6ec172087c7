//! Log lines, to standard output and to `server.log`.
//!
//! The file lies in `LOG_DIR`, else in `logs/` beside the `bin/` of an unpacked archive, else there
//! is none. It is rotated by size and the total is bounded, since an SD card fills.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tracing::Level;
use tracing::field::{Field, Visit};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt as format_layer};

/// Size at which `server.log` is set aside.
const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// How many files set aside are kept: with the current one at most 100 MiB in all.
const FILES_KEPT: u32 = 9;
/// What may be set to another filter, such as `debug` or `broker=trace`.
const FILTER_VARIABLE: &str = "KLAMM_LOG";

/// How much is told on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Console {
    /// Everything that goes to the log.
    All,
    /// Warnings and errors only: somebody is looking at a greeting.
    Warnings,
    /// Nothing: it goes to a file that nobody bounds, beside the log.
    Nothing,
}

/// Starts logging; returns the file that is written, if there is one.
pub(crate) fn start(console: Console) -> io::Result<Option<PathBuf>> {
    let filter = EnvFilter::try_from_env(FILTER_VARIABLE)
        .unwrap_or_else(|_| EnvFilter::new("info,openraft=warn"));
    let console_level = match console {
        Console::All => LevelFilter::TRACE,
        Console::Warnings => LevelFilter::WARN,
        Console::Nothing => LevelFilter::OFF,
    };
    let to_console = format_layer::layer().event_format(Line).with_filter(console_level);
    let directory = directory();
    let rotating = match &directory {
        Some(directory) => Some(RotatingFile::open(directory)?),
        None => None,
    };
    let path = rotating.as_ref().map(|file| file.path.clone());
    let to_file = rotating.map(|file| {
        let writer = SharedFile(Arc::new(Mutex::new(file)));
        format_layer::layer().event_format(Line).with_ansi(false).with_writer(writer)
    });
    tracing_subscriber::registry().with(filter).with(to_console).with(to_file).init();
    Ok(path)
}

/// Where log files belong.
pub(crate) fn directory() -> Option<PathBuf> {
    if let Some(directory) = std::env::var_os("LOG_DIR").filter(|directory| !directory.is_empty()) {
        return Some(directory.into());
    }
    let binary = std::env::current_exe().ok()?.canonicalize().ok()?;
    let root = binary.parent()?;
    root.join("bin/kafka-server-start.sh").is_file().then(|| root.join("logs"))
}

/// Kafka's look of a line: `[2026-11-21 14:00:00,123] INFO what happened field=value (source)`.
struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &tracing::Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let now = jiff::Zoned::now();
        let level = match *metadata.level() {
            Level::ERROR => "ERROR",
            Level::WARN => "WARN",
            Level::INFO => "INFO",
            Level::DEBUG => "DEBUG",
            Level::TRACE => "TRACE",
        };
        write!(writer, "[{}] {level} ", now.strftime("%Y-%m-%d %H:%M:%S,%3f"))?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        write!(writer, "{}{}", fields.message, fields.rest)?;
        writeln!(writer, " ({})", metadata.target())
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    rest: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        use fmt::Write as _;
        // Writing into a string cannot fail.
        let _ = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.rest, " {}={value:?}", field.name())
        };
    }
}

/// `server.log`, set aside as `server.log.1`, `server.log.2` and so on as it grows.
#[derive(Debug)]
struct RotatingFile {
    path: PathBuf,
    file: File,
    length: u64,
}

impl RotatingFile {
    fn open(directory: &Path) -> io::Result<Self> {
        let explain = |error: io::Error| {
            let hint = "set LOG_DIR to a folder that this user may write to";
            io::Error::new(error.kind(), format!("{}: {error}; {hint}", directory.display()))
        };
        fs::create_dir_all(directory).map_err(explain)?;
        let path = directory.join("server.log");
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(explain)?;
        let length = file.metadata()?.len();
        Ok(Self { path, file, length })
    }

    fn aside(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..FILES_KEPT).rev() {
            match fs::rename(self.aside(number), self.aside(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, self.aside(1))?;
        self.file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        self.length = 0;
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A file that cannot be set aside is written on: losing lines would be worse.
        if self.length >= FILE_BYTES_MAX && self.rotate().is_err() {
            self.length = 0;
        }
        let written = self.file.write(bytes)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[derive(Clone)]
struct SharedFile(Arc<Mutex<RotatingFile>>);

impl Write for SharedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).flush()
    }
}

impl MakeWriter<'_> for SharedFile {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_files_are_rotated_by_size_and_bounded_in_number() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = RotatingFile::open(folder.path()).unwrap();
        for _ in 0..FILES_KEPT + 3 {
            file.length = FILE_BYTES_MAX;
            file.write_all(b"line\n").unwrap();
        }
        let count = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(count as u32, FILES_KEPT + 1);
    }
}
