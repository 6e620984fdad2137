//! The tokens of the model of GitLab: what they are good for, what they say of themselves, and how OAuth hands them out.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::Digest;

use super::answers::missing;
use super::{CLIENT_ID, CLIENT_SECRET, Inner, LIVES, Token};
use crate::support::host_http::said;

impl Inner {
    /// The token, if it is good for any of these scopes.
    pub(super) fn allowed(&self, token: Option<&str>, scopes: &[&str]) -> Result<Token, Box<Response>> {
        let refused = || Box::new(said(401, json!({"message": "401 Unauthorized"})));
        let token = self.tokens.get(token.ok_or_else(refused)?).ok_or_else(refused)?;
        if token.revoked || token.ends_at.is_some_and(|end| end <= self.now()) {
            return Err(refused());
        }
        if !scopes.iter().any(|scope| token.scopes.iter().any(|own| own == scope)) {
            let body = json!({"error": "insufficient_scope", "error_description": "The request requires higher privileges"});
            return Err(Box::new(said(403, body)));
        }
        Ok(token.clone())
    }

    pub(super) fn about_itself(&self, token: Option<&str>) -> Response {
        if self.is_old {
            return missing();
        }
        match self.allowed(token, &["api", "read_api", "read_user"]) {
            Ok(token) if token.personal => {
                let day =
                    token.ends_at.map(|end| chrono::DateTime::from_timestamp(end, 0).unwrap().date_naive());
                said(
                    200,
                    json!({"id": 1, "name": "oore", "revoked": false, "active": true, "scopes": token.scopes,
                        "user_id": token.user, "expires_at": day.map(|day| day.to_string())}),
                )
            }
            Ok(_) => said(400, json!({"message": "400 Bad request"})),
            Err(refused) => *refused,
        }
    }

    pub(super) fn exchange(&mut self, body: &Bytes) -> Response {
        let url = reqwest::Url::parse(&format!("http://x/?{}", std::str::from_utf8(body).unwrap())).unwrap();
        let form: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let refused = |error: &str| {
            said(
                400,
                json!({"error": error, "error_description": "The provided authorization grant is invalid"}),
            )
        };
        if form["client_id"] != CLIENT_ID || form["client_secret"] != CLIENT_SECRET {
            return said(
                401,
                json!({"error": "invalid_client", "error_description": "Client authentication failed"}),
            );
        }
        let user = match form["grant_type"].as_str() {
            "authorization_code" => {
                let Some(agreed) = self.agreed.remove(&form["code"]) else { return refused("invalid_grant") };
                let challenge = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(&form["code_verifier"]));
                if agreed.challenge != challenge || agreed.redirect_uri != form["redirect_uri"] {
                    return refused("invalid_grant");
                }
                agreed.user
            }
            "refresh_token" => match self.refresh_tokens.remove(&form["refresh_token"]) {
                Some(user) => {
                    self.tokens.retain(|_, token| token.personal || token.user != user);
                    user
                }
                None => return refused("invalid_grant"),
            },
            other => panic!("{other}"),
        };
        self.made += 1;
        let (access, refresh) = (format!("access-{:020}", self.made), format!("refresh-{:020}", self.made));
        let agreed = self.scope.clone().unwrap_or_else(|| "read_api read_repository".to_owned());
        let scopes = agreed.split(' ').map(str::to_owned).collect();
        let ends_at = Some(self.now() + LIVES);
        self.tokens.insert(access.clone(), Token { user, scopes, ends_at, personal: false, revoked: false });
        self.refresh_tokens.insert(refresh.clone(), user);
        said(
            200,
            json!({"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": LIVES,
                "scope": agreed, "created_at": self.now()}),
        )
    }
}
