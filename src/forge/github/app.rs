//! A GitHub App: what proves it (a token signed with its key, RFC 7519), how one comes to be from a manifest, and
//! what it may see.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::super::host::{Trouble, encoded};
use super::tokens::Token;
use super::{Api, JSON};
use crate::error::{Error, Result};

/// GitHub accepts ten minutes; clocks may differ by one.
const LIVES_SECONDS: i64 = 540;
const CLOCKS_DIFFER_SECONDS: i64 = 60;

/// An app that can prove itself.
pub struct Identity {
    app_id: String,
    key: KeyPair,
}

/// What GitHub tells about an app that was made from a manifest: once, with its secrets.
#[derive(Deserialize)]
pub struct NewApp {
    pub id: u64,
    pub slug: String,
    pub name: String,
    pub html_url: String,
    pub client_secret: Zeroizing<String>,
    pub webhook_secret: Option<Zeroizing<String>>,
    pub pem: Zeroizing<String>,
}

/// An account that has installed the app.
#[derive(Debug, Deserialize)]
pub struct Installation {
    pub id: u64,
    pub account: Account,
    /// When somebody took it back for the time being.
    pub suspended_at: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Account {
    pub login: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// A repository that an installation may see.
#[derive(Debug, Deserialize)]
pub struct Listed {
    pub id: u64,
    pub full_name: String,
    pub private: bool,
    pub default_branch: Option<String>,
    pub owner: Owner,
}

#[derive(Debug, Deserialize)]
pub struct Owner {
    pub avatar_url: Option<String>,
}

#[derive(Deserialize)]
struct ListedPage {
    repositories: Vec<Listed>,
}

#[derive(Deserialize)]
struct Minted {
    token: Zeroizing<String>,
    expires_at: String,
}

/// What a token of an installation may be used for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The daemon's own calls: everything the app may do.
    Api,
    /// Handed to a runner: it may read the code of these repositories, which GitHub numbers, and nothing else.
    Clone(Vec<u64>),
}

impl Identity {
    /// `pem` is the app's private key as GitHub gives it.
    ///
    /// Errors: 500 `key_error`.
    pub fn new(app_id: &str, pem: &str) -> Result<Self> {
        let unusable = |why: &str| Error::internal("key_error", "the app's private key can't be used", why);
        let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
        let der = STANDARD.decode(lines.collect::<String>()).map(Zeroizing::new);
        let der = der.map_err(|_| unusable("not PEM"))?;
        let key = if pem.contains("BEGIN RSA PRIVATE KEY") {
            KeyPair::from_der(&der)
        } else {
            KeyPair::from_pkcs8(&der)
        };
        Ok(Self { app_id: app_id.to_owned(), key: key.map_err(|why| unusable(&why.to_string()))? })
    }

    /// A token that proves the app for some minutes from `now` on.
    ///
    /// Errors: 500 `jwt_error`.
    pub fn prove(&self, now: i64) -> Result<Zeroizing<String>> {
        let claims = json!({
            "iat": now - CLOCKS_DIFFER_SECONDS, "exp": now + LIVES_SECONDS, "iss": self.app_id,
        });
        let part = |json: String| URL_SAFE_NO_PAD.encode(json);
        let text = format!(
            "{}.{}",
            part(json!({"alg": "RS256", "typ": "JWT"}).to_string()),
            part(claims.to_string())
        );
        let mut signature = vec![0; self.key.public().modulus_len()];
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.map_err(|_| Error::internal("jwt_error", "signing as the GitHub App failed", "RSA"))?;
        Ok(Zeroizing::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

impl Api {
    /// Exchanges the code of a manifest for the app it made.
    pub async fn convert(&self, code: &str) -> Result<NewApp, Trouble> {
        let path = format!("/app-manifests/{}/conversions", encoded(code));
        self.host.post(&path, JSON, &json!({})).await?.json()
    }

    /// Who has installed the app. Asked as the app.
    pub async fn installations(&self) -> Result<Vec<Installation>, Trouble> {
        self.host.pages("/app/installations?per_page=100", JSON, |page: Vec<Installation>| page).await
    }

    /// The repositories of an installation. Asked as the installation.
    pub async fn repositories(&self) -> Result<Vec<Listed>, Trouble> {
        let path = "/installation/repositories?per_page=100";
        self.host.pages(path, JSON, |page: ListedPage| page.repositories).await
    }

    /// A new token of an installation. Asked as the app.
    pub async fn mint(&self, installation: &str, purpose: &Purpose) -> Result<Token, Trouble> {
        let wanted = match purpose {
            Purpose::Api => json!({}),
            Purpose::Clone(repositories) => {
                json!({ "permissions": { "contents": "read" }, "repository_ids": repositories })
            }
        };
        let path = format!("/app/installations/{}/access_tokens", encoded(installation));
        let minted: Minted = self.host.post(&path, JSON, &wanted).await?.json()?;
        let expires_at = chrono::DateTime::parse_from_rfc3339(&minted.expires_at);
        let expires_at = expires_at.map_err(|_| Trouble::Unreadable("when a token expires".to_owned()))?;
        Ok(Token { value: minted.token, expires_at: expires_at.timestamp() })
    }
}
