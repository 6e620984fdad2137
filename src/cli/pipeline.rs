//! `oore pipeline`: checks pipeline files by the rules of the daemon, and prints their schema.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use super::failure::{Exit, Failure};
use super::terminal::{plain, say};
use crate::domain::text::plural;
use crate::pipeline::diagnostic::Diagnostic;
use crate::pipeline::parse::{self, PipelineFile};
use crate::pipeline::schema::SCHEMA;

#[derive(Debug, Subcommand)]
pub enum PipelineCommand {
    /// Check a pipeline file: exit code 1 if something is wrong with it.
    Validate {
        #[arg(default_value = ".oore.yaml")]
        path: PathBuf,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of pipeline files, for editors.
    Schema,
}

pub fn run(command: PipelineCommand) -> anyhow::Result<()> {
    match command {
        PipelineCommand::Validate { path, json } => validate(&path, json),
        PipelineCommand::Schema => {
            say(SCHEMA.trim_end());
            Ok(())
        }
    }
}

fn validate(path: &Path, json: bool) -> anyhow::Result<()> {
    let found = match read(path)? {
        Ok(_) => Vec::new(),
        Err(found) => found,
    };
    if json {
        say(json!({"path": path, "valid": found.is_empty(), "diagnostics": found}));
    } else if found.is_empty() {
        say(format_args!("{} is valid", path.display()));
    } else {
        list(path, &found);
    }
    if found.is_empty() { Ok(()) } else { Err(invalid(Exit::Failed, path, &found).into()) }
}

/// Reads and parses a file.
///
/// Errors with a `Failure` when it can't be read; what is wrong with it is the inner error.
pub fn read(path: &Path) -> anyhow::Result<Result<PipelineFile, Vec<Diagnostic>>> {
    let mut bytes = Vec::new();
    let most = parse::MAX_BYTES as u64 + 1;
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(parse::parse_bytes(&bytes)),
        Err(error) => Err(Failure::usage(format!("the file {} can't be read: {error}", path.display()))
            .hint("Name a pipeline file, such as .oore.yaml in the top folder of a repository.")
            .into()),
    }
}

/// Prints what is wrong with a file in the form that editors and other tools read.
pub fn list(path: &Path, found: &[Diagnostic]) {
    for one in found {
        let place = match (one.line, one.column) {
            (Some(line), Some(column)) => format!(":{line}:{column}"),
            (Some(line), None) => format!(":{line}"),
            (None, _) => String::new(),
        };
        say(format_args!("{}{place}: {}", path.display(), plain(&one.sentence())));
    }
}

pub fn invalid(exit: Exit, path: &Path, found: &[Diagnostic]) -> Failure {
    Failure::new(exit, format!("{} has {}", path.display(), plural(found.len() as u64, "mistake")))
}
