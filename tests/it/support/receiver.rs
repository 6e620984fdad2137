//! A real HTTP server that others post to: it keeps what it got, and answers as it is told.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::gate::Gate;

/// What somebody posted.
#[derive(Debug, Clone)]
pub struct Posted {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// What is answered: a status, a header and a body.
type Script = (u16, Option<(&'static str, String)>, String);

#[derive(Default)]
struct Model {
    posted: Mutex<Vec<Posted>>,
    /// Answers to come; when there are none it is 200.
    script: Mutex<Vec<Script>>,
    held: Mutex<Option<Arc<Gate>>>,
    arrived: Notify,
}

/// Somebody who is told things.
pub struct Receiver {
    pub port: u16,
    model: Arc<Model>,
    serving: JoinHandle<()>,
}

impl Receiver {
    pub async fn start() -> Self {
        let model = Arc::new(Model::default());
        let routes = Router::new().fallback(answer).with_state(model.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { port, model, serving }
    }

    /// Its address by the name of this machine.
    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// The next answer that is not told yet.
    pub fn answer(&self, status: u16, body: &str) {
        self.model.script.lock().push((status, None, body.to_owned()));
    }

    pub fn answer_with(&self, status: u16, name: &'static str, value: &str) {
        self.model.script.lock().push((status, Some((name, value.to_owned())), String::new()));
    }

    /// Answers wait for the test from now on.
    pub fn hold(&self) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        *self.model.held.lock() = Some(gate.clone());
        gate
    }

    pub fn release(&self) {
        *self.model.held.lock() = None;
    }

    pub fn posted(&self) -> Vec<Posted> {
        self.model.posted.lock().clone()
    }

    /// Waits until so many were posted.
    pub async fn wait_for(&self, count: usize) {
        let waiting = async {
            while self.posted().len() < count {
                self.model.arrived.notified().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), waiting).await.expect("it is told in time");
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Posted {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

async fn answer(State(model): State<Arc<Model>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path_and_query().unwrap().to_string();
    model.posted.lock().push(Posted { path, headers, body: body.to_vec() });
    model.arrived.notify_one();
    let held = model.held.lock().clone();
    if let Some(gate) = held {
        gate.pass().await;
    }
    let next = {
        let mut script = model.script.lock();
        if script.is_empty() { None } else { Some(script.remove(0)) }
    };
    let Some((status, header, body)) = next else { return StatusCode::OK.into_response() };
    let status = StatusCode::from_u16(status).unwrap();
    match header {
        Some((name, value)) => (status, [(name, value)], body).into_response(),
        None => (status, body).into_response(),
    }
}
