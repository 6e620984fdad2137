//! `oore open`: shows the web UI, or one page of it, in the browser. The address holds no token.

use std::process::{Command, Stdio};

use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::http::Connection;
use super::names::{self, id};
use super::profile::Profile;
use super::terminal::{note, say};
use crate::config;

#[derive(Debug, Args)]
pub struct Open {
    /// A build (PROJECT#42) or a project; default: the home page.
    subject: Option<String>,

    #[command(flatten)]
    connection: Connection,

    /// Print the address and open nothing.
    #[arg(long)]
    print: bool,

    /// Print a JSON object and open nothing.
    #[arg(long)]
    json: bool,
}

pub async fn run(open: Open, profile: &Profile) -> anyhow::Result<()> {
    let daemon = open.connection.open(profile)?;
    let page = match open.subject.as_deref().map(str::trim) {
        None => String::new(),
        Some(subject) if subject.contains('#') || subject.parse::<u32>().is_ok() => {
            format!("/builds/{}", id(&names::build(&daemon, subject).await?))
        }
        Some(subject) => match names::project(&daemon, subject).await {
            Ok(project) => format!("/projects/{}", id(&project)),
            // The only other thing with an id that has a page here.
            Err(unknown) => match names::build(&daemon, subject).await {
                Ok(build) => format!("/builds/{}", id(&build)),
                Err(_) => return Err(unknown.into()),
            },
        },
    };
    let url = format!("{}{page}", daemon.url);
    if open.json {
        say(json!({ "url": url }));
    } else if open.print {
        say(url);
    } else {
        note(format_args!("Opening {url}"));
        browse(&url)?;
    }
    Ok(())
}

fn browse(url: &str) -> anyhow::Result<()> {
    let program = config::browser_program();
    let started = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match started {
        Ok(status) if status.success() => Ok(()),
        Ok(_) | Err(_) => Err(Failure::failed(format!("no browser could be opened with `{program}`"))
            .hint(format!("Open {url} yourself."))
            .into()),
    }
}
