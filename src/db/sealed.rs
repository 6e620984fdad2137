//! Queries on everything that is sealed, whatever table it is in: every BLOB column, and nothing else
//! is stored as BLOB. A value belongs to `table/id/column`. It moves values; it never looks inside.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::Tx;
use crate::error::Result;

/// A column of sealed values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub table: String,
    pub column: String,
}

/// A sealed value and its row.
#[derive(Debug)]
pub struct Value {
    pub id: String,
    pub sealed: Vec<u8>,
}

impl Column {
    /// What a value of this column is sealed for.
    pub fn identity(&self, id: &str) -> String {
        format!("{}/{id}/{}", self.table, self.column)
    }
}

pub async fn columns(db: &impl ConnectionTrait) -> Result<Vec<Column>> {
    let sql = "SELECT t.name AS \"table\", c.name AS \"column\" FROM sqlite_master t, pragma_table_info(t.name) c \
               WHERE t.type = 'table' AND upper(c.type) = 'BLOB' ORDER BY 1, 2";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    let column = |row: sea_orm::QueryResult| {
        Ok(Column { table: row.try_get("", "table")?, column: row.try_get("", "column")? })
    };
    rows.into_iter().map(column).collect()
}

/// The next values of a column after a place in its table, and the place of the last of them, if there is one.
pub async fn after(
    db: &impl ConnectionTrait,
    Column { table, column }: &Column,
    place: i64,
    limit: u64,
) -> Result<(Vec<Value>, Option<i64>)> {
    let sql = format!(
        "SELECT rowid AS place, CAST(id AS TEXT) AS id, \"{column}\" AS sealed FROM \"{table}\" \
         WHERE \"{column}\" IS NOT NULL AND rowid > ? ORDER BY rowid LIMIT ?"
    );
    let values = [place.into(), limit.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    let last = rows.last().map(|row| row.try_get("", "place")).transpose()?;
    Ok((rows.into_iter().map(value).collect::<Result<_>>()?, last))
}

fn value(row: sea_orm::QueryResult) -> Result<Value> {
    Ok(Value { id: row.try_get("", "id")?, sealed: row.try_get("", "sealed")? })
}

/// Some values of a column that do not begin with `mark`.
pub async fn without_mark(
    db: &impl ConnectionTrait,
    Column { table, column }: &Column,
    mark: &[u8],
    limit: u64,
) -> Result<Vec<Value>> {
    let sql = format!(
        "SELECT CAST(id AS TEXT) AS id, \"{column}\" AS sealed FROM \"{table}\" \
         WHERE \"{column}\" IS NOT NULL AND substr(\"{column}\", 1, ?) <> ? LIMIT ?"
    );
    let values = [(mark.len() as u64).into(), mark.to_vec().into(), limit.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    rows.into_iter().map(value).collect()
}

/// Puts a newly sealed value in the place of the old one.
pub async fn replace(tx: &Tx, Column { table, column }: &Column, id: &str, sealed: Vec<u8>) -> Result<()> {
    let sql = format!("UPDATE \"{table}\" SET \"{column}\" = ? WHERE CAST(id AS TEXT) = ?");
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [sealed.into(), id.into()]))
        .await?;
    Ok(())
}

/// From now on what this process overwrites is gone from the file, not only from the table.
pub async fn overwrite_for_good(tx: &Tx) -> Result<()> {
    tx.query_all_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA secure_delete = ON")).await?;
    Ok(())
}
