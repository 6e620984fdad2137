//! The greatest ids that are stored: new ones must be greater. It knows which tables have ids, not what they are of.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::error::Result;

/// The greatest id of each table.
pub async fn greatest(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let sql = "SELECT t.name AS \"table\" FROM sqlite_master t, pragma_table_info(t.name) c \
               WHERE t.type = 'table' AND c.name = 'id' AND upper(c.type) = 'TEXT' AND c.pk = 1";
    let mut greatest = Vec::new();
    for row in db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await? {
        let table: String = row.try_get("", "table")?;
        let sql = format!("SELECT max(id) AS id FROM \"{table}\"");
        let found = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
        let id = found.map(|row| row.try_get::<Option<String>>("", "id")).transpose()?.flatten();
        greatest.extend(id);
    }
    Ok(greatest)
}
