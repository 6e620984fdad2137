//! The variables that a build gets: those of its project, with those of its pipeline in their place
//! where both have one. They leave the database here and nowhere else, for the runner that has claimed
//! the build, and never for one whose code is not trusted.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use crate::app::App;
use crate::db;
use crate::db::entity::{builds, variables};
use crate::db::variables::Scope;
use crate::domain::id::VariableId;
use crate::error::{Error, Result, codes};
use crate::runner::protocol::JobVariable;
use crate::seal::Sealer;

/// What is handed out.
#[derive(Debug, Default)]
pub struct Handed {
    pub variables: Vec<JobVariable>,
    /// Names of those that no key opens: the build can't run as it should.
    pub unreadable: Vec<String>,
}

/// What the values of a variable are sealed for.
pub fn identity(id: VariableId) -> String {
    format!("variables/{id}/value")
}

/// The value of a stored variable.
///
/// Errors: `decryption_error`.
pub fn open(sealer: &Sealer, row: &variables::Model) -> Result<String> {
    let opened = sealer.open(&identity(row.id), &row.value)?;
    let text = std::str::from_utf8(&opened).map_err(|error| {
        Error::internal(codes::DECRYPTION_ERROR, "a stored secret cannot be decrypted", error.to_string())
    })?;
    Ok(text.to_owned())
}

/// Everything for one build.
pub async fn of_build(db: &impl ConnectionTrait, app: &App, build: &builds::Model) -> Result<Handed> {
    if super::is_untrusted(build) {
        return Ok(Handed::default());
    }
    let mut rows = BTreeMap::new();
    for scope in [Scope::Project(build.project_id), Scope::Pipeline(build.pipeline_id)] {
        let found = db::variables::list(db, scope).await?;
        rows.extend(found.into_iter().map(|row| (row.name.clone(), row)));
    }
    let mut handed = Handed::default();
    for (name, row) in rows {
        match open(&app.sealer, &row) {
            Ok(value) => {
                handed.variables.push(JobVariable { name, kind: row.kind, value });
            }
            Err(error) => {
                tracing::error!(variable = %row.id, "a variable can't be handed out: {error}");
                handed.unreadable.push(name);
            }
        }
    }
    Ok(handed)
}
