//! What a command failed of: the sentence, the way out, and the exit code, which scripts rely on.

use std::path::Path;
use std::process::ExitCode;

use crate::error;
use crate::files::Unfit;

/// Exit codes; 0 is success. They never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It was tried and did not work, or was refused.
    Failed = 1,
    /// The command line, a file or a value given to it is wrong; nothing was tried.
    Usage = 2,
    /// No Oore CI daemon answers.
    Unreachable = 3,
    /// Not signed in, or not allowed.
    NotAllowed = 4,
    /// The build that was watched was canceled.
    Canceled = 5,
    /// The build that was watched took too long.
    TimedOut = 6,
    /// The build that was watched waited too long in the queue.
    Expired = 7,
    /// Its terminal has gone, as a shell reports it.
    HungUp = 129,
    /// A signal ended it, as a shell reports Ctrl-C.
    Interrupted = 130,
    /// Nobody reads its output any more, as a shell reports a broken pipe.
    Unread = 141,
    /// It was told to end, as a shell reports `kill`.
    Terminated = 143,
}

/// Why a command did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub exit: Exit,
    message: String,
    hint: Option<String>,
    /// The daemon's word for it, if it was the daemon that refused.
    pub code: Option<String>,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, code: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// A file that can't be used, and what can be done about it.
    pub fn unfit(path: &Path, why: &Unfit) -> Self {
        Self::usage(format!("the file {} {why}", path.display())).hint(why.hint(path))
    }

    /// What to do about it, if that is known.
    pub fn way_out(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// The exit code and the hint of whatever went wrong.
pub fn explain(error: &anyhow::Error) -> (ExitCode, Option<&str>) {
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return (ExitCode::from(failure.exit as u8), failure.hint.as_deref());
    }
    let Some(error) = error.downcast_ref::<error::Error>() else {
        return (ExitCode::from(Exit::Failed as u8), None);
    };
    // A value that breaks a rule came from the command line, a file or the environment.
    let exit = if error.kind == error::Kind::Invalid { Exit::Usage } else { Exit::Failed };
    (ExitCode::from(exit as u8), error.hint.as_deref())
}
