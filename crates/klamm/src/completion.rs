//! `klamm completion SHELL`: the script by which a shell completes commands and flags.

use std::ffi::OsString;
use std::process::ExitCode;

use tools::Shell;

use crate::help::COMMANDS;

pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    let wanted = match arguments {
        [word] => word.to_str(),
        _ => None,
    };
    let found = Shell::ALL.iter().find(|(name, _)| wanted == Some(name));
    let Some((_, shell)) = found else {
        eprintln!(
            "klamm completion takes the name of a shell: bash, zsh or fish.\n\n\
             \x20 bash:  source <(klamm completion bash)\n\
             \x20 zsh:   klamm completion zsh > ~/.zfunc/_klamm, with ~/.zfunc in fpath\n\
             \x20 fish:  klamm completion fish > ~/.config/fish/completions/klamm.fish"
        );
        return ExitCode::FAILURE;
    };
    print!("{}", tools::completion_script(*shell, COMMANDS));
    ExitCode::SUCCESS
}
