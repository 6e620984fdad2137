//! `oored run --example`: gives a new instance a project to look at. It uses the public API like
//! any client, so what it shows is what people can do themselves.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde_json::json;
use tokio::process::Command;

use super::http::Daemon;
use crate::app::App;
use crate::db;
use crate::domain::setup::SetupState;

/// Copies the folder into the data folder, makes it a git repository, creates project and pipeline
/// and starts the first build. Does nothing on an instance that is set up already.
pub async fn set_up(app: &App, folder: &Path) -> anyhow::Result<()> {
    if db::instance::get(app.db.read()).await?.setup_state == SetupState::Ready {
        return Ok(());
    }
    let name = folder.file_name().context("the example needs a folder name")?;
    let repository = app.config.data.examples().join(name);
    let source = folder.to_owned();
    let target = repository.clone();
    tokio::task::spawn_blocking(move || copy_folder(&source, &target)).await??;
    make_repository(&repository).await?;
    let client = sign_in(app).await?;
    let path = repository.display().to_string();
    let project = json!({"name": "Hello Flutter", "description": "The example that came with Oore CI.",
        "local_repository_path": path});
    let project = client.post("/v1/projects", project).await?;
    let project_id = project["project"]["id"].as_str().context("no project id")?.to_owned();
    let pipeline = json!({"name": "Android"});
    let pipeline = client.post(&format!("/v1/projects/{project_id}/pipelines"), pipeline).await?;
    let build = json!({"pipeline_id": pipeline["pipeline"]["id"]});
    client.post(&format!("/v1/projects/{project_id}/builds"), build).await?;
    tracing::info!("the example project is set up and its first build is queued");
    Ok(())
}

fn copy_folder(from: &Path, to: &PathBuf) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

async fn make_repository(folder: &Path) -> anyhow::Result<()> {
    git(folder, &["init", "--quiet", "--initial-branch=main"]).await?;
    git(folder, &["add", "--all"]).await?;
    let author =
        ["-c", "user.name=Oore CI", "-c", "user.email=example@oore.build", "-c", "commit.gpgsign=false"];
    let commit = ["commit", "--quiet", "--allow-empty", "--no-verify", "--message", "Start Hello Flutter"];
    git(folder, &[&author[..], &commit[..]].concat()).await
}

async fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let done = Command::new("git").arg("-C").arg(folder).args(arguments).output().await;
    let done = done.context("git could not be started; install it first")?;
    ensure!(
        done.status.success(),
        "git {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&done.stderr).trim()
    );
    Ok(())
}

/// The daemon, signed in as the owner: on the machine itself that takes nothing.
async fn sign_in(app: &App) -> anyhow::Result<Daemon> {
    let daemon = Daemon::at(format!("http://127.0.0.1:{}", app.config.listen.port()))?;
    let token = daemon.sign_in_locally(None).await?;
    Ok(daemon.with_token(token))
}
