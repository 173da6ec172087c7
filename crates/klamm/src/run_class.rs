//! `klamm run-class CLASS ...`, as `kafka-run-class.sh`: a tool by the name of its class in Kafka.

use std::ffi::OsString;
use std::process::ExitCode;

use tools::CLASSES;

/// Runs what the class stands for. Options of Kafka's script for its Java machine are passed over,
/// but for `-daemon`, which the node knows itself.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let mut words = arguments.into_iter();
    let mut rest: Vec<OsString> = Vec::new();
    let class = loop {
        let Some(word) = words.next() else {
            eprintln!("klamm run-class needs the name of a class.\n{}", known());
            return ExitCode::FAILURE;
        };
        match word.to_str() {
            Some("-name") => _ = words.next(),
            Some("-loggc") => {}
            Some("-daemon") => rest.push(word),
            Some("--help" | "-h") => {
                print!("Usage: klamm run-class CLASS [OPTION]...\n\n{}", known());
                return ExitCode::SUCCESS;
            }
            _ => break word.to_string_lossy().into_owned(),
        }
    };
    rest.extend(words);
    match tools::command_of_class(&class) {
        Some(command) => crate::run(command, rest),
        None => {
            eprintln!("There is no class {class} here: Klamm is no Java program.\n{}", known());
            ExitCode::FAILURE
        }
    }
}

/// The classes, with the commands that do their work.
fn known() -> String {
    let mut text = String::from("The classes that are known, and the command for each:\n");
    for (class, command) in CLASSES {
        text.push_str(&format!("  {class:<64}{command}\n"));
    }
    text
}
