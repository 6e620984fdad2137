//! Builds that are not over, with how long such builds usually run: for home and for releases.

use serde::Serialize;
use utoipa::ToSchema;

use super::build_view::{self, Build};
use crate::app::App;
use crate::builds::insights::Spread;
use crate::db::builds::figures;
use crate::db::entity::builds;
use crate::domain::build::BuildStatus;
use crate::error::Result;

/// So few runs say nothing about how long one takes.
const FEWEST_RUNS: usize = 3;

/// A build that is not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActiveBuild {
    pub build: Build,
    /// How long such builds usually run; absent if there are too few that passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_ms: Option<i64>,
}

/// In the same order.
pub async fn show(app: &App, rows: Vec<builds::Model>) -> Result<Vec<ActiveBuild>> {
    let db = app.db.read();
    let mut usual = Vec::with_capacity(rows.len());
    for row in &rows {
        let runs = match row.status == BuildStatus::Running {
            true => figures::usual_runs(db, row).await?,
            false => Vec::new(),
        };
        usual.push((runs.len() >= FEWEST_RUNS).then(|| Spread::of(runs).p50_ms).flatten());
    }
    let shown = build_view::show(app, rows).await?;
    Ok(shown.into_iter().zip(usual).map(|(build, usual_ms)| ActiveBuild { build, usual_ms }).collect())
}
