//! Sets instances up over HTTP, step by step, as an operator does.

use oored::auth::setup::mint_token;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Client, Server};

/// A bootstrap token, as the command line mints it.
pub async fn bootstrap_token(server: &Server) -> String {
    let now = server.app.clock.now();
    server.app.db.write(async |tx| mint_token(tx, 900, now).await).await.unwrap()
}

/// A set-up session.
pub async fn open(server: &Server) -> Client {
    let token = bootstrap_token(server).await;
    let client = server.anonymous();
    let session = client.post("/v1/setup/bootstrap-token/verify", json!({ "token": token })).await.ok();
    client.with_token(session["session_token"].as_str().unwrap())
}

/// Chooses remote mode with this way to sign in.
pub async fn choose_remote(setup: &Client, auth: &str) {
    let modes = json!({"runtime_mode": "remote", "remote_auth_mode": auth});
    setup.post("/v1/setup/preferences", modes).await.ok();
}

/// A request as a trusted proxy passes it on.
pub async fn through_proxy(client: &Client, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(Method::POST, path);
    client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// An instance behind a trusted proxy that proves itself by `s3cret`, with this owner.
pub async fn behind_proxy(server: &Server, owner: &str) -> Client {
    let setup = open(server).await;
    choose_remote(&setup, "trusted_proxy").await;
    setup.post("/v1/setup/trusted-proxy/configure", json!({"shared_secret": "s3cret"})).await.ok();
    let headers = [("x-warpgate-username", owner), ("x-oore-trusted-proxy-secret", "s3cret")];
    through_proxy(&setup, "/v1/setup/owner/claim-trusted-proxy", &headers).await.ok();
    setup.post("/v1/setup/complete", json!({})).await.ok();
    proxy_sign_in(server, owner).await
}

/// Signs somebody in through the proxy.
pub async fn proxy_sign_in(server: &Server, email: &str) -> Client {
    let headers = [("x-warpgate-username", email), ("x-oore-trusted-proxy-secret", "s3cret")];
    let session: Value =
        through_proxy(&server.anonymous(), "/v1/auth/trusted-proxy/login", &headers).await.ok();
    server.anonymous().with_token(session["session_token"].as_str().unwrap())
}

/// The settings for a provider, as somebody enters them.
pub fn oidc_settings(provider: &super::provider::Provider) -> Value {
    json!({"issuer_url": provider.issuer, "client_id": super::provider::CLIENT, "client_secret": super::provider::SECRET})
}

/// Begins a sign-in; answers the address at the provider and the state.
pub async fn begin(client: &Client) -> (String, String) {
    let begun = client.get("/v1/auth/oidc/start").await.ok();
    let text = |key: &str| begun[key].as_str().unwrap().to_owned();
    (text("authorization_url"), text("state"))
}

/// A whole sign-in through a provider, whatever comes of it.
pub async fn through_provider(client: &Client, provider: &super::provider::Provider) -> Answer {
    let (url, state) = begin(client).await;
    let code = provider.agree(&url);
    client.post("/v1/auth/oidc/callback", json!({"code": code, "state": state})).await
}
