//! Builds that are not over, with how long such builds usually run: for home and for releases.

use serde::Serialize;
use utoipa::ToSchema;

use super::build_view::{self, Build};
use crate::app::App;
use crate::builds::insights::Spread;
use crate::db::Doc;
use crate::db::builds::figures;
use crate::db::entity::builds;
use crate::domain::build::BuildStatus;
use crate::domain::id::PipelineId;
use crate::domain::matrix::Combination;
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
    let mut usual = Vec::with_capacity(rows.len());
    for row in &rows {
        usual.push(match row.status == BuildStatus::Running {
            true => usual_ms(app, row.pipeline_id, row.matrix.clone()).await?,
            false => None,
        });
    }
    let shown = build_view::show(app, rows).await?;
    Ok(shown.into_iter().zip(usual).map(|(build, usual_ms)| ActiveBuild { build, usual_ms }).collect())
}

/// How long builds of a pipeline and combination usually run; `None` if there are too few that passed.
pub async fn usual_ms(
    app: &App,
    pipeline: PipelineId,
    combination: Option<Doc<Combination>>,
) -> Result<Option<i64>> {
    let runs = figures::usual_runs(app.db.read(), pipeline, combination).await?;
    Ok((runs.len() >= FEWEST_RUNS).then(|| Spread::of(runs).p50_ms).flatten())
}
