//! The one binary: the node, and every tool, under its own name or under the name of Kafka's
//! scripts (`kafka-topics`, `kafka-topics.sh`).

mod advice;
mod completion;
mod daemon;
mod export;
mod folders;
mod help;
mod logging;
mod machine;
mod node;
mod pages;
mod run_class;
mod server_start;
mod server_stop;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os();
    let called_as = arguments.next().unwrap_or_default();
    let arguments: Vec<OsString> = arguments.collect();
    // A link or copy named after a tool is that tool.
    if let Some(name) = script_name(&called_as)
        && is_command(&name)
    {
        return run(&name, arguments);
    }
    let Some((first, rest)) = arguments.split_first() else {
        return server_start::without_file();
    };
    match first.to_string_lossy().as_ref() {
        "--help" | "-h" | "help" => help::print(),
        "--version" | "-V" | "version" => help::print_version(),
        name => {
            let name = command_name(name);
            if is_command(&name) {
                return run(&name, rest.to_vec());
            }
            help::unknown_command(&name)
        }
    }
}

fn run(command: &str, arguments: Vec<OsString>) -> ExitCode {
    match command {
        "server-start" => server_start::run(arguments),
        "server-stop" => server_stop::run(arguments),
        "export" => export::run(arguments),
        "run-class" => run_class::run(arguments),
        "completion" => completion::run(&arguments),
        tool => match tools::find(tool) {
            Some(tool) => tool.run(arguments),
            None => help::unknown_command(tool),
        },
    }
}

fn is_command(name: &str) -> bool {
    help::COMMANDS.iter().any(|command| command.name == name) || tools::find(name).is_some()
}

/// `kafka-topics.sh`, `kafka-topics.bat` and `kafka-topics` all mean `topics`.
fn command_name(text: &str) -> String {
    let name = text.trim_end_matches(".sh").trim_end_matches(".bat");
    name.strip_prefix("kafka-").unwrap_or(name).to_owned()
}

fn script_name(called_as: &OsString) -> Option<String> {
    Some(command_name(Path::new(called_as).file_name()?.to_str()?))
}
