//! Scripts by which shells complete commands and flags, made from the tables of the tools.

use crate::options::{Flag, Takes, in_dashes};
use crate::{TOOLS, Tool};

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
}

impl Shell {
    /// Every shell, by its name.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("bash", Self::Bash), ("zsh", Self::Zsh), ("fish", Self::Fish)];
}

/// A command of the binary that is none of [`TOOLS`].
#[derive(Debug, Clone, Copy)]
pub struct OwnCommand {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Whether Kafka has a script of that name.
    pub is_script: bool,
    /// Words that it takes, with what they mean.
    pub words: &'static [(&'static str, &'static str)],
}

/// Something that can be typed.
struct Word {
    text: String,
    help: String,
    takes_value: bool,
}

/// A command with what can follow it.
struct Command {
    name: &'static str,
    summary: &'static str,
    /// Whether Kafka has a script of that name.
    is_script: bool,
    flags: Vec<Word>,
    commands: Vec<Word>,
}

impl Command {
    fn of_tool(tool: &Tool) -> Self {
        let flags = tool.command_line.all().map(|flag| word(flag, in_dashes(flag.name)));
        let commands = tool.command_line.commands().map(|one| word(one, one.name.to_owned()));
        Self {
            name: tool.name,
            summary: tool.summary,
            is_script: tool.is_script(),
            flags: flags.collect(),
            commands: commands.collect(),
        }
    }

    fn of_own(own: &OwnCommand) -> Self {
        let word = |(text, help): &(&str, &str)| Word {
            text: (*text).to_owned(),
            help: (*help).to_owned(),
            takes_value: false,
        };
        let (flags, commands) = own.words.iter().partition(|(text, _)| text.starts_with('-'));
        let words = |list: Vec<&(&str, &str)>| list.into_iter().map(word).collect();
        Self {
            name: own.name,
            summary: own.summary,
            is_script: own.is_script,
            flags: words(flags),
            commands: words(commands),
        }
    }

    /// The names under which it can be called by itself.
    fn scripts(&self) -> Vec<String> {
        if self.is_script {
            vec![format!("kafka-{}", self.name), format!("kafka-{}.sh", self.name)]
        } else {
            Vec::new()
        }
    }
}

fn word(flag: &Flag, text: String) -> Word {
    let takes_value = !matches!(flag.takes, Takes::Nothing | Takes::Command);
    Word { text, help: flag.help.to_owned(), takes_value }
}

/// The script of a shell; `own` are the commands beside the tools.
pub fn script(shell: Shell, own: &[OwnCommand]) -> String {
    let mut commands: Vec<Command> = own.iter().map(Command::of_own).collect();
    commands.extend(TOOLS.iter().map(Command::of_tool));
    match shell {
        Shell::Bash => bash(&commands),
        Shell::Zsh => zsh(&commands),
        Shell::Fish => fish(&commands),
    }
}

fn texts(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

fn bash(commands: &[Command]) -> String {
    let names: Vec<&str> = commands.iter().map(|command| command.name).collect();
    let mut text =
        String::from("# Completion of klamm and of Kafka's scripts for bash.\n_klamm() {\n");
    text.push_str(
        "  local word=${COMP_WORDS[COMP_CWORD]} tool=${COMP_WORDS[0]##*/} flags= words=\n",
    );
    text.push_str("  COMPREPLY=()\n  if [ \"$tool\" = klamm ]; then\n");
    text.push_str("    if [ \"$COMP_CWORD\" -eq 1 ]; then\n");
    text.push_str(&format!(
        "      COMPREPLY=($(compgen -W \"{}\" -- \"$word\"))\n      return\n    fi\n",
        names.join(" ")
    ));
    text.push_str(
        "    tool=${COMP_WORDS[1]}\n  fi\n  tool=${tool#kafka-}\n  case ${tool%.sh} in\n",
    );
    for command in commands {
        text.push_str(&format!(
            "    {}) flags=\"{}\" words=\"{}\" ;;\n",
            command.name,
            texts(&command.flags),
            texts(&command.commands)
        ));
    }
    text.push_str("  esac\n  case $word in\n");
    text.push_str("    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$word\")) ;;\n");
    text.push_str(
        "    *) COMPREPLY=($(compgen -W \"$words\" -- \"$word\") $(compgen -f -- \"$word\")) ;;\n",
    );
    let scripts: Vec<String> = commands.iter().flat_map(Command::scripts).collect();
    text.push_str(&format!(
        "  esac\n}}\ncomplete -o filenames -F _klamm klamm {}\n",
        scripts.join(" ")
    ));
    text
}

/// Text within single quotes.
fn quoted(text: &str) -> String {
    text.replace('\'', "'\\''")
}

fn zsh(commands: &[Command]) -> String {
    let scripts: Vec<String> = commands.iter().flat_map(Command::scripts).collect();
    let mut text = format!("#compdef klamm {}\n", scripts.join(" "));
    text.push_str("# Completion of klamm and of Kafka's scripts for zsh.\n_klamm() {\n");
    text.push_str("  local tool=${words[1]:t}\n  if [[ $tool == klamm ]]; then\n");
    text.push_str("    if (( CURRENT == 2 )); then\n      local -a commands=(\n");
    for command in commands {
        text.push_str(&format!("        '{}:{}'\n", command.name, quoted(command.summary)));
    }
    text.push_str("      )\n      _describe command commands\n      return\n    fi\n");
    text.push_str("    shift words\n    (( CURRENT-- ))\n    tool=${words[1]}\n  fi\n");
    text.push_str("  tool=${tool#kafka-}\n  case ${tool%.sh} in\n");
    // Brackets end a description, and a colon begins the value.
    let plain = |help: &str| quoted(&help.replace(['[', ']'], "|").replace(':', "\\:"));
    for command in commands {
        text.push_str(&format!("    {})\n      _arguments \\\n", command.name));
        for flag in &command.flags {
            let value = if flag.takes_value { ":value:_files" } else { "" };
            text.push_str(&format!("        '*{}[{}]{value}' \\\n", flag.text, plain(&flag.help)));
        }
        let words = texts(&command.commands);
        let rest = if words.is_empty() { "_files".to_owned() } else { format!("({words})") };
        text.push_str(&format!("        '*:word:{rest}'\n      ;;\n"));
    }
    text.push_str("  esac\n}\n_klamm \"$@\"\n");
    text
}

fn fish(commands: &[Command]) -> String {
    let mut text = String::from("# Completion of klamm and of Kafka's scripts for fish.\n");
    for command in commands {
        let (name, summary) = (command.name, quoted(command.summary));
        text.push_str(&format!(
            "complete -c klamm -n __fish_use_subcommand -f -a {name} -d '{summary}'\n"
        ));
        let mut places = vec![format!("-c klamm -n '__fish_seen_subcommand_from {name}'")];
        places.extend(command.scripts().iter().map(|script| format!("-c {script}")));
        for place in places {
            for word in &command.commands {
                let help = quoted(&word.help);
                text.push_str(&format!("complete {place} -a {} -d '{help}'\n", word.text));
            }
            for flag in &command.flags {
                let bare = flag.text.trim_start_matches('-');
                let kind = match flag.text.starts_with("--") {
                    true => "-l",
                    false if bare.len() == 1 => "-s",
                    false => "-o",
                };
                let value = if flag.takes_value { " -r" } else { "" };
                let help = quoted(&flag.help);
                text.push_str(&format!("complete {place} {kind} {bare}{value} -d '{help}'\n"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command as Process, Stdio};

    use super::*;

    const OWN: &[OwnCommand] = &[OwnCommand {
        name: "server-start",
        summary: "run a node",
        is_script: true,
        words: &[("-daemon", "in the background")],
    }];

    #[test]
    fn every_command_and_flag_is_in_the_script_of_every_shell() {
        for (name, shell) in Shell::ALL {
            let script = script(*shell, OWN);
            for tool in TOOLS {
                assert!(script.contains(tool.name), "{name}: {}", tool.name);
                for flag in tool.command_line.all() {
                    assert!(script.contains(flag.name), "{name}: {} {}", tool.name, flag.name);
                }
            }
            assert!(script.contains("daemon"), "{name}");
        }
    }

    /// What bash offers for the last of some words.
    #[cfg(unix)]
    fn offered(words: &str) -> Vec<String> {
        let mut text = script(Shell::Bash, OWN);
        let last = words.split(' ').count() - 1;
        text.push_str(&format!(
            "COMP_WORDS=({})\nCOMP_CWORD={last}\n_klamm\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            words.split(' ').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ")
        ));
        let mut bash = Process::new("bash");
        bash.arg("-s").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut bash = bash.spawn().unwrap();
        bash.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = bash.wait_with_output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(String::from).collect()
    }

    #[cfg(unix)]
    #[test]
    fn bash_offers_commands_then_their_flags() {
        assert_eq!(offered("klamm topi"), ["topics"]);
        assert_eq!(offered("klamm topics --under-r"), ["--under-replicated-partitions"]);
        assert_eq!(offered("/opt/bin/kafka-topics.sh --exclude"), ["--exclude-internal"]);
        assert_eq!(offered("klamm storage random"), ["random-uuid"]);
        assert_eq!(offered("klamm server-start -da"), ["-daemon"]);
    }
}
