//! A client with or without a session. Every answer knows what was asked, so that a failed
//! expectation tells the whole story.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// Somebody who calls the API.
#[derive(Debug, Clone)]
pub struct Client {
    pub http: reqwest::Client,
    pub base: String,
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub asked: String,
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Client {
    pub fn new(base: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { http, base: base.to_owned(), token: None }
    }

    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// Signs in locally; `email` when there are several accounts.
    pub async fn sign_in(&self, email: Option<&str>) -> Self {
        let body = email.map_or(json!({}), |email| json!({ "email": email }));
        let session = self.post("/v1/auth/local/login", body).await.ok();
        self.with_token(session["session_token"].as_str().unwrap())
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let asked = format!("{} {}", request.method(), request.url());
        let response = self.http.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        Answer {
            asked,
            status,
            headers,
            text: String::from_utf8_lossy(&response.bytes().await.unwrap()).into_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(self.request(Method::PUT, path).json(&body)).await
    }

    /// The id of the signed-in account.
    pub async fn id(&self) -> String {
        self.get("/v1/users/me").await.ok()["user"]["id"].as_str().unwrap().to_owned()
    }

    /// A project on a repository.
    pub async fn project(&self, name: &str, repository: &super::Repository) -> Value {
        let body = json!({"name": name, "local_repository_path": repository.path()});
        self.post("/v1/projects", body).await.created()["project"].clone()
    }

    /// A pipeline of a project.
    pub async fn pipeline(&self, project: &Value, name: &str) -> Value {
        let path = format!("/v1/projects/{}/pipelines", project["id"].as_str().unwrap());
        self.post(&path, json!({ "name": name })).await.created()["pipeline"].clone()
    }

    /// Starts a build.
    pub async fn build(&self, pipeline: &Value) -> Value {
        let path = format!("/v1/projects/{}/builds", pipeline["project_id"].as_str().unwrap());
        self.post(&path, json!({"pipeline_id": pipeline["id"]})).await.created()["build"].clone()
    }

    /// The exact bytes of a build's log.
    pub async fn raw_log(&self, build: &Value) -> Vec<u8> {
        let path = format!("/v1/builds/{}/logs/raw", build["id"].as_str().unwrap());
        let response = self.request(Method::GET, &path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap().to_vec()
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("{} answered {}: not JSON: {}", self.asked, self.status, self.text))
    }

    /// The body, if the status is the expected one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{} answered {}", self.asked, self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The same for an answer that is no JSON.
    #[track_caller]
    pub fn expect_status(&self, status: u16) {
        assert_eq!(self.status.as_u16(), status, "{} answered {}", self.asked, self.text);
    }

    #[track_caller]
    pub fn ok(&self) -> Value {
        self.expect(200)
    }

    #[track_caller]
    pub fn created(&self) -> Value {
        self.expect(201)
    }

    /// Checks status, code and that the error is complete; answers the body.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{} answered {}", self.asked, self.text);
        assert!(body["error"].as_str().is_some_and(|text| !text.is_empty()), "{}", self.text);
        assert_eq!(body["request_id"].as_str(), self.header("x-request-id"), "{}", self.text);
        if status == 429 {
            let wait = self.header("retry-after").and_then(|seconds| seconds.parse::<u64>().ok());
            assert!(wait.is_some_and(|seconds| seconds > 0), "{} says no time to try again", self.asked);
            assert_eq!(body["details"]["retry_after_seconds"].as_u64(), wait, "{}", self.text);
        }
        body
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
