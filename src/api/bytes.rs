//! Answers that are bytes: the part a client asks for (`Range`, `If-Range`), whether it has them
//! already (`If-None-Match`), and the headers that go with them (RFC 9110).

use std::ops::Range;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_range_header::{EndPosition, StartPosition, SyntacticallyCorrectRange};

use crate::error::{Error, Kind, Result};

/// Something that can be sent in parts.
#[derive(Debug, Clone)]
pub struct Content {
    pub size: u64,
    /// Strong, with its quotes.
    pub etag: String,
}

/// What of it is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Nothing,
    Whole,
    Part(Range<u64>),
}

impl Content {
    /// What the request asks for. Several ranges at once, or ones that make no sense, are answered
    /// with everything.
    ///
    /// Errors: 416 `range_not_satisfiable`.
    pub fn wanted(&self, request: &HeaderMap) -> Result<Wanted> {
        if self.is_known(request) {
            return Ok(Wanted::Nothing);
        }
        let stale = request.get(IF_RANGE).is_some_and(|tag| tag.as_bytes() != self.etag.as_bytes());
        let range = request.get(RANGE).and_then(|value| value.to_str().ok()).filter(|_| !stale);
        let parsed = range.and_then(|text| http_range_header::parse_range_header(text).ok());
        match parsed.as_ref().map(|parsed| parsed.ranges.as_slice()) {
            Some([one]) => self.part(one),
            Some(_) | None => Ok(Wanted::Whole),
        }
    }

    fn part(&self, asked: &SyntacticallyCorrectRange) -> Result<Wanted> {
        let start = match asked.start {
            StartPosition::Index(start) => start,
            StartPosition::FromLast(0) => self.size,
            StartPosition::FromLast(bytes) => self.size.saturating_sub(bytes),
        };
        let end = match asked.end {
            EndPosition::Index(last) if last < start => return Ok(Wanted::Whole),
            EndPosition::Index(last) => last.saturating_add(1).min(self.size),
            EndPosition::LastByte => self.size,
        };
        if start < end {
            return Ok(Wanted::Part(start..end));
        }
        let message = format!("there are only {} bytes", self.size);
        Err(Error::new(Kind::RangeNotSatisfiable, "range_not_satisfiable", message))
    }

    fn is_known(&self, request: &HeaderMap) -> bool {
        let tags = request.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
        tags.split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == self.etag || tag == "*")
    }

    /// The answer with status and headers; `body` makes the bytes of a stretch.
    pub fn respond(&self, wanted: Wanted, body: impl FnOnce(Range<u64>) -> Body) -> Response {
        let mut response = match &wanted {
            Wanted::Nothing => StatusCode::NOT_MODIFIED.into_response(),
            Wanted::Whole => body(0..self.size).into_response(),
            Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, body(range.clone())).into_response(),
        };
        let headers = response.headers_mut();
        let mut put = |name, text: String| {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        };
        put(ETAG, self.etag.clone());
        put(ACCEPT_RANGES, "bytes".to_owned());
        match wanted {
            Wanted::Nothing => {}
            Wanted::Whole => put(CONTENT_LENGTH, self.size.to_string()),
            Wanted::Part(range) => {
                put(CONTENT_LENGTH, (range.end - range.start).to_string());
                put(CONTENT_RANGE, format!("bytes {}-{}/{}", range.start, range.end - 1, self.size));
            }
        }
        response
    }
}

/// A 416 says how much there is (RFC 9110, 15.5.17).
pub fn unsatisfiable(error: Error, size: u64) -> Response {
    let mut response = error.into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(CONTENT_RANGE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(headers: &[(&'static str, &str)]) -> Result<Wanted, &'static str> {
        let headers = headers.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        });
        let content = Content { size: 100, etag: "\"e\"".to_owned() };
        content.wanted(&headers.collect()).map_err(|error| error.code)
    }

    #[test]
    fn one_sensible_range_is_answered_with_that_part() {
        assert_eq!(wanted(&[("range", "bytes=0-9")]), Ok(Wanted::Part(0..10)));
        assert_eq!(wanted(&[("range", "bytes=90-")]), Ok(Wanted::Part(90..100)));
        assert_eq!(wanted(&[("range", "bytes=-5")]), Ok(Wanted::Part(95..100)));
        assert_eq!(wanted(&[("range", "bytes=-500")]), Ok(Wanted::Part(0..100)));
        assert_eq!(wanted(&[("range", "bytes=90-500")]), Ok(Wanted::Part(90..100)));
        assert_eq!(wanted(&[("range", "bytes=0-9"), ("if-range", "\"e\"")]), Ok(Wanted::Part(0..10)));
    }

    #[test]
    fn anything_else_is_answered_whole_refused_or_left_out() {
        for range in ["bytes=0-1,5-6", "lines=1-2", "bytes=", "bytes=x-y", "bytes=9-1"] {
            assert_eq!(wanted(&[("range", range)]), Ok(Wanted::Whole), "{range}");
        }
        assert_eq!(wanted(&[("range", "bytes=0-9"), ("if-range", "\"old\"")]), Ok(Wanted::Whole));
        assert_eq!(wanted(&[("range", "bytes=100-")]), Err("range_not_satisfiable"));
        assert_eq!(wanted(&[("if-none-match", "\"x\", \"e\"")]), Ok(Wanted::Nothing));
    }
}
