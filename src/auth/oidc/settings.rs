//! Which identity provider the instance uses: asked at once whether it is one, its secret sealed.
//! Sign-ins that were started with older settings are void.

use uuid::Uuid;

use super::provider::{Provider, discover};
use crate::app::App;
use crate::db::entity::oidc_settings::Model;
use crate::db::oidc_settings::ROW;
use crate::db::{self, Tx};
use crate::error::{Error, FieldError, Result, codes};

/// What the client secret is sealed for.
const SECRET_IDENTITY: &str = "oidc_settings/1/client_secret";

/// Settings as somebody enters them.
pub struct Entered {
    pub issuer_url: String,
    pub client_id: String,
    pub client_secret: Option<String>,
    pub secret: WithoutSecret,
}

/// What an absent secret means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutSecret {
    /// The stored one stays, if it still belongs to this provider and client.
    Keep,
    Clear,
}

/// Settings that were checked and whose provider was found; to be saved.
pub struct Checked {
    row: Model,
    secret: Secret,
    /// What is worth knowing about the provider.
    pub notes: Vec<String>,
}

enum Secret {
    Sealed(Option<Vec<u8>>),
    Kept,
}

/// Checks what was entered, and asks the provider.
///
/// Errors: 400 `invalid_input`, 400 `oidc_discovery_failed`, 500 `encryption_error`.
pub async fn check(app: &App, entered: Entered) -> Result<Checked> {
    let issuer = entered.issuer_url.trim();
    let client_id = entered.client_id.trim();
    check_fields(issuer, client_id, &entered)?;
    let provider = find(app, issuer).await?;
    let secret = match (&entered.client_secret, entered.secret) {
        (Some(secret), _) => Secret::Sealed(Some(app.sealer.seal(SECRET_IDENTITY, secret.as_bytes())?)),
        (None, WithoutSecret::Clear) => Secret::Sealed(None),
        (None, WithoutSecret::Keep) => Secret::Kept,
    };
    let metadata = &provider.metadata;
    let row = Model {
        id: ROW,
        revision: Uuid::now_v7().to_string(),
        issuer_url: provider.issuer().to_owned(),
        client_id: client_id.to_owned(),
        client_secret: None,
        authorization_endpoint: metadata.authorization_endpoint().to_string(),
        token_endpoint: provider.token_endpoint.clone(),
        userinfo_endpoint: metadata.userinfo_endpoint().map(ToString::to_string),
        jwks_uri: metadata.jwks_uri().to_string(),
        configured_at: app.clock.now(),
    };
    Ok(Checked { row, secret, notes: provider.notes })
}

fn check_fields(issuer: &str, client_id: &str, entered: &Entered) -> Result<()> {
    let mut wrong = Vec::new();
    wrong.extend(wrong_issuer(issuer));
    if client_id.is_empty() || client_id.len() > 256 || client_id.chars().any(char::is_control) {
        wrong.push(FieldError::new("client_id", "must have 1 to 256 characters"));
    }
    let secret = entered.client_secret.as_deref();
    if secret.is_some_and(|secret| secret.is_empty() || secret.len() > 1024) {
        wrong.push(FieldError::new("client_secret", "must have 1 to 1024 characters"));
    }
    if secret.is_some() && entered.secret == WithoutSecret::Clear {
        wrong.push(FieldError::new("clear_client_secret", "contradicts the secret that is given"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid_fields("invalid_input", wrong)) }
}

/// What is wrong with an issuer as it was entered. It is not repeated: it may hold a password.
fn wrong_issuer(issuer: &str) -> Option<FieldError> {
    let url =
        reqwest::Url::parse(issuer).ok().filter(|_| issuer.len() <= 2048 && !issuer.contains(['?', '#']));
    let wrong = |why: &str| Some(FieldError::new("issuer_url", why));
    match url {
        None => wrong("is not the address of an identity provider"),
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            wrong("must not hold a user or a password")
        }
        Some(_) => None,
    }
}

/// Tries a provider as it was entered.
///
/// Errors: 400 `invalid_input`, 400 `oidc_discovery_failed`.
pub async fn test(app: &App, entered: &str) -> Result<Provider> {
    let issuer = entered.trim();
    match wrong_issuer(issuer) {
        Some(wrong) => Err(Error::invalid_fields("invalid_input", vec![wrong])),
        None => find(app, issuer).await,
    }
}

/// Asks a provider what it is, without remembering it.
///
/// Errors: 400 `oidc_discovery_failed`.
async fn find(app: &App, issuer: &str) -> Result<Provider> {
    discover(&app.oidc.outgoing, issuer).await.map_err(|why| {
        Error::invalid("oidc_discovery_failed", format!("no identity provider was found at {issuer}: {why}"))
            .hint("Enter the issuer exactly as the provider states it.")
    })
}

/// Saves checked settings as part of `tx`. Their new revision voids the sign-ins that were started before.
///
/// Errors: 400 `oidc_secret_reentry_required`.
pub async fn save(tx: &Tx, checked: Checked) -> Result<Model> {
    let client_secret = match checked.secret {
        Secret::Sealed(secret) => secret,
        Secret::Kept => kept(db::oidc_settings::find(tx).await?, &checked.row)?,
    };
    let row = Model { client_secret, ..checked.row };
    db::oidc_settings::replace(tx, row.clone()).await?;
    Ok(row)
}

/// A secret is never sent to another provider than it was entered for.
fn kept(stored: Option<Model>, new: &Model) -> Result<Option<Vec<u8>>> {
    let Some(stored) = stored.filter(|stored| stored.client_secret.is_some()) else {
        return Ok(None);
    };
    if (&stored.issuer_url, &stored.client_id) == (&new.issuer_url, &new.client_id) {
        return Ok(stored.client_secret);
    }
    Err(Error::invalid(
        "oidc_secret_reentry_required",
        "the stored secret belongs to another provider or client",
    )
    .hint("Enter the client secret again, or clear it."))
}

/// The client secret in plain.
///
/// Errors: 500 `decryption_error`.
pub fn secret(app: &App, settings: &Model) -> Result<Option<openidconnect::ClientSecret>> {
    let Some(sealed) = &settings.client_secret else {
        return Ok(None);
    };
    let secret = app.sealer.open(SECRET_IDENTITY, sealed)?;
    let text = String::from_utf8(secret.to_vec()).map_err(|_| {
        Error::internal(codes::DECRYPTION_ERROR, "the stored client secret is unreadable", "not text")
    })?;
    Ok(Some(openidconnect::ClientSecret::new(text)))
}

/// The settings in force.
///
/// Errors: 500 `oidc_not_configured`.
pub async fn get(app: &App) -> Result<Model> {
    db::oidc_settings::find(app.db.read()).await?.ok_or_else(|| {
        Error::internal("oidc_not_configured", "no identity provider is configured", "no settings")
            .hint("Sign in on the machine itself and enter one in the settings.")
    })
}
