//! Signals that end a command in order: what it has begun is taken back, and its exit code says what came, as a shell does.

use std::io;
use std::sync::{Arc, OnceLock};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::task::AbortOnDropHandle;

use super::failure::{Exit, Failure};

/// What has come so far; heeded as long as this lives.
pub struct Signals {
    came: Arc<OnceLock<Exit>>,
    _heeding: AbortOnDropHandle<()>,
}

/// Calls `stop` when the first one comes. The second one ends the process at once: what is read may never come.
pub fn heed(stop: impl Fn() + Send + 'static) -> io::Result<Signals> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let came = Arc::new(OnceLock::new());
    let first = came.clone();
    let heeding = AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            let exit = tokio::select! {
                _ = interrupt.recv() => Exit::Interrupted,
                _ = terminate.recv() => Exit::Terminated,
                _ = hang_up.recv() => Exit::HungUp,
            };
            if first.set(exit).is_err() {
                std::process::exit(exit as i32);
            }
            stop();
        }
    }));
    Ok(Signals { came, _heeding: heeding })
}

impl Signals {
    /// The failure of a command that was ended before it was done.
    pub fn none_came(&self) -> Result<(), Failure> {
        match self.came.get() {
            Some(exit) => Err(Failure::new(*exit, "interrupted; nothing was left behind")),
            None => Ok(()),
        }
    }
}
