//! What changed from one release of a project to the next. A release is a build that passed and left something to install; it
//! is made by nobody.

use std::collections::HashSet;

use crate::app::App;
use crate::db::builds::releases::{self, Built};
use crate::db::entity::builds::Model;
use crate::domain::id::ProjectId;
use crate::error::Result;

const MAX_CHANGES: usize = 20;

/// What is new in each of a project's releases, which come newest first: the commits that were built since the release before
/// of the same pipeline, combination and branch, newest first. Of the oldest ones only their own is known.
pub async fn changes(app: &App, project: ProjectId, rows: &[Model]) -> Result<Vec<Vec<Built>>> {
    let (Some(newest), Some(oldest)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let (after, last) = (oldest.build_number, newest.build_number);
    let built = releases::commits(app.db.read(), project, after, last).await?;
    let of = |(place, row): (usize, &Model)| {
        let is_before = |older: &&Model| {
            older.pipeline_id == row.pipeline_id && older.matrix == row.matrix && older.branch == row.branch
        };
        match rows.iter().skip(place + 1).find(is_before) {
            Some(before) => since(before, row, &built),
            None => own_change(row),
        }
    };
    Ok(rows.iter().enumerate().map(of).collect())
}

/// The commit that a release was built from, if it is known.
pub fn own_change(row: &Model) -> Vec<Built> {
    let own = row.commit_sha.as_ref().map(|sha| Built {
        build_number: row.build_number,
        branch: row.branch.clone(),
        commit_sha: sha.clone(),
        commit_subject: row.commit_subject.clone(),
        commit_author: row.commit_author.clone(),
    });
    own.into_iter().collect()
}

/// Of the commits that were built, those of the same branch between two releases, each once.
fn since(before: &Model, row: &Model, built: &[Built]) -> Vec<Built> {
    let mut known: HashSet<&str> = before.commit_sha.as_deref().into_iter().collect();
    let numbers = before.build_number + 1..=row.build_number;
    let between = built.iter().filter(|one| numbers.contains(&one.build_number) && one.branch == row.branch);
    between.filter(|one| known.insert(&one.commit_sha)).take(MAX_CHANGES).cloned().collect()
}
