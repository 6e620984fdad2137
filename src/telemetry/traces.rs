//! Spans of requests and of builds on their way to a collector: recorded by whoever knows them, held in a queue with a bound,
//! and sent by a task. Without a collector nothing is recorded. Nobody ever waits for a collector.

use std::collections::VecDeque;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

/// Spans that wait at most; what is beyond is dropped.
const WAITING: usize = 4096;
/// Spans that are sent at once at most.
const BATCH: usize = 512;

/// Names a trace.
pub type TraceId = [u8; 16];
/// Names a span within its trace.
pub type SpanId = [u8; 8];

/// One thing that took time.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    pub trace: TraceId,
    pub id: SpanId,
    pub parent: Option<SpanId>,
    pub name: String,
    pub kind: SpanKind,
    pub began_ns: u64,
    pub ended_ns: u64,
    /// What went wrong, if something did.
    pub failure: Option<String>,
    pub attributes: Vec<(&'static str, Value)>,
}

/// Whether a span answers somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    Internal,
    Server,
}

/// What an attribute says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Number(i64),
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(number)
    }
}

/// Milliseconds of a Unix time as spans have them.
pub fn nanoseconds(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or_default().saturating_mul(1_000_000)
}

/// The spans that wait.
#[derive(Debug, Default)]
pub struct Traces {
    on: bool,
    waiting: Mutex<VecDeque<Span>>,
    news: Notify,
}

impl Traces {
    /// `on` says whether there is a collector.
    pub fn new(on: bool) -> Self {
        Self { on, ..Self::default() }
    }

    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Keeps spans for the collector, as far as there is room; answers how many there is no room for.
    pub fn record(&self, spans: impl IntoIterator<Item = Span>) -> u64 {
        if !self.on {
            return 0;
        }
        let (mut dropped, mut waiting) = (0, self.waiting());
        for span in spans {
            match waiting.len() < WAITING {
                true => waiting.push_back(span),
                false => dropped += 1,
            }
        }
        drop(waiting);
        self.news.notify_one();
        dropped
    }

    /// Waits until there is something to send.
    pub async fn recorded(&self) {
        self.news.notified().await;
    }

    /// The oldest spans; empty when there are none.
    pub fn take(&self) -> Vec<Span> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(BATCH);
        waiting.drain(..count).collect()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Span>> {
        self.waiting.lock()
    }
}

/// The trace and the span that a request belongs to, by the header of W3C Trace Context.
pub fn caused_by(traceparent: &str) -> Option<(TraceId, SpanId)> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version.len() != 2
        || version == "ff"
        || flags.len() != 2
        || (version == "00" && parts.next().is_some())
    {
        return None;
    }
    let (trace, span) = (bytes::<16>(trace)?, bytes::<8>(span)?);
    (trace != [0; 16] && span != [0; 8]).then_some((trace, span))
}

fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let is_hex = hex.len() == 2 * N && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate().filter(|_| is_hex) {
        *byte = u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    is_hex.then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_trace_is_read_and_nonsense_is_left_aside() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let (trace, span) = caused_by(good).unwrap();
        assert_eq!((trace[0], trace[15], span[0], span[7]), (0x0a, 0x9c, 0xb7, 0x31));
        for nonsense in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-ééééééééééééééée-b7ad6b7169203331-01",
        ] {
            assert_eq!(caused_by(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn a_collector_that_does_not_take_spans_costs_no_memory() {
        let span = Span {
            trace: [1; 16],
            id: [1; 8],
            parent: None,
            name: "n".to_owned(),
            kind: SpanKind::Internal,
            began_ns: 0,
            ended_ns: 0,
            failure: None,
            attributes: Vec::new(),
        };
        let many = || std::iter::repeat_n(span.clone(), WAITING + 3);
        assert_eq!(Traces::new(true).record(many()), 3);
        let off = Traces::new(false);
        assert_eq!((off.record(many()), off.take().len()), (0, 0));
    }
}
