//! A claimed job from beginning to end: private workspace, log, watchers, the build itself, the final
//! report, and that nothing is left behind. What the build does is in `build`.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;

use super::Runner;
use super::build::Build;
use super::client::Refusal;
use super::findings;
use super::folder::{Workspace, is_file_name};
use super::halt::Halt;
use super::job::JobClient;
use super::limits;
use super::mask::Masks;
use super::process::Stage;
use super::protocol::{ClaimedJob, Timeouts, UpdateJobStatusRequest};
use super::replicate::{Broken, replicate};
use super::report;
use super::spool::Spool;
use super::steps::{Outcome, Steps};
use super::stop::{Stop, StopReason};
use super::tree::{Manner, Tree};
use super::warden::Warden;
use crate::domain::test_report::TestReport;

/// How long the daemon may take to hear the last of a build that it ended itself, or of one that ends
/// because the runner does.
const FAREWELL: Duration = Duration::from_secs(5);

/// Executes the job. When this returns, no process, no workspace and no log of it is left, unless the
/// daemon could not be told before a shutdown: then the log stays for the next start.
pub async fn execute(runner: &Runner, job: &ClaimedJob, stop: &Stop) {
    if !is_file_name(&job.build_id) {
        tracing::error!("the daemon handed out a job without a proper id");
        return;
    }
    let job_client = JobClient::new(Arc::clone(&runner.client), job);
    tracing::info!(build = %job.build_id, number = job.build_number, "build begins");
    let ended = match Site::prepare(runner, job, stop).await {
        Ok(site) => site.work(job, &job_client, runner).await,
        Err(halt) => {
            let _absent = std::fs::remove_file(runner.folder.spool_file(&job.build_id, job.attempt));
            let status = report::status(Err(&halt), Vec::new(), None);
            tokio::select! {
                told = report::send(&job_client, &status, stop) => told,
                () = runner.client.gone(runner.patience) => Err(anyhow::anyhow!("the daemon is gone")),
            }
        }
    };
    match ended {
        Ok(()) => tracing::info!(build = %job.build_id, "build over"),
        Err(why) => tracing::warn!(build = %job.build_id, "build over without a report: {why:#}"),
    }
}

/// Everything a build needs around it.
struct Site {
    stage: Stage,
    workspace: Workspace,
    spool_file: PathBuf,
    steps: Steps,
}

impl Site {
    async fn prepare(runner: &Runner, job: &ClaimedJob, stop: &Stop) -> Result<Self, Halt> {
        let spool_file = runner.folder.spool_file(&job.build_id, job.attempt);
        let clock = runner.client.clock.clone();
        let hidden = job.variables.iter().filter(|variable| variable.kind.is_hidden());
        let hidden = hidden.map(|variable| variable.value.as_bytes());
        let password = job.clone_credential.iter().map(|credential| credential.password.as_bytes());
        let masks = Masks::of(hidden.chain(password))?;
        let spool = Spool::create(&spool_file, clock.clone(), job.log_limit_bytes)?.masking(masks);
        let spool = Arc::new(spool);
        let (tag, limits) = (tag(&job.build_id, job.attempt), runner.limits);
        // It looks at every process of the machine.
        let tree = tokio::task::spawn_blocking(move || Tree::limited(tag, limits));
        let stage = Stage {
            tree: tree.await.map_err(io::Error::other)?,
            spool: Arc::clone(&spool),
            stop: stop.clone(),
            no_output: Duration::from_secs(job.timeouts.no_output_seconds),
        };
        let workspace = runner.folder.new_workspace(&job.build_id)?;
        Ok(Self { stage, workspace, spool_file, steps: Steps::new(spool, clock) })
    }

    async fn work(mut self, job: &ClaimedJob, client: &JobClient, runner: &Runner) -> anyhow::Result<()> {
        let warden = Warden::watch(&self.stage.tree);
        let copying = self.start_copying(client);
        let watching = watch(client, &self.stage.stop, job.timeouts);
        let limiting = limits::watch(&self.stage);
        let result = self.run(job, client, runner).await;
        self.stage.tree.end(manner(&result)).await;
        drop(limiting);
        warden.release().await;
        let (outcome, found) = (self.steps.outcome, TestReport::default());
        let mut ending = Ending { result, outcome, found, closed: Ok(()), file: self.spool_file };
        if is_told(&ending.result) {
            // Before anything that takes time: whatever ends the runner now costs no outcome.
            report::keep(&ending.file, &ending.status(&self.stage));
            let source = self.workspace.source();
            let folders = &ending.outcome.folders;
            ending.found = findings::find(&self.stage, &self.workspace, &source, folders).await;
            report::keep_findings(&ending.file, &ending.found);
        }
        drop(watching);
        ending.closed = self.stage.spool.close().map(drop).map_err(Halt::from);
        self.workspace.remove().await;
        tokio::select! {
            told = ending.tell(client, &self.stage, copying) => told,
            () = client.client().gone(runner.patience) => anyhow::bail!("the daemon is gone; the next start will tell it"),
        }
    }

    async fn run(&mut self, job: &ClaimedJob, client: &JobClient, runner: &Runner) -> Result<(), Halt> {
        let stop = self.stage.stop.clone();
        let running = report::running();
        tokio::select! {
            begun = client.report(&running) => begun.map_err(|refusal| refused(&refusal))?,
            reason = stop.triggered() => return Err(reason.into()),
        }
        let build = Build {
            job,
            client,
            stage: &self.stage,
            workspace: &self.workspace,
            fvm: &runner.fvm,
            caches: &runner.caches,
        };
        let result = build.run(&mut self.steps).await;
        match (result, stop.reason()) {
            // Whatever failed after a stop failed because of it.
            (Err(_), Some(reason)) => Err(reason.into()),
            (result, _) => result,
        }
    }

    fn start_copying(&self, client: &JobClient) -> JoinHandle<Result<(), Broken>> {
        let (client, path) = (client.clone(), self.spool_file.clone());
        let (progress, stop) = (self.stage.spool.watch(), self.stage.stop.clone());
        tokio::spawn(async move {
            let copied = replicate(&client, &path, progress, 0).await;
            if let Err(Broken::Refused(_)) = &copied {
                stop.trigger(StopReason::Lost);
            }
            copied
        })
    }
}

/// The mark of every process of an attempt.
pub fn tag(build: &str, attempt: i32) -> String {
    format!("{build}-{attempt}")
}

/// Whether the daemon wants to know how the build went.
fn is_told(result: &Result<(), Halt>) -> bool {
    match result {
        Err(Halt::Stopped(reason)) => reason.is_told(),
        Ok(()) | Err(Halt::Failed(_)) => true,
    }
}

fn manner(result: &Result<(), Halt>) -> Manner {
    match result {
        Ok(()) | Err(Halt::Failed(_)) => Manner::Leftover,
        Err(Halt::Stopped(_)) => Manner::Kill,
    }
}

fn refused(refusal: &Refusal) -> Halt {
    tracing::warn!("the daemon does not want this build to begin: {refusal}");
    StopReason::Lost.into()
}

/// Stops the build when its time is over or when the daemon says so.
fn watch(client: &JobClient, stop: &Stop, timeouts: Timeouts) -> AbortOnDropHandle<()> {
    let (client, stop) = (client.clone(), stop.clone());
    AbortOnDropHandle::new(tokio::spawn(async move {
        let limit = Duration::from_secs(timeouts.build_seconds);
        let too_long = async {
            if limit.is_zero() {
                return std::future::pending().await;
            }
            tokio::time::sleep(limit).await;
        };
        let reason = tokio::select! {
            () = too_long => StopReason::TimedOut,
            over = client.over() => over.map_or(StopReason::Lost, |_| StopReason::Canceled),
        };
        stop.trigger(reason);
    }))
}

/// What is left to tell when the work is done.
struct Ending {
    result: Result<(), Halt>,
    outcome: Outcome,
    found: TestReport,
    closed: Result<(), Halt>,
    file: PathBuf,
}

impl Ending {
    /// The report, as far as things have come.
    fn status(&self, stage: &Stage) -> UpdateJobStatusRequest {
        let result = match (&self.result, &self.closed) {
            (Ok(()), Err(halt)) => Err(halt),
            (result, _) => result.as_ref().copied(),
        };
        let frames = stage.spool.watch().borrow().frames;
        let mut status = report::status(result, self.outcome.results.clone(), Some(frames));
        status.caches.clone_from(&self.outcome.caches);
        status.error_message = status.error_message.map(|message| stage.spool.masks().text(&message));
        status
    }

    /// The rest of the log, then the report.
    async fn tell(
        self,
        client: &JobClient,
        stage: &Stage,
        copying: JoinHandle<Result<(), Broken>>,
    ) -> anyhow::Result<()> {
        let copying = AbortOnDropHandle::new(copying);
        let told = match &self.result {
            Err(Halt::Stopped(StopReason::Lost)) => Ok(()),
            Err(Halt::Stopped(StopReason::Canceled)) => {
                // The daemon has ended the build; it may still want to know how the log went on.
                let _enough = tokio::time::timeout(FAREWELL, copying).await;
                Ok(())
            }
            Err(Halt::Stopped(StopReason::Shutdown)) => {
                tokio::time::timeout(FAREWELL, self.finish(client, stage, copying))
                    .await
                    .context("the daemon could not be told in time; the next start will")?
            }
            Ok(())
            | Err(
                Halt::Failed(_)
                | Halt::Stopped(
                    StopReason::TimedOut
                    | StopReason::NoOutput
                    | StopReason::DiskFull
                    | StopReason::OverLimit(_),
                ),
            ) => self.finish(client, stage, copying).await,
        };
        report::forget(&self.file);
        told
    }

    async fn finish(
        &self,
        client: &JobClient,
        stage: &Stage,
        copying: AbortOnDropHandle<Result<(), Broken>>,
    ) -> anyhow::Result<()> {
        let mut status = self.status(stage);
        // Before the log is sent: a daemon that is away must not cost the outcome either.
        report::keep(&self.file, &status);
        match copying.await.context("copying the log was interrupted")? {
            Ok(()) => {}
            Err(Broken::Refused(refusal)) => return Err(refusal.into()),
            Err(Broken::File(error)) => {
                tracing::error!("the rest of a log is lost: {error}");
                status.log_frames = None;
            }
        }
        report::send_findings(client, &self.found).await;
        report::complete(client, &status, stage.spool.path()).await
    }
}
