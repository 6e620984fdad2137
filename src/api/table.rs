//! Tables as CSV, sent page by page so that none is ever whole in memory. A cell that a spreadsheet
//! would take for a formula is defused.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::{Error, Result};

/// Rows of a page.
pub const PAGE: u64 = 500;

/// A page of rows, and the place after which the next one begins; `None` when it was the last.
pub type Page<P> = (Vec<Vec<String>>, Option<P>);

/// Answers a file with this name and these columns, whose rows `next` reads from a place on.
pub fn download<P, F>(
    name: &'static str,
    columns: &[&str],
    start: P,
    next: impl Fn(P) -> F + Send + Sync + 'static,
) -> Result<Response>
where
    P: Send + 'static,
    F: Future<Output = Result<Page<P>>> + Send,
{
    let header = lines(&[columns.iter().map(|column| (*column).to_owned()).collect()])?;
    let state = (Some(header), Some(start), next);
    let pages = futures_util::stream::try_unfold(state, |(header, place, next)| async move {
        if let Some(header) = header {
            return Ok(Some((header, (None, place, next))));
        }
        let Some(place) = place else { return Ok::<_, Error>(None) };
        let (rows, after) = next(place).await?;
        Ok(Some((lines(&rows)?, (None, after, next))))
    });
    let mut response = Body::from_stream(pages).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

fn lines(rows: &[Vec<String>]) -> Result<Bytes> {
    let broken = |error: String| Error::internal("internal_error", "a table could not be written", error);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let cells = row.iter().map(|cell| defused(cell).into_owned());
        writer.write_record(cells).map_err(|error| broken(error.to_string()))?;
    }
    Ok(writer.into_inner().map_err(|error| broken(error.to_string()))?.into())
}

/// A cell that begins like a formula gets an apostrophe, by which spreadsheets take it for text.
fn defused(cell: &str) -> Cow<'_, str> {
    let begins = cell.trim_start().chars().next();
    let formula = matches!(begins, Some('=' | '+' | '-' | '@' | '|' | '%'));
    if formula || cell.starts_with(['\t', '\r', '\n']) { format!("'{cell}").into() } else { cell.into() }
}

/// Unix seconds as people read them, in UTC.
pub fn shown_time(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(&Rfc3339).ok());
    time.unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_text_stays_as_it_is() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=cmd|' /C calc'!A0"] {
            assert_eq!(defused(cell), format!("'{cell}"));
        }
        for cell in ["", "ana@example.com", "{\"a\":1}", "2026-11-25T00:00:00Z", "a=b"] {
            assert_eq!(defused(cell), cell);
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let rows = [vec!["a,b".to_owned(), "c\"d\r\ne".to_owned(), String::new()]];
        assert_eq!(lines(&rows).unwrap(), "\"a,b\",\"c\"\"d\r\ne\",\r\n");
        assert_eq!(shown_time(0), "1970-01-01T00:00:00Z");
    }
}
