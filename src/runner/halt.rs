//! Why a build does not go on: a failure with a reason that people and programs understand, or a stop
//! from outside.

use std::io;
use std::path::Path;

use super::platform;
use super::stop::StopReason;
use crate::domain::failure::FailureReason;
use crate::error::is_disk_full;

/// Free bytes below which a failed step is taken to have failed for want of room.
const NO_ROOM: u64 = 1024 * 1024;

/// The end of a build that did not reach its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    Failed(Failure),
    Stopped(StopReason),
}

impl Halt {
    /// A program that fails on a full disk failed because of the disk.
    pub fn for_want_of_room(self, folder: &Path) -> Self {
        let full = platform::free_disk(folder).is_ok_and(|free| free < NO_ROOM);
        match self {
            Halt::Failed(failure) if full => Failure::disk_full().with_exit_code(failure.exit_code).into(),
            Halt::Failed(_) | Halt::Stopped(_) => self,
        }
    }
}

/// What failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub reason: FailureReason,
    /// One or more sentences for a person.
    pub message: String,
    /// Of the program that failed, if one did.
    pub exit_code: Option<i32>,
}

impl Failure {
    pub fn new(reason: FailureReason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), exit_code: None }
    }

    pub fn with_exit_code(self, exit_code: Option<i32>) -> Self {
        Self { exit_code, ..self }
    }

    pub fn disk_full() -> Self {
        let message = "the disk of the runner is full; free some space on it and build again";
        Self::new(FailureReason::DiskFull, message)
    }
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Halt::Failed(failure)
    }
}

impl From<StopReason> for Halt {
    fn from(reason: StopReason) -> Self {
        Halt::Stopped(reason)
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        if is_disk_full(&error) {
            return Failure::disk_full().into();
        }
        let message = format!("a file operation of the runner failed: {error}");
        Failure::new(FailureReason::Internal, message).into()
    }
}
