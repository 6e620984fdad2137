//! Completions of shells and man pages of both programs, made of the same descriptions as `--help`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

use super::daemon::Oored;
use super::operator::Oore;
use super::terminal::pass_exactly;

/// A shell that completes commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Completed {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, Args)]
pub struct Completions {
    shell: Completed,
}

#[derive(Debug, Args)]
pub struct Man {
    /// Folder for the pages; it is made if it isn't there.
    folder: PathBuf,
}

/// Prints the completions of `program`.
pub fn completions<C: CommandFactory>(request: &Completions, program: &str) -> anyhow::Result<()> {
    let shell = match request.shell {
        Completed::Bash => Shell::Bash,
        Completed::Zsh => Shell::Zsh,
        Completed::Fish => Shell::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut C::command(), program, &mut script);
    pass_exactly(&script);
    Ok(())
}

/// Writes a page for each command of both programs.
pub fn man(request: &Man) -> anyhow::Result<()> {
    let folder: &Path = &request.folder;
    let named = || folder.display().to_string();
    std::fs::create_dir_all(folder).with_context(named)?;
    clap_mangen::generate_to(Oore::command(), folder).with_context(named)?;
    clap_mangen::generate_to(Oored::command(), folder).with_context(named)
}
