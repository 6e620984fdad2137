//! Many people at once, from a table of e-mail addresses and roles. Each row is judged by the rules of a
//! single invitation or change of role; either every row is carried out, or none.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::json;

use super::caller::Caller;
use super::people::{self, assignable, checked_email};
use crate::app::App;
use crate::db::{self, Tx, entity::users};
use crate::domain::role::UserRole;
use crate::error::{Error, Result};
use crate::words;

/// Most rows of one table.
const MOST_ROWS: usize = 5000;

words! {
    /// What a row comes to.
    ImportOutcome {
        Invite = "invite",
        Exists = "exists",
        ChangeRole = "change_role",
        Error = "error",
    }
}

/// Whether the table is carried out, or only judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    Dry,
    Real,
}

/// A row and what it comes to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ImportRow {
    /// Where it stands in the table.
    pub line: u64,
    pub email: String,
    pub role: String,
    pub outcome: ImportOutcome,
    /// Why it is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What a whole table comes to.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct ImportReport {
    pub rows: Vec<ImportRow>,
    pub invited: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub errors: u64,
}

/// Judges a table and, unless it is a dry run, carries it out.
///
/// Errors: 400 `invalid_csv`, 400 `too_many_rows`, 400 `import_has_errors` with the report as details.
pub async fn import(app: &App, caller: &Caller, table: &[u8], run: Run) -> Result<ImportReport> {
    let rows = read(table)?;
    app.db
        .write(async |tx| {
            let judged = judge(tx, caller, rows).await?;
            let report = report(&judged);
            if run == Run::Dry {
                return Ok(report);
            }
            if report.errors > 0 {
                let why = match report.errors {
                    1 => "a row can't be carried out, so none was".to_owned(),
                    errors => format!("{errors} rows can't be carried out, so none was"),
                };
                return Err(Error::invalid("import_has_errors", why)
                    .hint("Correct the rows that the details name.")
                    .details(json!(report)));
            }
            for (_, act) in judged {
                match act {
                    Act::Invite(email, role) => drop(people::add(tx, app, caller, email, role).await?),
                    Act::Change(user, role) => drop(people::give_role(tx, app, caller, &user, role).await?),
                    Act::Nothing | Act::Refused(_) => {}
                }
            }
            Ok(report)
        })
        .await
}

/// A row as it stands in the table.
#[derive(Debug)]
struct Row {
    line: u64,
    email: String,
    role: String,
}

/// What a row asks for.
#[derive(Debug)]
enum Act {
    Invite(String, UserRole),
    Change(users::Model, UserRole),
    Nothing,
    Refused(String),
}

fn read(table: &[u8]) -> Result<Vec<Row>> {
    let table = table.strip_prefix(b"\xef\xbb\xbf").unwrap_or(table);
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).has_headers(true).from_reader(table);
    let header = reader.headers().map_err(|error| unreadable(&error))?.clone();
    let column = |name: &str| {
        let mut found = header.iter().enumerate().filter(|(_, title)| title.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(at),
            (None, _) | (Some(_), Some(_)) => {
                Err(Error::invalid("invalid_csv", format!("the first line must name the column {name} once"))
                    .hint("Begin the table with the line email,role"))
            }
        }
    };
    let (email, role) = (column("email")?, column("role")?);
    let (mut rows, mut lines) = (Vec::new(), Lines::new(table));
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        if rows.len() >= MOST_ROWS {
            return Err(Error::invalid("too_many_rows", format!("a table has at most {MOST_ROWS} rows"))
                .hint("Split it."));
        }
        let text = |at: usize| plain(record.get(at).unwrap_or_default()).to_owned();
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        rows.push(Row { line, email: text(email), role: text(role) });
    }
    Ok(rows)
}

/// A cell as it was before an export put an apostrophe before it, against spreadsheets that would have
/// taken it for a formula.
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(|c: char| !c.is_alphanumeric())).unwrap_or(cell)
}

/// Counts lines. The reader's own count is behind where lines end in two characters.
struct Lines<'a> {
    table: &'a [u8],
    counted: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn new(table: &'a [u8]) -> Self {
        Self { table, counted: 0, line: 1 }
    }

    /// The line of what begins at or after this byte.
    fn at(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).min(self.table.len());
        let rest = self.table.get(from..).unwrap_or_default();
        let begin = from + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.table.get(self.counted..begin).unwrap_or_default();
        self.line += passed.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.counted = self.counted.max(begin);
        self.line
    }
}

fn unreadable(error: &csv::Error) -> Error {
    Error::invalid("invalid_csv", format!("the table can't be read: {error}"))
}

async fn judge(tx: &Tx, caller: &Caller, rows: Vec<Row>) -> Result<Vec<(Row, Act)>> {
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut judged = Vec::with_capacity(rows.len());
    for row in rows {
        let act = match seen.insert(row.email.to_ascii_lowercase(), row.line) {
            Some(line) => Act::Refused(format!("the address stands in line {line} already")),
            None => match act(tx, caller, &row).await {
                Ok(act) => act,
                Err(error) if error.kind == crate::error::Kind::Internal => return Err(error),
                Err(error) => Act::Refused(error.message),
            },
        };
        judged.push((row, act));
    }
    Ok(judged)
}

async fn act(tx: &Tx, caller: &Caller, row: &Row) -> Result<Act> {
    let email = checked_email(&row.email)?;
    let user = db::users::find_by_email(tx, &email).await?;
    if user.as_ref().is_some_and(|user| user.role.as_str() == row.role) {
        return Ok(Act::Nothing);
    }
    let role = assignable(&row.role)?;
    match user {
        None => Ok(Act::Invite(email, role)),
        Some(user) => {
            people::may_give_role(caller, &user, role)?;
            Ok(Act::Change(user, role))
        }
    }
}

fn report(judged: &[(Row, Act)]) -> ImportReport {
    let mut report = ImportReport::default();
    for (row, act) in judged {
        let (outcome, count, message) = match act {
            Act::Invite(..) => (ImportOutcome::Invite, &mut report.invited, None),
            Act::Change(..) => (ImportOutcome::ChangeRole, &mut report.changed, None),
            Act::Nothing => (ImportOutcome::Exists, &mut report.unchanged, None),
            Act::Refused(why) => (ImportOutcome::Error, &mut report.errors, Some(why.clone())),
        };
        *count += 1;
        let (email, role) = (row.email.clone(), row.role.clone());
        report.rows.push(ImportRow { line: row.line, email, role, outcome, message });
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emails(table: &[u8]) -> Vec<(u64, String, String)> {
        read(table).unwrap().into_iter().map(|row| (row.line, row.email, row.role)).collect()
    }

    #[test]
    fn tables_of_every_common_shape_are_read() {
        let row = |line| (line, "a@b".to_owned(), "admin".to_owned());
        for table in [
            &b"email,role\na@b,admin\n"[..],
            b"email,role\r\na@b,admin",
            b"\xef\xbb\xbfemail,role\n\"a@b\",\"admin\"\n\n",
            b" Role , note, EMAIL \nadmin,x,a@b\n",
        ] {
            assert_eq!(emails(table), [row(2)], "{}", String::from_utf8_lossy(table));
        }
        let lines = emails(b"email,role\r\n\r\n\"a\r\nb\",x\r\nc,d\r\n").into_iter().map(|row| row.0);
        assert_eq!(lines.collect::<Vec<_>>(), [3, 5]);
        assert_eq!(emails(b"email,role\na@b\n")[0].2, "");
        assert!(emails(b"email,role\n").is_empty());
    }

    #[test]
    fn what_is_no_such_table_is_refused() {
        for table in [&b""[..], b"a@b,admin\n", b"email\na@b", b"email,email,role\n", b"email,role\n\xff,x\n"]
        {
            assert_eq!(read(table).unwrap_err().code, "invalid_csv", "{}", String::from_utf8_lossy(table));
        }
        let long = format!("email,role\n{}", "a@b,admin\n".repeat(MOST_ROWS + 1));
        assert_eq!(read(long.as_bytes()).unwrap_err().code, "too_many_rows");
    }
}
