//! Spans as a collector takes them: the messages of OTLP, in a call of gRPC, over the HTTP client there is anyway. Why not
//! with the SDK: docs/adr/0006-traces-without-an-sdk.md.

use std::time::Duration;

use http_body_util::BodyExt;
use reqwest::header::{CONTENT_TYPE, HeaderValue};

use super::traces::{Span, SpanKind, Value};

/// The name by which collectors know us.
const SERVICE: &str = "oored";
const METHOD: &str = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
/// Where gRPC says how a call ended.
const STATUS: &str = "grpc-status";
const TIMEOUT: Duration = Duration::from_secs(10);

/// The collector that an operator named.
#[derive(Debug)]
pub struct Collector {
    client: reqwest::Client,
    url: String,
}

impl Collector {
    /// `endpoint` is the address of its gRPC receiver.
    pub fn new(endpoint: &str) -> reqwest::Result<Self> {
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let client =
            reqwest::Client::builder().http2_prior_knowledge().timeout(TIMEOUT).no_proxy().build()?;
        Ok(Self { client, url: format!("{}/{METHOD}", endpoint.trim_end_matches('/')) })
    }

    /// Hands spans over; or says why they were not taken.
    pub async fn export(&self, spans: &[Span]) -> Result<(), String> {
        let request = self
            .client
            .post(&self.url)
            .header(CONTENT_TYPE, "application/grpc")
            .header("te", "trailers")
            .body(framed(&request(spans)));
        let response = request.send().await.map_err(|error| error.without_url().to_string())?;
        if !response.status().is_success() {
            return Err(format!("it answered {}", response.status().as_u16()));
        }
        let status = match response.headers().get(STATUS).cloned() {
            // A call that fails at once has no body.
            Some(status) => Some(status),
            None => {
                let body = reqwest::Body::from(response).collect().await;
                let body = body.map_err(|error| error.without_url().to_string())?;
                body.trailers().and_then(|trailers| trailers.get(STATUS)).cloned()
            }
        };
        match status.as_ref().map(HeaderValue::as_bytes) {
            Some(b"0") => Ok(()),
            Some(status) => Err(format!("it answered with gRPC status {}", String::from_utf8_lossy(status))),
            None => Err("its answer has no gRPC status".to_owned()),
        }
    }
}

/// One message of a call: not compressed, with its length before it.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    [&[0][..], &length.to_be_bytes(), message].concat()
}

/// `ExportTraceServiceRequest`.
fn request(spans: &[Span]) -> Vec<u8> {
    let resource = message(|resource| {
        resource.message(1, attribute("service.name", &Value::Text(SERVICE.to_owned())));
        resource.message(1, attribute("service.version", &Value::Text(env!("CARGO_PKG_VERSION").to_owned())));
    });
    let scope = message(|scope| scope.text(1, SERVICE));
    let of_scope = message(|of_scope| {
        of_scope.message(1, scope);
        spans.iter().for_each(|one| of_scope.message(2, span(one)));
    });
    let of_resource = message(|of_resource| {
        of_resource.message(1, resource);
        of_resource.message(2, of_scope);
    });
    message(|request| request.message(1, of_resource))
}

/// `Span`.
fn span(span: &Span) -> Vec<u8> {
    message(|fields| {
        fields.bytes(1, &span.trace);
        fields.bytes(2, &span.id);
        if let Some(parent) = &span.parent {
            fields.bytes(4, parent);
        }
        fields.text(5, &span.name);
        fields.number(
            6,
            match span.kind {
                SpanKind::Internal => 1,
                SpanKind::Server => 2,
            },
        );
        fields.fixed(7, span.began_ns);
        fields.fixed(8, span.ended_ns);
        span.attributes.iter().for_each(|(key, value)| fields.message(9, attribute(key, value)));
        if let Some(failure) = &span.failure {
            fields.message(
                15,
                message(|status| {
                    status.text(2, failure);
                    status.number(3, 2);
                }),
            );
        }
    })
}

/// `KeyValue`.
fn attribute(key: &str, value: &Value) -> Vec<u8> {
    let value = message(|any| match value {
        Value::Text(text) => any.text(1, text),
        Value::Number(number) => any.number(3, number.cast_unsigned()),
    });
    message(|pair| {
        pair.text(1, key);
        pair.message(2, value);
    })
}

fn message(write: impl FnOnce(&mut Fields)) -> Vec<u8> {
    let mut fields = Fields(Vec::new());
    write(&mut fields);
    fields.0
}

/// The fields of a message of Protocol Buffers: a key of number and wire type before each value.
struct Fields(Vec<u8>);

impl Fields {
    fn key(&mut self, field: u32, wire: u32) {
        self.varint(u64::from((field << 3) | wire));
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    fn number(&mut self, field: u32, value: u64) {
        self.key(field, 0);
        self.varint(value);
    }

    fn fixed(&mut self, field: u32, value: u64) {
        self.key(field, 1);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u32, value: &[u8]) {
        self.key(field, 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    fn text(&mut self, field: u32, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    fn message(&mut self, field: u32, value: Vec<u8>) {
        self.bytes(field, &value);
    }
}
