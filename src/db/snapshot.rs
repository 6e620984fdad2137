//! A copy of the whole database as it is at one moment, made while others read and write.

use std::path::Path;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Db;
use crate::error::{Error, Result};

/// Makes `target`, which must not exist.
pub async fn take(db: &Db, target: &Path) -> Result<()> {
    let Some(target) = target.to_str() else {
        return Err(Error::invalid("invalid_path", format!("{} is no UTF-8 text", target.display()))
            .hint("Name a folder whose name is."));
    };
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [target.into()]);
    db.read().execute_raw(statement).await?;
    Ok(())
}
