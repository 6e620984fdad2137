//! A build as its runner sees it: may this runner write to it, and does it speak of the present
//! attempt? Every call of a runner about a job goes through here.

use sea_orm::ConnectionTrait;

use crate::db::{self, entity};
use crate::domain::id::BuildId;
use crate::error::{Error, Result};

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
