//! A build as its runner sees it: may this runner write to it, and does it speak of the present
//! attempt? Every call of a runner about a job goes through here.

use sea_orm::ConnectionTrait;

use crate::db::{self, entity};
use crate::domain::build::BuildStatus;
use crate::domain::id::BuildId;
use crate::error::{Error, Result};

/// How long after the end of a build the rest of its log is taken.
const TAIL_MS: i64 = 60_000;

/// A runner that has proved who it is, and which attempt it speaks of.
#[derive(Debug, Clone)]
pub struct Speaker {
    pub runner: entity::runners::Model,
    /// Runners of protocol 4 name none.
    pub attempt: Option<i32>,
}

impl Speaker {
    /// The build, if this runner holds it.
    ///
    /// Errors: `not_found`; 409 `attempt_superseded` for another attempt than the present one; 403
    /// `runner_mismatch` when another runner, or none, holds the build.
    pub async fn job(&self, db: &impl ConnectionTrait, build: BuildId) -> Result<entity::builds::Model> {
        let row = db::builds::find(db, build).await?.ok_or_else(|| Error::not_found("job"))?;
        self.check(&row)?;
        Ok(row)
    }

    /// The same, and for a moment also a build that somebody else ended while this runner had it: what
    /// its steps wrote until they were gone belongs to the log. Only a runner that names its attempt
    /// can be told from a stranger then.
    pub async fn job_or_its_end(
        &self,
        db: &impl ConnectionTrait,
        build: BuildId,
        now_ms: i64,
    ) -> Result<entity::builds::Model> {
        let row = db::builds::find(db, build).await?.ok_or_else(|| Error::not_found("job"))?;
        let just_ended = row.finished_at_ms.is_some_and(|at| (at..at + TAIL_MS).contains(&now_ms));
        if just_ended && self.attempt == Some(row.attempt) && self.was_stopped(db, build).await? {
            return Ok(row);
        }
        self.check(&row)?;
        Ok(row)
    }

    /// Whether this runner had the build last and didn't end it itself.
    async fn was_stopped(&self, db: &impl ConnectionTrait, build: BuildId) -> Result<bool> {
        let events = db::builds::events(db, build).await?;
        let actor = Some(self.actor());
        let assigned = events.iter().rfind(|event| event.to_status == BuildStatus::Assigned);
        let had_it = assigned.is_some_and(|event| event.actor == actor);
        Ok(had_it && events.last().is_some_and(|last| last.actor != actor))
    }

    pub(super) fn check(&self, row: &entity::builds::Model) -> Result<()> {
        if self.attempt.is_some_and(|attempt| attempt != row.attempt) {
            return Err(Error::conflict(
                "attempt_superseded",
                format!("attempt {} at this build is the present one", row.attempt),
            ));
        }
        if row.runner_id != Some(self.runner.id) {
            return Err(Error::forbidden("runner_mismatch", "this runner does not hold the build"));
        }
        Ok(())
    }

    pub(super) fn actor(&self) -> String {
        super::runner_actor(&self.runner)
    }
}
