//! An OAuth application at GitLab: where a person agrees, and what their agreement is exchanged for (RFC 6749, 7636).
//! Access tokens live for two hours; each renewal gives a new refresh token and ends the old one.

use reqwest::Url;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::forge::Forge;
use crate::forge::host::{Trouble, message};

/// What is asked of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// To read code, and nothing else.
    Read,
    /// Also to write how builds go: GitLab has nothing smaller for that.
    Report,
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read_api read_repository",
            Scope::Report => "api read_repository",
        }
    }
}

/// An application, as it was registered at GitLab.
pub struct Application<'a> {
    pub host_url: &'a str,
    pub client_id: &'a str,
    pub client_secret: &'a str,
}

/// What the browser takes along.
pub struct Request<'a> {
    pub redirect_uri: &'a str,
    pub state: &'a str,
    pub scope: Scope,
    /// Base64url SHA-256 of the verifier.
    pub challenge: &'a str,
}

/// What is exchanged for tokens.
pub enum Grant<'a> {
    Code { code: &'a str, verifier: &'a str, redirect_uri: &'a str },
    Refresh { token: &'a str },
}

/// What GitLab gives.
#[derive(Deserialize)]
pub struct Granted {
    pub access_token: Zeroizing<String>,
    #[serde(default)]
    pub refresh_token: Option<Zeroizing<String>>,
    /// For how many seconds the access token is good; older versions give such that don't end.
    #[serde(default)]
    pub expires_in: Option<i64>,
}

/// The page at which a person agrees.
pub fn authorize_url(application: &Application<'_>, request: &Request<'_>) -> Result<String, Trouble> {
    let page = format!("{}/oauth/authorize", application.host_url);
    let mut url = Url::parse(&page).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    url.query_pairs_mut().extend_pairs([
        ("client_id", application.client_id),
        ("redirect_uri", request.redirect_uri),
        ("response_type", "code"),
        ("state", request.state),
        ("scope", request.scope.as_str()),
        ("code_challenge", request.challenge),
        ("code_challenge_method", "S256"),
    ]);
    Ok(url.into())
}

/// Whether it is GitLab that refuses (RFC 6749, 5.2), and not something on the way to it.
fn is_final(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let said = serde_json::from_slice::<Refusal>(body);
    said.is_ok_and(|said| {
        matches!(said.error.as_str(), "invalid_grant" | "invalid_client" | "unauthorized_client")
    })
}

/// Exchanges a grant for tokens. `Trouble::Refused` says that GitLab takes the grant or the application no longer.
pub async fn exchange(
    forge: &Forge,
    application: &Application<'_>,
    grant: &Grant<'_>,
) -> Result<Granted, Trouble> {
    let mut form = vec![("client_id", application.client_id), ("client_secret", application.client_secret)];
    match grant {
        Grant::Code { code, verifier, redirect_uri } => form.extend([
            ("grant_type", "authorization_code"),
            ("code", *code),
            ("code_verifier", *verifier),
            ("redirect_uri", *redirect_uri),
        ]),
        Grant::Refresh { token } => {
            form.extend([("grant_type", "refresh_token"), ("refresh_token", *token)]);
        }
    }
    let url = format!("{}/oauth/token", application.host_url);
    let answer = forge.outgoing.post_form(&url, &form, None).await?;
    match answer.status.as_u16() {
        200..=299 => serde_json::from_slice(&answer.body)
            // The error would quote what was not understood, which may be a token.
            .map_err(|_| Trouble::Unreadable("no tokens in it".to_owned())),
        code @ (400 | 401 | 403) if is_final(&answer.body) => {
            Err(Trouble::Refused(code, message(&answer.body)))
        }
        code => Err(Trouble::Away(format!("it answered {code}"))),
    }
}
