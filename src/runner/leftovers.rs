//! What a runner that was ended by force left behind: processes, workspaces, unfinished logs. Runs once
//! at the start; a build ends as it ended, or as
//! `runner_lost`, with every byte of log there is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Runner;
use super::execute::tag;
use super::folder::{children, remove_folder};
use super::fvm;
use super::job::JobClient;
use super::replicate::whole_frames;
use super::report;
use super::tree::{Manner, Tree};

/// An attempt whose log is still there.
#[derive(Debug, PartialEq, Eq)]
struct Attempt {
    build: String,
    number: i32,
    log: PathBuf,
}

/// Ends, removes and reports everything. Waits for the daemon if it must.
pub async fn clear(runner: &Runner) {
    let (folder, client) = (&runner.folder, &runner.client);
    let attempts = attempts(&folder.spool());
    for attempt in &attempts {
        Tree::new(tag(&attempt.build, attempt.number)).end(Manner::Kill).await;
    }
    for workspace in children(&folder.workspaces()) {
        remove_folder(workspace).await;
    }
    for tool in children(&folder.tools()) {
        if fvm::is_unfinished(&tool) {
            remove_folder(tool).await;
        }
    }
    clear_caches(runner).await;
    for attempt in attempts {
        let job = JobClient::of_attempt(Arc::clone(client), attempt.build.clone(), attempt.number);
        if let Err(error) = tell(&job, &attempt.log).await {
            tracing::info!(build = %attempt.build, "an interrupted build is not ours to report: {error:#}");
        }
        report::forget(&attempt.log);
    }
}

/// Packs that were cut off, and what is beyond a budget that was lowered.
async fn clear_caches(runner: &Runner) {
    let store = runner.caches.clone();
    let cleared =
        tokio::task::spawn_blocking(move || store.clear_unfinished().and_then(|()| store.make_room()));
    if let Ok(Err(error)) = cleared.await {
        tracing::warn!("the caches can't be tidied: {error}");
    }
}

async fn tell(job: &JobClient, log: &Path) -> anyhow::Result<()> {
    let frames = whole_frames(log)?.frames;
    // Only a build that runs can fail; for one that does already this changes nothing.
    job.report(&report::running()).await?;
    report::send_findings(job, &report::kept_findings(log)).await;
    let mut status = report::kept(log).unwrap_or_else(|| report::interrupted(frames));
    // It may have been kept before the last lines.
    status.log_frames = Some(frames);
    report::complete(job, &status, log).await
}

fn attempts(spool: &Path) -> Vec<Attempt> {
    let attempt = |log: PathBuf| {
        let (build, number) = log.file_name()?.to_str()?.strip_suffix(".frames")?.rsplit_once('-')?;
        Some(Attempt { build: build.to_owned(), number: number.parse().ok()?, log })
    };
    children(spool).into_iter().filter_map(attempt).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn attempts_are_known_by_the_names_of_their_logs() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("0199-aa-3.frames");
        fs::write(&log, "").unwrap();
        fs::write(folder.path().join("other.txt"), "").unwrap();
        assert_eq!(attempts(folder.path()), [Attempt { build: "0199-aa".to_owned(), number: 3, log }]);
    }
}
