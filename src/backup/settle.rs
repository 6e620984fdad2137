//! What a database needs that was taken from another time: nothing in it may go on as if no time had passed. Builds that
//! waited or ran may long have run, sessions may long have been ended, and code hosts and people have been told newer things.

use super::manifest::Manifest;
use crate::audit;
use crate::clock::Clock;
use crate::db::builds::{Transition, With};
use crate::db::{self, Db};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::build::BuildMove;
use crate::error::Result;
use crate::seal::Sealer;

const REASON: &str = "the instance was restored from a backup";
/// Why nobody is told what was owed by then.
const UNTOLD: &str = "the instance was restored";

/// What was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    pub canceled_builds: usize,
    /// How often this instance has been restored.
    pub epoch: i64,
}

pub async fn settle(db: &Db, sealer: &Sealer, clock: &Clock, from: &Manifest) -> Result<Settled> {
    db.write(async |tx| {
        let active = db::builds::ids_active(tx).await?;
        for id in &active {
            let cancel = Transition {
                by: BuildMove::Cancel,
                actor: None,
                reason: REASON,
                now_ms: clock.now_ms(),
                with: With::Nothing,
            };
            db::builds::transition(tx, *id, cancel).await?;
        }
        db::reports::forget_owed(tx).await?;
        // Among them is what the cancels above owe: whoever was told of those builds knows how they went.
        db::notification_deliveries::give_up_everywhere(tx, UNTOLD).await?;
        db::sessions::delete_all(tx).await?;
        let epoch = db::instance::raise_epoch(tx, clock.now()).await?;
        let entry = Entry::new(AuditAction::InstanceRestored, Actor::Operator, AuditResource::Backup);
        let details =
            serde_json::json!({"made_at": from.made_at, "epoch": epoch, "canceled_builds": active.len()});
        audit::append(tx, sealer, clock.now(), entry.details(details)).await?;
        Ok(Settled { canceled_builds: active.len(), epoch })
    })
    .await
}
