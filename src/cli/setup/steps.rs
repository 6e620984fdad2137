//! The set-up itself, step by step over HTTP. Each step may be the first one of this run: the daemon
//! says how far an earlier one came.

use std::time::Duration;

use serde_json::{Value, json};

use super::answers::{Access, Answers, Provider, Proxy};
use super::token;
use crate::cli::failure::Failure;
use crate::cli::folder::{self, Shared};
use crate::cli::http::{Daemon, session_token};
use crate::cli::terminal::{plain, warn};
use crate::clock::Clock;
use crate::db;

const TOKEN_TTL: i64 = 15 * 60;
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// A set-up that is open to this command.
pub struct SetUp {
    daemon: Daemon,
    shared: Shared,
    clock: Clock,
    pub summary: Value,
}

/// How far it came.
pub struct Outcome {
    pub instance_id: String,
    state: String,
    owner_email: Option<String>,
    /// Where it goes on, if it is not ready.
    pub link: Option<String>,
}

impl Outcome {
    pub fn ready(status: &Value) -> Self {
        Self {
            instance_id: text(&status["instance_id"]),
            state: text(&status["state"]),
            owner_email: None,
            link: None,
        }
    }

    pub fn as_json(&self) -> Value {
        json!({
            "instance_id": self.instance_id,
            "state": self.state,
            "owner_email": self.owner_email,
            "open": self.link,
        })
    }
}

impl SetUp {
    /// Opens the set-up with a token of the shared database.
    pub async fn open(daemon: &Daemon, status: &Value, answers: &Answers) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let shared = folder::open_existing(&answers.folder, clock.now()).await?;
        let here = db::instance::get(shared.db.read()).await?.instance_id.to_string();
        if status["instance_id"] != here.as_str() {
            let message = format!(
                "the daemon at {} does not use the data folder {}",
                daemon.url,
                answers.folder.root.display()
            );
            return Err(Failure::failed(message)
                .hint("Name its folder with --data-dir, or its database with --state-file.")
                .into());
        }
        let token = token::mint(&shared, TOKEN_TTL, clock.now()).await?;
        let session = daemon.post("/v1/setup/bootstrap-token/verify", json!({ "token": token })).await?;
        let daemon = daemon.with_token(session_token(&session)?);
        let summary = daemon.get("/v1/setup/summary").await?;
        Ok(Self { daemon, shared, clock, summary })
    }

    /// Whether nothing is left to answer: an earlier set-up waits for its owner.
    pub fn waits_for_owner(&self, answers: &Answers) -> bool {
        let decided = answers.access.is_some() || answers.public_url.is_some();
        self.summary["state"] == "idp_configured" && !decided
    }

    /// Does everything that can be done without a browser.
    pub async fn perform(&mut self, answers: &Answers) -> anyhow::Result<Outcome> {
        if self.waits_for_owner(answers) {
            return self.hand_over(&self.status().await?, None).await;
        }
        if self.summary["state"] == "owner_created" {
            self.same_way(answers).await?;
            return self.complete().await;
        }
        let access = answers.access.ok_or_else(|| missing("--access"))?;
        let (runtime_mode, remote_auth_mode) = access.modes();
        if access == Access::ThisDevice && answers.owner_email.is_none() {
            return Err(missing("--owner-email").into());
        }
        let preferences = json!({
            "runtime_mode": runtime_mode,
            "remote_auth_mode": remote_auth_mode,
            "public_url": answers.public_url,
        });
        self.daemon.post("/v1/setup/preferences", preferences).await?;
        match access {
            Access::ThisDevice => {
                let body = json!({ "email": answers.owner_email });
                self.daemon.post("/v1/setup/local-owner/create", body).await?;
                self.complete().await
            }
            Access::IdentityProvider => {
                if let Some(provider) = &answers.provider {
                    self.daemon.post("/v1/setup/oidc/configure", provider.as_json()).await?;
                }
                self.hand_over(&self.status().await?, answers.owner_email.clone()).await
            }
            Access::TrustedProxy => {
                if let Some(proxy) = &answers.proxy {
                    let body = proxy.as_json(answers.owner_email.as_deref());
                    self.daemon.post("/v1/setup/trusted-proxy/configure", body).await?;
                }
                self.hand_over(&self.status().await?, answers.owner_email.clone()).await
            }
        }
    }

    /// The owner proves who they are in a browser, which opens the set-up with a token of its own.
    pub async fn hand_over(&self, status: &Value, owner_email: Option<String>) -> anyhow::Result<Outcome> {
        let token = token::mint(&self.shared, TOKEN_TTL, self.clock.now()).await?;
        let summary = self.daemon.get("/v1/setup/summary").await?;
        let base = summary["public_url"].as_str().unwrap_or(&self.daemon.url);
        for warning in summary["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            warn(plain(warning));
        }
        let link = Some(format!("{base}/start#token={token}"));
        Ok(Outcome { owner_email, link, ..Outcome::ready(status) })
    }

    async fn complete(&self) -> anyhow::Result<Outcome> {
        let owner_email =
            self.daemon.get("/v1/setup/summary").await?["owner_email"].as_str().map(str::to_owned);
        let done = self.daemon.post("/v1/setup/complete", json!({})).await?;
        Ok(Outcome { owner_email, ..Outcome::ready(&done) })
    }

    async fn status(&self) -> Result<Value, Failure> {
        self.daemon.get("/v1/public/setup-status").await
    }

    /// An earlier set-up has named its owner; that can't be changed any more.
    async fn same_way(&self, answers: &Answers) -> anyhow::Result<()> {
        answers.fits_a_ready_instance(&self.status().await?)?;
        let named = text(&self.summary["owner_email"]);
        match &answers.owner_email {
            Some(wanted) if !wanted.trim().eq_ignore_ascii_case(&named) => {
                Err(Failure::failed(format!("an earlier set-up has made {named} the owner"))
                    .hint("Run `oore setup` without --owner-email to complete that one.")
                    .into())
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Provider {
    fn as_json(&self) -> Value {
        let secret = self.client_secret.as_deref().map(String::as_str);
        json!({"issuer_url": self.issuer_url, "client_id": self.client_id, "client_secret": secret})
    }
}

impl Proxy {
    fn as_json(&self, owner_email: Option<&str>) -> Value {
        json!({
            "user_email_header": self.user_email_header,
            "trusted_proxy_cidrs": self.cidrs,
            "shared_secret": self.shared_secret.as_deref().map(String::as_str),
            "setup_owner_email": owner_email,
        })
    }
}

fn missing(flag: &str) -> Failure {
    Failure::usage(format!("{flag} is missing, and there is no terminal to ask at"))
        .hint("Give it on the command line, or in the file of --config.")
}

/// What `perform` would do, as sentences.
pub fn plan(answers: &Answers, status: &Value) -> Vec<String> {
    let state = text(&status["state"]);
    if state == "ready" {
        return vec!["nothing: the instance is set up already".to_owned()];
    }
    let mut steps = vec![format!(
        "open the set-up of {} with a token of {}",
        answers.daemon_url,
        answers.folder.database.display()
    )];
    if state == "owner_created" {
        steps.push("complete the set-up that an earlier run began".to_owned());
        return steps;
    }
    if state == "idp_configured" && answers.access.is_none() && answers.public_url.is_none() {
        steps.push("print an address where the owner goes on with a browser".to_owned());
        return steps;
    }
    if let Some(url) = &answers.public_url {
        steps.push(format!("make {url} the address of the instance"));
    }
    let owner = answers.owner_email.as_deref().unwrap_or("somebody who is asked for");
    match answers.access {
        None => steps.push("ask who may reach the instance".to_owned()),
        Some(Access::ThisDevice) => {
            steps.push("let only this machine in, without a password".to_owned());
            steps.push(format!("make {owner} the owner, and complete the set-up"));
        }
        Some(Access::IdentityProvider) => {
            let issuer = answers
                .provider
                .as_ref()
                .map_or("an issuer who is asked for", |provider| &provider.issuer_url);
            steps.push(format!("let people sign in with the identity provider {issuer}"));
            steps.push("print an address where the owner signs in with a browser".to_owned());
        }
        Some(Access::TrustedProxy) => {
            let from = answers.proxy.as_ref().map_or_else(String::new, |proxy| proxy.cidrs.join(", "));
            steps.push(format!("trust the proxy {from}").trim_end().to_owned());
            steps.push(format!("print an address where {owner} signs in with a browser, through the proxy"));
        }
    }
    steps
}

/// Waits for what somebody does in a browser, as long as the token there is good.
pub async fn wait_until_ready(daemon: &Daemon) -> anyhow::Result<()> {
    let ready = async {
        while daemon.get("/v1/public/setup-status").await?["is_configured"] != true {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok::<_, Failure>(())
    };
    let most = Duration::from_secs(TOKEN_TTL.unsigned_abs() * 2);
    match tokio::time::timeout(most, ready).await {
        Ok(ready) => Ok(ready?),
        Err(_) => Err(Failure::failed("the set-up was not completed in the browser")
            .hint("Run `oore setup` again.")
            .into()),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
