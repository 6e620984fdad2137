//! Fills a database with builds that are over, through the product's own tables. The daemon of that
//! database must not be running.

use std::path::Path;
use std::sync::Arc;

use oored::clock::Clock;
use oored::db::entity::builds::{ActiveModel, Entity, Model};
use oored::db::{self, Db};
use oored::domain::build::BuildStatus;
use oored::domain::id::BuildId;
use oored::events::Events;
use sea_orm::{ConnectionTrait, EntityTrait};

/// Rows of one statement; SQLite takes 32 766 values in one.
const BATCH: i64 = 500;

/// Counted again from the rows, so that lists tell the truth about their length.
const COUNT: &str = "DELETE FROM build_tallies; \
    INSERT INTO build_tallies (project_id, pipeline_id, status, builds) \
    SELECT project_id, pipeline_id, status, count(*) FROM builds GROUP BY 1, 2, 3; \
    UPDATE projects SET last_build_number = \
    (SELECT coalesce(max(build_number), 0) FROM builds WHERE project_id = projects.id)";

/// Adds copies of `template` until the project has `wanted` builds.
pub async fn grow(database: &Path, template: BuildId, wanted: i64) -> anyhow::Result<()> {
    let db = Db::open(database, Arc::new(Events::new(Clock::system().now_ms()))).await?;
    let template = db::builds::get(db.read(), template).await?;
    let present = db::tallies::count_project(db.read(), template.project_id).await?;
    let mut number = i64::try_from(present)?;
    while number < wanted {
        let upto = wanted.min(number + BATCH);
        let batch: Vec<ActiveModel> =
            (number + 1..=upto).map(|number| ActiveModel::from(copy(&template, number))).collect();
        db.write(async |tx| {
            Entity::insert_many(batch).exec_without_returning(tx).await?;
            Ok(())
        })
        .await?;
        number = upto;
    }
    db.write(async |tx| Ok(tx.execute_unprepared(COUNT).await?)).await?;
    db.close().await?;
    Ok(())
}

/// The build of this number, a minute after the one before; every tenth failed.
fn copy(template: &Model, number: i64) -> Model {
    let queued_at_ms = template.queued_at_ms + number * 60_000;
    Model {
        id: BuildId::new(),
        build_number: number,
        status: if number % 10 == 0 { BuildStatus::Failed } else { BuildStatus::Succeeded },
        attempt: 1,
        queued_at_ms,
        started_at_ms: Some(queued_at_ms + 20),
        finished_at_ms: Some(queued_at_ms + 45_000),
        created_at: queued_at_ms / 1000,
        updated_at: queued_at_ms / 1000 + 45,
        ..template.clone()
    }
}
