//! `oore pipeline`: lists the pipelines of an instance, checks pipeline files by the rules of the daemon, and
//! prints their schema.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::failure::{Exit, Failure};
use super::http::Connection;
use super::names;
use super::profile::{Profile, ProfileSettings};
use super::runtime;
use super::table::{Table, cell};
use super::terminal::{note, plain, say};
use crate::pipeline::diagnostic::Diagnostic;
use crate::pipeline::parse::{self, PipelineFile};
use crate::pipeline::schema::SCHEMA;

#[derive(Debug, Subcommand)]
pub enum PipelineCommand {
    /// List pipelines.
    List(List),
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

#[derive(Debug, Args)]
pub struct List {
    /// Name or id of a project; default: all projects.
    project: Option<String>,

    #[command(flatten)]
    connection: Connection,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub fn run(command: PipelineCommand, profile: &ProfileSettings) -> anyhow::Result<()> {
    match command {
        PipelineCommand::List(list) => runtime()?.block_on(show(list, &profile.open()?)),
        PipelineCommand::Validate { path, json } => validate(&path, json),
        PipelineCommand::Schema => {
            say(SCHEMA.trim_end());
            Ok(())
        }
    }
}

async fn show(list: List, profile: &Profile) -> anyhow::Result<()> {
    let daemon = list.connection.open(profile)?;
    let projects = match &list.project {
        Some(wanted) => vec![names::project(&daemon, wanted.trim()).await?],
        None => daemon.list("/v1/projects", "projects", usize::MAX).await?,
    };
    let mut all = Vec::new();
    for project in &projects {
        let found = names::pipelines(&daemon, project).await?;
        all.extend(found.into_iter().map(|pipeline| (project, pipeline)));
    }
    if list.json {
        let pipelines: Vec<&Value> = all.iter().map(|(_, pipeline)| pipeline).collect();
        say(json!({ "pipelines": pipelines }));
        return Ok(());
    }
    if all.is_empty() {
        note("There is no pipeline.");
        return Ok(());
    }
    let mut table = Table::new(&["PIPELINE", "FILE", "ENABLED", "ID"]);
    for (project, pipeline) in &all {
        table.row([
            format!("{}/{}", cell(project["name"].as_str()), cell(pipeline["name"].as_str())),
            cell(pipeline["config_path"].as_str()),
            if pipeline["enabled"] == true { "yes" } else { "no" }.to_owned(),
            cell(pipeline["id"].as_str()),
        ]);
    }
    table.show();
    Ok(())
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
    let mistakes = if found.len() == 1 { "mistake" } else { "mistakes" };
    Failure::new(exit, format!("{} has {} {mistakes}", path.display(), found.len()))
}
