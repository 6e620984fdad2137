//! Exchanges the code that the provider sent along with the browser for an ID token.

use openidconnect::ClientSecret;

use super::provider::Provider;
use crate::error::{Error, Kind, Result};
use crate::outgoing::{Answer, Outgoing, form_urlencoded};

/// Who we are to the provider.
#[derive(Debug)]
pub struct ClientIdentity<'a> {
    pub id: &'a str,
    pub secret: Option<ClientSecret>,
}

/// What proves that the code is ours.
#[derive(Debug)]
pub struct Code<'a> {
    pub code: &'a str,
    pub verifier: &'a str,
    pub redirect_uri: &'a str,
}

/// The ID token, not yet verified.
///
/// Errors: 502 `token_exchange_error`, 502 `missing_id_token`.
pub async fn exchange(
    outgoing: &Outgoing,
    provider: &Provider,
    client: &ClientIdentity<'_>,
    code: &Code<'_>,
) -> Result<String> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.code),
        ("redirect_uri", code.redirect_uri),
        ("code_verifier", code.verifier),
    ];
    // RFC 6749 2.3.1: both parts are form-encoded before they go into the header.
    let encoded = client.secret.as_ref().map(|secret| (encode(client.id), encode(secret.secret())));
    let basic = match (&client.secret, provider.takes_basic()) {
        (Some(_), true) => encoded.as_ref().map(|(id, secret)| (id.as_str(), secret.as_str())),
        (Some(secret), false) => {
            form.extend([("client_id", client.id), ("client_secret", secret.secret())]);
            None
        }
        (None, _) => {
            form.push(("client_id", client.id));
            None
        }
    };
    let answer = outgoing.post_form(&provider.token_endpoint, &form, basic).await;
    id_token(&answer.map_err(|why| refused(&why.to_string()))?)
}

fn encode(text: &str) -> String {
    form_urlencoded(&[("", text)]).trim_start_matches('=').to_owned()
}

fn id_token(answer: &Answer) -> Result<String> {
    let body: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    if answer.status != 200 {
        let word = body.as_ref().and_then(|body| body["error"].as_str()).unwrap_or_default();
        let word: String = word.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect();
        return Err(refused(&format!("it answered {} {word}", answer.status.as_u16())));
    }
    let body =
        body.filter(serde_json::Value::is_object).ok_or_else(|| refused("its answer is unreadable"))?;
    match body.get("id_token") {
        Some(serde_json::Value::String(token)) => Ok(token.clone()),
        Some(_) | None => {
            Err(Error::new(Kind::Upstream, "missing_id_token", "the identity provider sent no ID token")
                .hint("Check that the client is allowed the scope openid."))
        }
    }
}

fn refused(why: &str) -> Error {
    let message = format!("the identity provider did not accept the sign-in: {}", why.trim_end());
    Error::new(Kind::Upstream, "token_exchange_error", message).hint(
        "Check client id, client secret and the redirect URI that the provider knows; then sign in again.",
    )
}
