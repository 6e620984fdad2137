//! The app of the model of GitHub: its manifest, who proves to be calling, its installations with their tokens, and the
//! webhooks that were tried.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;
use serde_json::{Value, json};

use super::answers::missing;
use super::{APP_ID, CLIENT_SECRET, Grant, Inner, SLUG, Tried, WEBHOOK_SECRET};
use crate::support::host_http::said;

/// Who proves to be calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum By {
    Nobody,
    App,
    Installation(u64),
    /// The same, for some repositories only.
    Narrowed(u64, Vec<u64>),
    Wrong,
}

pub(super) fn name(by: &By) -> String {
    match by {
        By::Nobody => "nobody".to_owned(),
        By::App => "app".to_owned(),
        By::Installation(id) => format!("installation {id}"),
        By::Narrowed(id, _) => format!("installation {id}, narrowed"),
        By::Wrong => "somebody with a wrong credential".to_owned(),
    }
}

impl Inner {
    pub(super) fn who(&self, headers: &HeaderMap) -> By {
        let Some(proof) = headers.get("authorization") else { return By::Nobody };
        let proof = proof.to_str().unwrap();
        let token = match proof.split_once(' ') {
            Some(("Bearer", token)) => token.to_owned(),
            Some(("Basic", pair)) => {
                let pair = String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap();
                pair.strip_prefix("x-access-token:").unwrap_or_default().to_owned()
            }
            _ => return By::Wrong,
        };
        if let Some(grant) = self.tokens.get(&token) {
            return if grant.expires_at > self.now() {
                match &grant.repositories {
                    None => By::Installation(grant.installation),
                    Some(only) => By::Narrowed(grant.installation, only.clone()),
                }
            } else {
                By::Wrong
            };
        }
        if self.is_jwt(&token) { By::App } else { By::Wrong }
    }

    /// Checks a token of the app as GitHub does (RS256, not longer than ten minutes).
    fn is_jwt(&self, token: &str) -> bool {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return false };
        let json = |part: &str| -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        let (Some(head), Some(body)) = (json(header), json(claims)) else { return false };
        let key = VerifyingKey::<sha2::Sha256>::new(self.key.as_ref().unwrap().to_public_key());
        let Ok(signature) = Signature::try_from(&URL_SAFE_NO_PAD.decode(signature).unwrap_or_default()[..])
        else {
            return false;
        };
        let number = |name: &str| body[name].as_i64().unwrap_or_default();
        let (iat, exp, now) = (number("iat"), number("exp"), self.now());
        let in_time = iat <= now && exp > now && exp <= now + 600;
        let signed = key.verify(format!("{header}.{claims}").as_bytes(), &signature).is_ok();
        self.has_app
            && head["alg"] == "RS256"
            && body["iss"].as_str() == Some(APP_ID.to_string().as_str())
            && in_time
            && signed
    }

    pub(super) fn convert(&mut self, code: &str) -> Response {
        let Some(manifest) = self.codes.remove(code) else { return missing() };
        self.has_app = true;
        let pem = self.key.as_ref().unwrap().to_pkcs1_pem(rsa::pkcs1::LineEnding::LF).unwrap();
        let app = json!({
            "id": APP_ID, "slug": SLUG, "node_id": "A", "name": manifest["name"], "client_id": "Iv1.8a61f9b3a7aba766",
            "html_url": format!("{}/apps/{SLUG}", self.base), "client_secret": CLIENT_SECRET,
            "webhook_secret": WEBHOOK_SECRET, "pem": pem.as_str(),
            "permissions": manifest["default_permissions"], "events": manifest["default_events"],
        });
        said(201, app)
    }

    pub(super) fn installations(&self, by: &By, query: &HashMap<String, String>) -> Response {
        if *by != By::App {
            return said(401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let list = self.accounts.iter().map(|account| {
            json!({
                "id": account.id, "account": {"login": account.login, "id": account.id * 7, "type": "Organization"},
                "suspended_at": account.suspended.then_some("2026-01-01T00:00:00Z"),
            })
        });
        self.paged(list.collect(), query, "app/installations", Value::Array)
    }

    /// Newest first, with a cursor.
    pub(super) fn deliveries(&self, by: &By, query: &HashMap<String, String>) -> Response {
        if *by != By::App {
            return said(401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let before: i64 = query.get("cursor").map_or(i64::MAX, |cursor| cursor.parse().unwrap());
        let size: usize = self.page_size.unwrap_or_else(|| query["per_page"].parse().unwrap());
        let left: Vec<&Tried> = self.tried.iter().rev().filter(|tried| tried.id < before).collect();
        let page: Vec<Value> = left.iter().take(size).map(|tried| shown_try(tried)).collect();
        let mut response = said(200, Value::Array(page));
        if left.len() > size {
            let cursor = left[size - 1].id;
            let next = format!("<{}/api/v3/app/hook/deliveries?per_page={size}&cursor={cursor}>", self.base);
            response.headers_mut().insert("link", format!("{next}; rel=\"next\"").parse().unwrap());
        }
        response
    }

    pub(super) fn delivery(&self, by: &By, id: &str) -> Response {
        if *by != By::App {
            return said(401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let Some(tried) = self.tried.iter().find(|tried| tried.id.to_string() == id) else {
            return missing();
        };
        let mut whole = shown_try(tried);
        let headers = json!({"X-GitHub-Delivery": tried.guid, "X-GitHub-Event": tried.event});
        whole["request"] = json!({"headers": headers, "payload": tried.payload});
        whole["response"] = json!({"headers": {}, "payload": ""});
        said(200, whole)
    }

    pub(super) fn mint(&mut self, by: &By, id: &str, body: &Bytes) -> Response {
        if *by != By::App {
            return said(401, json!({"message": "A JSON web token could not be decoded"}));
        }
        let account = self.accounts.iter().find(|account| account.id.to_string() == id);
        let Some(account) = account else { return missing() };
        if account.suspended {
            return said(403, json!({"message": "This installation has been suspended"}));
        }
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let everything = json!({"contents": "read", "metadata": "read", "checks": "write",
            "statuses": "write", "pull_requests": "write"});
        let permissions =
            if asked["permissions"].is_object() { asked["permissions"].clone() } else { everything };
        let repositories: Option<Vec<u64>> =
            asked.get("repository_ids").map(|ids| serde_json::from_value(ids.clone()).unwrap());
        let may = |id: &u64| {
            self.repositories.iter().any(|one| one.id == *id && one.listed && one.owner() == account.login)
        };
        if !repositories.iter().flatten().all(may) {
            let message = "There is at least one repository that does not exist or is not accessible to the parent installation.";
            return said(422, json!({ "message": message }));
        }
        self.minted += 1;
        let token = format!("ghs_{:036}", self.minted);
        let expires_at = self.now() + 3600;
        let grant =
            Grant { installation: account.id, expires_at, permissions: permissions.clone(), repositories };
        self.tokens.insert(token.clone(), grant);
        let at = chrono::DateTime::from_timestamp(expires_at, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ");
        said(201, json!({"token": token, "expires_at": at.to_string(), "permissions": permissions}))
    }
}

fn shown_try(tried: &Tried) -> Value {
    let at = chrono::DateTime::from_timestamp(tried.at, 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ");
    json!({
        "id": tried.id, "guid": tried.guid, "delivered_at": at.to_string(), "redelivery": false, "duration": 0.1,
        "status": tried.status, "status_code": if tried.status == "OK" { 200 } else { 502 },
        "event": tried.event, "action": null, "installation_id": 1, "repository_id": 1000,
    })
}
