//! A small identity provider over real HTTP. It is honest unless a test tells it to lie; it checks
//! PKCE, client and redirect URI as a real one does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::Digest;
use tokio::task::JoinHandle;

pub const CLIENT: &str = "oore";
pub const SECRET: &str = "client s3cret & more";

/// A signing key with its name.
#[derive(Clone)]
pub struct Key {
    pub kid: Option<String>,
    pair: Arc<EcdsaKeyPair>,
}

impl Key {
    pub fn new(kid: &str) -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        Self { kid: Some(kid.to_owned()), pair: Arc::new(pair) }
    }

    fn published(&self) -> Value {
        let point = &self.pair.public_key().as_ref()[1..];
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[..32]), URL_SAFE_NO_PAD.encode(&point[32..]));
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid, "x": x, "y": y})
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        self.pair.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec()
    }
}

/// What the token endpoint does.
#[derive(Clone)]
pub enum Exchange {
    Honest,
    /// The whole answer.
    Answers(u16, &'static str, String),
    Hangs,
}

/// How a token is signed.
#[derive(Clone)]
pub enum Signed {
    By(Key),
    /// `alg: none`, no signature.
    Not,
    /// HS256 with the public key's bytes as the secret.
    WithThePublicKey,
}

/// What the provider says and does; tests change it.
#[derive(Clone)]
pub struct Script {
    pub published: Vec<Key>,
    pub signed: Signed,
    /// Merged into the honest claims; null removes one.
    pub claims: Value,
    pub header: Value,
    pub exchange: Exchange,
    pub discovery: Value,
    pub discovery_status: u16,
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
            signed: Signed::By(key),
            claims: json!({}),
            header: json!({}),
            exchange: Exchange::Honest,
            discovery: json!({}),
            discovery_status: 200,
            raw_token: None,
        };
        let inner = Inner {
            script,
            grants: HashMap::new(),
            asked: HashMap::new(),
            issuer: issuer.clone(),
            seen: Vec::new(),
        };
        let inner = Arc::new(Mutex::new(inner));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(inner.clone());
        let serving = tokio::spawn(async move { axum_serve(listener, routes).await });
        Self { issuer, inner, serving }
    }

    /// Changes what it does from now on.
    pub fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.inner.lock().unwrap().script);
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
        let mut inner = self.inner.lock().unwrap();
        inner.grants.insert(code.clone(), grant);
        inner.seen.push(query);
        code
    }

    /// How often an endpoint was asked.
    pub fn asked(&self, endpoint: &str) -> usize {
        self.inner.lock().unwrap().asked.get(endpoint).copied().unwrap_or(0)
    }

    /// The parameters of every authorization request.
    pub fn seen(&self) -> Vec<HashMap<String, String>> {
        self.inner.lock().unwrap().seen.clone()
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

async fn discovery(State(inner): Shared) -> Response {
    let mut inner = inner.lock().unwrap();
    *inner.asked.entry("discovery").or_default() += 1;
    let issuer = &inner.issuer;
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
    merge(&mut document, &inner.script.discovery);
    (StatusCode::from_u16(inner.script.discovery_status).unwrap(), Json(document)).into_response()
}

async fn keys(State(inner): Shared) -> Json<Value> {
    let mut inner = inner.lock().unwrap();
    *inner.asked.entry("keys").or_default() += 1;
    let keys: Vec<Value> = inner.script.published.iter().map(Key::published).collect();
    Json(json!({ "keys": keys }))
}

async fn token(State(inner): Shared, headers: HeaderMap, body: String) -> Response {
    let form = reqwest::Url::parse(&format!("http://form?{body}")).unwrap();
    let form: HashMap<String, String> = form.query_pairs().into_owned().collect();
    let exchange = {
        let mut inner = inner.lock().unwrap();
        *inner.asked.entry("token").or_default() += 1;
        inner.script.exchange.clone()
    };
    match exchange {
        Exchange::Honest => {}
        Exchange::Answers(status, kind, body) => {
            let status = StatusCode::from_u16(status).unwrap();
            return (status, [("content-type", kind), ("location", "/elsewhere")], body).into_response();
        }
        Exchange::Hangs => std::future::pending().await,
    }
    let mut inner = inner.lock().unwrap();
    let refuse = |word: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": word }))).into_response();
    if !is_client(&headers) {
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

fn is_client(headers: &HeaderMap) -> bool {
    let encoded = "oore:client+s3cret+%26+more";
    let expected = format!("Basic {}", STANDARD.encode(encoded));
    headers.get("authorization").is_some_and(|value| value.as_bytes() == expected.as_bytes())
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
    let (alg, kid) = match &script.signed {
        Signed::By(key) => ("ES256", key.kid.clone()),
        Signed::Not => ("none", None),
        Signed::WithThePublicKey => ("HS256", script.published[0].kid.clone()),
    };
    let mut header = json!({"alg": alg, "typ": "JWT", "kid": kid});
    merge(&mut header, &script.header);
    let header = match header.as_object().filter(|header| header["kid"].is_null()) {
        Some(header) => Value::Object(
            header.iter().filter(|(name, _)| *name != "kid").map(|(n, v)| (n.clone(), v.clone())).collect(),
        ),
        None => header,
    };
    let text = format!("{}.{}", part(&header), part(&claims));
    let signature = match &script.signed {
        Signed::By(key) => key.sign(&text),
        Signed::Not => Vec::new(),
        Signed::WithThePublicKey => {
            let secret = serde_json::to_vec(&script.published[0].published()).unwrap();
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
            ring::hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        }
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(value).unwrap())
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
