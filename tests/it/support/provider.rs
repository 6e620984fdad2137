//! A small identity provider over real HTTP. It is honest unless a test tells it to lie; it checks
//! PKCE, client and redirect URI as a real one does.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::Stream;
use parking_lot::Mutex;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use rsa::pkcs1v15::SigningKey;
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::Digest;
use tokio::task::JoinHandle;

use super::gate::Gate;

pub const CLIENT: &str = "oore";
pub const SECRET: &str = "client s3cret & more";

/// A signing key with its name.
#[derive(Clone)]
pub struct Key {
    pub kid: Option<String>,
    pair: Arc<Pair>,
}

enum Pair {
    Ecdsa(Box<EcdsaKeyPair>),
    Rsa(Box<rsa::RsaPrivateKey>),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.published())
    }
}

impl Key {
    pub fn new(kid: &str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self { kid: Some(kid.to_owned()), pair: Arc::new(Pair::Ecdsa(Box::new(pair))) }
    }

    pub fn rsa(kid: &str, bits: usize) -> Self {
        let pair = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).unwrap();
        Self { kid: Some(kid.to_owned()), pair: Arc::new(Pair::Rsa(Box::new(pair))) }
    }

    /// As it stands in a key set.
    pub fn published(&self) -> Value {
        match &*self.pair {
            Pair::Ecdsa(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = (URL_SAFE_NO_PAD.encode(&point[..32]), URL_SAFE_NO_PAD.encode(&point[32..]));
                json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": x, "y": y})
            }
            Pair::Rsa(pair) => {
                let part = |number: &rsa::BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
                json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": part(pair.n()), "e": part(pair.e())})
            }
        }
    }

    fn algorithm(&self) -> &'static str {
        match &*self.pair {
            Pair::Ecdsa(_) => "ES256",
            Pair::Rsa(_) => "RS256",
        }
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        match &*self.pair {
            Pair::Ecdsa(pair) => pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                SigningKey::<sha2::Sha256>::new(pair.as_ref().clone()).sign(text.as_bytes()).to_vec()
            }
        }
    }
}

/// What an endpoint does.
#[derive(Debug, Clone)]
pub enum Reply {
    Honest,
    /// The whole answer: status, content type, body.
    Answers(u16, &'static str, String),
    /// A body that claims to be gzip.
    Gzip(Vec<u8>),
    Hangs,
    /// Honest, but only when the test lets it.
    Held(Arc<Gate>),
    /// A byte now and then, without end.
    Drips,
    /// As fast as it is read, without end.
    Endless,
}

/// How a token is signed.
#[derive(Debug, Clone)]
pub enum Signed {
    By(Key),
    /// `alg: none`, no signature.
    Not,
    /// HS256 with the public key's bytes as the secret.
    WithThePublicKey,
    /// By the published key, but half of the signature is missing.
    Cut,
}

/// What the provider says and does; tests change it.
#[derive(Clone)]
pub struct Script {
    pub published: Vec<Key>,
    /// Published beside them, as they are.
    pub other_keys: Vec<Value>,
    /// Merged into each of `published`; null removes one.
    pub key_members: Value,
    pub signed: Signed,
    /// Merged into the honest claims; null removes one.
    pub claims: Value,
    /// Text put before the end of the claims, for what no JSON value can say.
    pub more_claims: String,
    pub header: Value,
    /// Merged into the honest metadata; null removes one.
    pub metadata: Value,
    /// The metadata instead of the honest ones; `{issuer}` stands for the provider's address.
    pub document: Option<String>,
    pub discovery: Reply,
    pub keys: Reply,
    pub exchange: Reply,
    /// Whether a client may prove itself in a header.
    pub takes_header: bool,
    /// Sent instead of the token that would be made.
    pub raw_token: Option<String>,
}

struct Grant {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

struct Inner {
    script: Script,
    grants: HashMap<String, Grant>,
    asked: HashMap<&'static str, usize>,
    issuer: String,
    seen: Vec<HashMap<String, String>>,
    endless: Arc<AtomicUsize>,
}

/// A running provider.
pub struct Provider {
    pub issuer: String,
    inner: Arc<Mutex<Inner>>,
    serving: JoinHandle<()>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let key = Key::new("one");
        let script = Script {
            published: vec![key.clone()],
            other_keys: Vec::new(),
            key_members: json!({}),
            signed: Signed::By(key),
            claims: json!({}),
            more_claims: String::new(),
            header: json!({}),
            metadata: json!({}),
            document: None,
            discovery: Reply::Honest,
            keys: Reply::Honest,
            exchange: Reply::Honest,
            takes_header: true,
            raw_token: None,
        };
        let inner = Inner {
            script,
            grants: HashMap::new(),
            asked: HashMap::new(),
            issuer: issuer.clone(),
            seen: Vec::new(),
            endless: Arc::default(),
        };
        let inner = Arc::new(Mutex::new(inner));
        let routes = Router::new()
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/elsewhere", any(elsewhere))
            // Issuers may have a path, after which their metadata come.
            .fallback(get(discovery))
            .with_state(inner.clone());
        let serving = tokio::spawn(async move { axum_serve(listener, routes).await });
        Self { issuer, inner, serving }
    }

    /// Changes what it does from now on.
    pub fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.inner.lock().script);
    }

    /// Sets the claims that differ from the honest ones.
    pub fn claims(&self, claims: Value) {
        self.script(|script| script.claims = claims);
    }

    /// What a browser does there: the person agrees, and comes back with a code.
    pub fn agree(&self, authorization_url: &str) -> String {
        let url = reqwest::Url::parse(authorization_url).unwrap();
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["code_challenge_method"], "S256");
        assert_eq!(query["client_id"], CLIENT);
        assert_eq!(query["scope"], "openid email profile");
        let code = format!("code-{}", query["state"]);
        let grant = Grant {
            nonce: query["nonce"].clone(),
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
        };
        let mut inner = self.inner.lock();
        inner.grants.insert(code.clone(), grant);
        inner.seen.push(query);
        code
    }

    /// How often an endpoint was asked.
    pub fn asked(&self, endpoint: &str) -> usize {
        self.inner.lock().asked.get(endpoint).copied().unwrap_or(0)
    }

    /// How many bytes of endless answers were taken off it.
    pub fn sent_endlessly(&self) -> usize {
        self.inner.lock().endless.load(Ordering::SeqCst)
    }

    /// The parameters of every authorization request.
    pub fn seen(&self) -> Vec<HashMap<String, String>> {
        self.inner.lock().seen.clone()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn axum_serve(listener: tokio::net::TcpListener, routes: Router) {
    use hyper_util::rt::TokioIo;
    use tower::ServiceExt;
    while let Ok((stream, _)) = listener.accept().await {
        let routes = routes.clone();
        tokio::spawn(async move {
            let service =
                hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                    routes.clone().oneshot(request.map(axum::body::Body::new))
                });
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

type Shared = State<Arc<Mutex<Inner>>>;

/// The answer that the script demands instead of an honest one, if any.
async fn scripted(
    inner: &Mutex<Inner>,
    endpoint: &'static str,
    which: fn(&Script) -> &Reply,
) -> Option<Response> {
    let (reply, sent) = {
        let mut inner = inner.lock();
        *inner.asked.entry(endpoint).or_default() += 1;
        (which(&inner.script).clone(), inner.endless.clone())
    };
    let body = |stream| ([("content-type", "application/json")], Body::from_stream(stream)).into_response();
    match reply {
        Reply::Honest => None,
        Reply::Answers(status, kind, body) => {
            let status = StatusCode::from_u16(status).unwrap();
            Some((status, [("content-type", kind), ("location", "/elsewhere")], body).into_response())
        }
        Reply::Gzip(bytes) => {
            let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
            Some((headers, bytes).into_response())
        }
        Reply::Hangs => std::future::pending().await,
        Reply::Held(gate) => {
            gate.pass().await;
            None
        }
        Reply::Drips => Some(body(pieces(Bytes::from_static(b" "), Duration::from_millis(200), sent))),
        Reply::Endless => Some(body(pieces(Bytes::from(vec![b' '; 64 * 1024]), Duration::ZERO, sent))),
    }
}

type Pieces = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, std::convert::Infallible>> + Send>>;

fn pieces(piece: Bytes, pause: Duration, sent: Arc<AtomicUsize>) -> Pieces {
    Box::pin(futures_util::stream::unfold((), move |()| {
        let piece = piece.clone();
        sent.fetch_add(piece.len(), Ordering::SeqCst);
        async move {
            tokio::time::sleep(pause).await;
            Some((Ok(piece), ()))
        }
    }))
}

/// Where redirects lead: nobody should come here.
async fn elsewhere(State(inner): Shared) -> StatusCode {
    *inner.lock().asked.entry("elsewhere").or_default() += 1;
    StatusCode::OK
}

async fn discovery(State(inner): Shared, uri: Uri) -> Response {
    if !uri.path().ends_with("/.well-known/openid-configuration") {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(answer) = scripted(&inner, "discovery", |script| &script.discovery).await {
        return answer;
    }
    let inner = inner.lock();
    let issuer = &inner.issuer;
    if let Some(document) = &inner.script.document {
        return ([("content-type", "application/json")], document.replace("{issuer}", issuer))
            .into_response();
    }
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=7"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["openid", "email"],
    });
    merge(&mut document, &inner.script.metadata);
    Json(document).into_response()
}

async fn keys(State(inner): Shared) -> Response {
    if let Some(answer) = scripted(&inner, "keys", |script| &script.keys).await {
        return answer;
    }
    let inner = inner.lock();
    let own = inner.script.published.iter().map(|key| {
        let mut key = key.published();
        merge(&mut key, &inner.script.key_members);
        key
    });
    let keys: Vec<Value> = inner.script.other_keys.iter().cloned().chain(own).collect();
    Json(json!({ "keys": keys })).into_response()
}

async fn token(State(inner): Shared, headers: HeaderMap, body: String) -> Response {
    let form = reqwest::Url::parse(&format!("http://form?{body}")).unwrap();
    let form: HashMap<String, String> = form.query_pairs().into_owned().collect();
    if let Some(answer) = scripted(&inner, "token", |script| &script.exchange).await {
        return answer;
    }
    let mut inner = inner.lock();
    let refuse = |word: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": word }))).into_response();
    let by_header = headers.contains_key("authorization");
    if !is_client(&headers, &form) || (by_header && !inner.script.takes_header) {
        return refuse("invalid_client");
    }
    let Some(grant) = form.get("code").and_then(|code| inner.grants.remove(code)) else {
        return refuse("invalid_grant");
    };
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    let challenge = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(verifier.as_bytes()));
    let same = challenge == grant.challenge && form.get("redirect_uri") == Some(&grant.redirect_uri);
    if !same || !(43..=128).contains(&verifier.len()) {
        return refuse("invalid_grant");
    }
    let token = made(&inner, &grant.nonce);
    Json(json!({"access_token": "a", "token_type": "Bearer", "id_token": token})).into_response()
}

/// By header or by form, but not by both at once.
fn is_client(headers: &HeaderMap, form: &HashMap<String, String>) -> bool {
    let expected = format!("Basic {}", STANDARD.encode("oore:client+s3cret+%26+more"));
    match headers.get("authorization") {
        Some(value) => value.as_bytes() == expected.as_bytes() && !form.contains_key("client_secret"),
        None => {
            let said = |name: &str| form.get(name).map(String::as_str);
            (said("client_id"), said("client_secret")) == (Some(CLIENT), Some(SECRET))
        }
    }
}

/// The token of a grant, with every lie that was asked for.
fn made(inner: &Inner, nonce: &str) -> String {
    let script = &inner.script;
    if let Some(token) = &script.raw_token {
        return token.clone();
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({
        "iss": inner.issuer, "sub": "7", "aud": CLIENT, "iat": now, "exp": now + 7200, "nonce": nonce,
        "email": "ana@example.com", "email_verified": true, "picture": "https://pics.example.com/ana.png",
    });
    merge(&mut claims, &script.claims);
    let published = &script.published[0];
    let (alg, kid) = match &script.signed {
        Signed::By(key) => (key.algorithm(), key.kid.clone()),
        Signed::Cut => (published.algorithm(), published.kid.clone()),
        Signed::Not => ("none", None),
        Signed::WithThePublicKey => ("HS256", published.kid.clone()),
    };
    let mut header = json!({"alg": alg, "typ": "JWT", "kid": kid});
    merge(&mut header, &script.header);
    let header = match header.as_object().filter(|header| header["kid"].is_null()) {
        Some(header) => Value::Object(
            header.iter().filter(|(name, _)| *name != "kid").map(|(n, v)| (n.clone(), v.clone())).collect(),
        ),
        None => header,
    };
    let mut claims = claims.to_string();
    claims.insert_str(claims.len() - 1, &script.more_claims);
    let text = format!("{}.{}", part(&header.to_string()), part(&claims));
    let signature = match &script.signed {
        Signed::By(key) => key.sign(&text),
        Signed::Not => Vec::new(),
        Signed::Cut => published.sign(&text)[..32].to_vec(),
        Signed::WithThePublicKey => {
            let secret = serde_json::to_vec(&published.published()).unwrap();
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
            ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        }
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn part(json: &str) -> String {
    URL_SAFE_NO_PAD.encode(json)
}

fn merge(into: &mut Value, changes: &Value) {
    let object = into.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() && name != "kid" {
            object.remove(name);
        } else {
            object.insert(name.clone(), value.clone());
        }
    }
}
