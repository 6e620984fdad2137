//! A proxy before a daemon that loses one answer: the request arrives and is done, and the connection ends before
//! anybody hears of it. It knows the bounds of requests and nothing of what they say.

use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// Loses the answer that it is told to lose.
pub struct Forgetful {
    pub base: String,
    state: Arc<Mutex<State>>,
    _serving: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct State {
    /// Answers that pass before one is lost; none is lost without it.
    pass: Option<usize>,
    lost: Option<String>,
}

impl State {
    fn loses(&mut self, request: &str) -> bool {
        let Some(pass) = self.pass else { return false };
        self.pass = pass.checked_sub(1);
        if self.pass.is_some() {
            return false;
        }
        self.lost = Some(request.to_owned());
        true
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the answer is lost")]
struct Lost;

impl Forgetful {
    pub async fn before(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let (told, target) = (state.clone(), target.to_owned());
        let serving = AbortOnDropHandle::new(tokio::spawn(async move {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (told, target, client) = (told.clone(), target.clone(), client.clone());
                let service =
                    service_fn(move |request| pass(request, target.clone(), client.clone(), told.clone()));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        }));
        Self { base, state, _serving: serving }
    }

    /// Loses one answer after so many that pass.
    pub fn lose_after(&self, pass: usize) {
        *self.state.lock() = State { pass: Some(pass), lost: None };
    }

    /// Which request has lost its answer, if one has.
    pub fn lost(&self) -> Option<String> {
        self.state.lock().lost.clone()
    }
}

async fn pass(
    request: Request<Incoming>,
    target: String,
    client: reqwest::Client,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, Lost> {
    let (head, body) = request.into_parts();
    let said = format!("{} {}", head.method, head.uri.path());
    let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
    let url = format!("{target}{}", head.uri);
    let sent = client.request(head.method, url).headers(head.headers).body(body).send();
    let answer = sent.await.map_err(|_| Lost)?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
        response = response.header(name, value);
    }
    let bytes = answer.bytes().await.map_err(|_| Lost)?;
    if state.lock().loses(&said) {
        return Err(Lost);
    }
    Ok(response.body(Full::new(bytes)).unwrap())
}
