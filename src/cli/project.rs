//! `oore project`: the projects that the caller may see.

use clap::{Args, Subcommand};
use serde_json::json;

use super::http::{Connection, with_query};
use super::profile::Profile;
use super::table::{Table, cell};
use super::terminal::{note, say};

#[derive(Debug, Subcommand)]
pub enum ProjectCommand {
    /// List projects.
    List(List),
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    connection: Connection,

    /// Only with this in name or description.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(command: ProjectCommand, profile: &Profile) -> anyhow::Result<()> {
    let ProjectCommand::List(list) = command;
    let daemon = list.connection.open(profile)?;
    let query =
        [("sort", Some("name".to_owned())), ("direction", Some("asc".to_owned())), ("search", list.search)];
    let projects = daemon.list(&with_query("/v1/projects", &query), "projects", usize::MAX).await?;
    if list.json {
        say(json!({ "projects": projects }));
        return Ok(());
    }
    if projects.is_empty() {
        note("There is no such project.");
        return Ok(());
    }
    let mut table = Table::new(&["NAME", "REPOSITORY", "BRANCH", "YOUR ROLE", "ID"]);
    for project in &projects {
        table.row([
            cell(project["name"].as_str()),
            cell(project["repository_full_name"].as_str()),
            cell(project["default_branch"].as_str()),
            cell(project["current_user_role"].as_str()),
            cell(project["id"].as_str()),
        ]);
    }
    table.show();
    Ok(())
}
