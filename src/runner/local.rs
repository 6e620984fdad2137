//! Runs a plan in a person's working copy, without a daemon: the same steps under the same control as in
//! a build. Nothing is checked out, sent or kept; what the steps change in the working copy stays.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::build::{Patterns, Place};
use super::collect::Found;
use super::commands::Commands;
use super::defines::Defines;
use super::findings;
use super::folder::{Folder, Workspace, remove_folder, unguessable};
use super::fvm::Release;
use super::halt::Halt;
use super::process::Stage;
use super::protocol::{ClaimedJob, FrameRef, Timeouts, take_frames};
use super::spool::{Progress, Spool};
use super::steps::Steps;
use super::stop::{Stop, StopReason};
use super::tree::{Manner, Tree};
use super::variables::Variables;
use super::warden::Warden;
use crate::clock::Clock;
use crate::config::{self, FvmSettings};
use crate::domain::step::StepStatus;
use crate::pipeline::plan::Plan;

/// What stands for the ids that only a daemon gives.
const NAME: &str = "local";
const TRIGGER: &str = "manual";
const MARKER: &[u8] = b"[oore-step] ";
/// How much of the log is read at once.
const PIECE_BYTES: u64 = 256 * 1024;

/// What is to be run, and where.
#[derive(Debug)]
pub struct Wanted {
    /// The working copy.
    pub folder: PathBuf,
    pub plan: Plan,
    pub branch: Option<String>,
    pub commit: Option<String>,
    pub fvm: FvmSettings,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Succeeded,
    /// With what failed.
    Failed(String),
    /// By a signal to this process.
    Interrupted,
}

/// Something to show, in order.
#[derive(Debug)]
pub enum Told<'a> {
    Begins { name: String },
    Ends { name: String, status: StepStatus, exit_code: Option<i32> },
    Output { content: &'a [u8], newline: bool },
}

/// Runs the steps and tells of them as they go. When this returns, no process of theirs is left.
pub async fn run(wanted: Wanted, show: impl FnMut(Told<'_>) + Send + 'static) -> anyhow::Result<End> {
    let name = unguessable(NAME)?;
    let root = config::temporary_folder().join(format!("oore-{name}"));
    let done = surrounded(&root, name, wanted, show).await;
    remove_folder(root).await;
    done
}

async fn surrounded(
    root: &Path,
    name: String,
    wanted: Wanted,
    show: impl FnMut(Told<'_>) + Send + 'static,
) -> anyhow::Result<End> {
    let scratch = Folder::open(root)?;
    let workspace = scratch.new_workspace(NAME)?;
    let clock = Clock::system();
    let spool = Arc::new(Spool::create(&scratch.spool_file(NAME, 1), clock.clone(), 0)?);
    let stage = Stage {
        tree: Tree::new(name),
        spool: Arc::clone(&spool),
        stop: Stop::default(),
        no_output: Duration::ZERO,
    };
    let _listening = listen(stage.stop.clone())?;
    let shown = tokio::spawn(follow(File::open(spool.path())?, spool.watch(), Shown::new(show)));
    let warden = Warden::watch(&stage.tree);
    let mut steps = Steps::new(Arc::clone(&spool), clock);
    let result = work(&stage, &wanted, (&scratch, &workspace), &mut steps).await;
    let manner = if stage.stop.reason().is_some() { Manner::Kill } else { Manner::Leftover };
    stage.tree.end(manner).await;
    warden.release().await;
    if stage.stop.reason().is_none() {
        findings::find(&stage, &workspace, &wanted.folder, &wanted.plan.folders()).await;
    }
    spool.close()?;
    shown.await??;
    Ok(match (result, stage.stop.reason()) {
        (_, Some(_)) | (Err(Halt::Stopped(_)), None) => End::Interrupted,
        (Err(Halt::Failed(failure)), None) => End::Failed(failure.message),
        (Ok(()), None) => End::Succeeded,
    })
}

async fn work(
    stage: &Stage,
    wanted: &Wanted,
    (scratch, workspace): (&Folder, &Workspace),
    steps: &mut Steps,
) -> Result<(), Halt> {
    let source = &wanted.folder;
    let fvm = release(&wanted.fvm, scratch);
    let programs = workspace.programs();
    let place = Place { stage, source, programs: &programs, fvm: &fvm };
    let programs = place.flutter(steps, &wanted.plan).await?;
    let commands = Commands {
        stage,
        source,
        reports: &workspace.reports(),
        job: &job(wanted),
        trigger: TRIGGER,
        programs: programs.as_deref(),
        kept: &Variables::default(),
        defines: &Defines::default(),
        // A person has their own.
        caches: &[],
    };
    commands.run(steps, &wanted.plan).await?;
    let list = async |found: Vec<Found>| -> Result<(), Halt> {
        found.iter().try_for_each(|one| stage.spool.say(&one.path.display().to_string()))?;
        Ok(())
    };
    place.artifacts(steps, Patterns { list: &wanted.plan.artifact_patterns, except: None }, list).await
}

/// A machine without FVM keeps what was fetched for the next time.
fn release(settings: &FvmSettings, scratch: &Folder) -> Release {
    let home = config::home().filter(|home| home.is_absolute());
    let kept_in = home.map_or_else(|| scratch.tools(), |home| home.join(".oore/tools"));
    Release { url: settings.fvm_url.clone(), sha256: settings.fvm_sha256.clone(), kept_in }
}

/// The build that a step believes to be part of.
fn job(wanted: &Wanted) -> ClaimedJob {
    ClaimedJob {
        build_id: NAME.to_owned(),
        project_id: NAME.to_owned(),
        pipeline_id: NAME.to_owned(),
        build_number: 0,
        config_snapshot: serde_json::json!({"trigger_type": TRIGGER}),
        commit_sha: wanted.commit.clone(),
        branch: wanted.branch.clone(),
        lease_expires_at: 0,
        signing_token: String::new(),
        attempt: 1,
        timeouts: Timeouts::default(),
        log_limit_bytes: 0,
        variables: Vec::new(),
        unreadable_variables: Vec::new(),
        clone_credential: None,
        clone_refused: None,
    }
}

/// Steps have sessions of their own: what a terminal sends reaches this process only.
fn listen(stop: Stop) -> io::Result<AbortOnDropHandle<()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(AbortOnDropHandle::new(tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
        stop.trigger(StopReason::Canceled);
    })))
}

/// Shows the log as it grows, to its end.
async fn follow<S: FnMut(Told<'_>)>(
    log: File,
    mut progress: watch::Receiver<Progress>,
    mut shown: Shown<S>,
) -> io::Result<()> {
    let mut offset = 0;
    loop {
        let reached = progress.wait_for(|reached| reached.bytes > offset || reached.closed).await;
        let reached = reached.map(|reached| *reached).map_err(io::Error::other)?;
        if reached.bytes == offset {
            return Ok(());
        }
        let wanted = PIECE_BYTES.min(reached.bytes - offset);
        let mut piece = vec![0; usize::try_from(wanted).unwrap_or(0)];
        log.read_exact_at(&mut piece, offset)?;
        let whole = take_frames(&piece, |frame| shown.frame(frame));
        if whole == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        offset += whole as u64;
    }
}

/// Turns frames into what is shown.
struct Shown<S> {
    show: S,
    step: u16,
    name: String,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Marker {
    Start { name: String },
    End { name: String, status: StepStatus, exit_code: Option<i32> },
}

impl<S: FnMut(Told<'_>)> Shown<S> {
    fn new(show: S) -> Self {
        Self { show, step: 0, name: String::new() }
    }

    fn frame(&mut self, frame: FrameRef<'_>) {
        let json = frame.content.strip_prefix(MARKER);
        match json.and_then(|json| serde_json::from_slice(json).ok()) {
            Some(Marker::Start { name }) if frame.step > self.step => {
                (self.step, self.name) = (frame.step, name.clone());
                (self.show)(Told::Begins { name });
            }
            Some(Marker::End { name, status, exit_code }) if name == self.name => {
                (self.show)(Told::Ends { name, status, exit_code });
            }
            // What a step prints is text, also if it looks like a marker.
            Some(Marker::Start { .. } | Marker::End { .. }) | None => {
                (self.show)(Told::Output { content: frame.content, newline: frame.newline });
            }
        }
    }
}
