//! A collector of traces, as OpenTelemetry's own messages and a gRPC server of others make it. It keeps what it is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::sync::mpsc;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// A running collector.
pub struct Collector {
    pub endpoint: String,
    received: mpsc::UnboundedReceiver<ExportTraceServiceRequest>,
    refusals: Arc<AtomicU32>,
    spans: Vec<Span>,
    /// The resource of what came last.
    pub service: Vec<(String, String)>,
}

struct Door {
    keep: mpsc::UnboundedSender<ExportTraceServiceRequest>,
    refusals: Arc<AtomicU32>,
}

#[tonic::async_trait]
impl TraceService for Door {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let refuses = |left: u32| left.checked_sub(1);
        if self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, refuses).is_ok() {
            return Err(Status::unavailable("not now"));
        }
        let _nobody_listens = self.keep.send(request.into_inner());
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

impl Collector {
    pub async fn start() -> Self {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let endpoint = format!("http://{}", incoming.local_addr().unwrap());
        let (keep, received) = mpsc::unbounded_channel();
        let refusals = Arc::<AtomicU32>::default();
        let service = TraceServiceServer::new(Door { keep, refusals: refusals.clone() });
        tokio::spawn(Server::builder().add_service(service).serve_with_incoming(incoming));
        Self { endpoint, received, refusals, spans: Vec::new(), service: Vec::new() }
    }

    /// Refuses so many calls from now on.
    pub fn refuse(&self, calls: u32) {
        self.refusals.store(calls, Ordering::SeqCst);
    }

    pub fn refusals_left(&self) -> u32 {
        self.refusals.load(Ordering::SeqCst)
    }

    /// Everything that came by the time there is enough.
    pub async fn until(&mut self, enough: impl Fn(&[Span]) -> bool) -> &[Span] {
        while !enough(&self.spans) {
            let next = tokio::time::timeout(Duration::from_secs(60), self.received.recv()).await;
            let request = next.expect("spans come").expect("the collector runs");
            for of_resource in request.resource_spans {
                let resource = of_resource.resource.unwrap();
                self.service =
                    resource.attributes.iter().map(|pair| (pair.key.clone(), text(pair))).collect();
                self.spans.extend(of_resource.scope_spans.into_iter().flat_map(|of_scope| of_scope.spans));
            }
        }
        &self.spans
    }
}

/// What an attribute says, as text.
pub fn text(pair: &KeyValue) -> String {
    match &pair.value {
        Some(AnyValue { value: Some(Value::StringValue(text)) }) => text.clone(),
        Some(AnyValue { value: Some(Value::IntValue(number)) }) => number.to_string(),
        other => panic!("{}: {other:?}", pair.key),
    }
}

/// The attribute of a span.
pub fn attribute(span: &Span, key: &str) -> String {
    text(span.attributes.iter().find(|pair| pair.key == key).unwrap_or_else(|| panic!("{key} of {span:?}")))
}
