//! What owner and admins have to see to, one open incident a source. Finding the same again counts; finding something
//! else, or something worse, is news again for those who had read of it.

use crate::db::entity::incidents::Model;
use crate::db::{self, Tx};
use crate::domain::id::{IncidentId, IntegrationId};
use crate::domain::incident::IncidentReason;
use crate::error::Result;
use crate::events::Change;

/// What was found.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub reason: IncidentReason,
    /// When the credential ends.
    pub expires_at: Option<i64>,
}

/// Opens the incident of a source, or adds to the open one.
pub async fn open(tx: &Tx, integration: IntegrationId, found: Found, now: i64) -> Result<()> {
    let Found { reason, expires_at } = found;
    let severity = reason.severity(expires_at, now);
    tx.signal(Change::Sources {});
    let Some(before) = db::incidents::find_open(tx, integration).await? else {
        let row = Model {
            id: IncidentId::new(),
            integration_id: integration,
            reason,
            severity,
            occurrences: 1,
            first_at: now,
            latest_at: now,
            resolved_at: None,
        };
        return db::incidents::insert(tx, row).await;
    };
    if reason.is_of_reports() && !before.reason.is_of_reports() {
        // What builds need matters more.
        return Ok(());
    }
    if before.reason != reason || before.severity < severity {
        db::incidents::forget_reads(tx, before.id).await?;
    }
    let occurrences = before.occurrences + 1;
    db::incidents::update(tx, Model { reason, severity, occurrences, latest_at: now, ..before }).await
}

/// Ends the open incident of a source, if there is one and `is_over` says so.
pub async fn resolve(
    tx: &Tx,
    integration: IntegrationId,
    is_over: impl FnOnce(IncidentReason) -> bool,
    now: i64,
) -> Result<()> {
    let open = db::incidents::find_open(tx, integration).await?;
    let Some(open) = open.filter(|open| is_over(open.reason)) else { return Ok(()) };
    tx.signal(Change::Sources {});
    db::incidents::update(tx, Model { resolved_at: Some(now), ..open }).await
}
