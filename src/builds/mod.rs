//! The story of a build, one file a chapter: it is triggered, waits in the queue, is claimed by a
//! runner, reports progress, writes its log, stores artifacts, tells what
//! its tests found, and ends, is canceled or run again.
//! Rules live here; HTTP doesn't, and the status is written by `db::builds` alone.

pub mod artifacts;
pub mod attention;
pub mod badge;
mod beside;
pub mod bytes;
pub mod cancel;
pub mod checkout;
pub mod claim;
pub mod code;
pub mod deliveries;
pub mod detection;
pub mod failure;
pub mod figures;
pub mod file;
pub mod fit;
pub mod heads;
pub mod inbox;
pub mod insights;
pub mod job;
pub mod lease;
pub mod leftovers;
pub mod links;
pub mod log;
pub mod log_keeping;
pub mod lost;
pub mod measures;
pub mod missed;
pub mod nearby;
pub mod progress;
pub mod queue;
pub mod readiness;
pub mod releases;
pub mod removal;
pub mod rerun;
pub mod retention;
pub mod schedules;
pub mod storage_settings;
pub mod stores;
pub mod streak;
pub mod test_reports;
pub mod trigger;
pub mod variables;
pub mod viewers;
pub mod watch;

use crate::app::App;
use crate::db::entity::{builds, runners};
use crate::db::{self, Tx};
use crate::domain::id::RunnerId;
use crate::domain::runner::actor_of;
use crate::error::Result;
use crate::events::Change;
use crate::pipeline::snapshot;

/// Whether the code of a build was brought by somebody who may not push: it gets no secrets.
pub fn is_untrusted(build: &builds::Model) -> bool {
    snapshot::is_untrusted(&build.config_snapshot.0)
}

/// How a runner is named in the history of builds.
pub fn runner_actor(runner: &runners::Model) -> String {
    actor_of(runner.id)
}

/// Says that a runner no longer has a build it had. Who may see the runner need not see the build.
pub async fn tell_released(tx: &Tx, app: &App, runner: Option<RunnerId>) -> Result<()> {
    let Some(runner) = runner else { return Ok(()) };
    let Some(row) = db::runners::find(tx, runner).await? else { return Ok(()) };
    let holds = !db::builds::list_held(tx, Some(runner)).await?.is_empty();
    tx.signal(Change::Runner { runner_id: runner, status: app.leases.status_of(&row, holds) });
    Ok(())
}
