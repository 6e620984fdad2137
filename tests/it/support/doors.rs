//! The two ways in through an identity provider, side by side: signing in to an instance that is set
//! up, and proving who becomes the owner of one that is not.

use std::fmt::Debug;

use serde_json::{Value, json};

use super::provider::Provider;
use super::setting_up::{begin, choose_remote, oidc_settings, open};
use super::{Answer, Client, Server};

pub const CALLBACK: &str = "/v1/auth/oidc/callback";
pub const VERIFY: &str = "/v1/setup/owner/verify-oidc";

/// Two instances with the same provider.
pub struct Doors {
    pub provider: Provider,
    pub ready: Server,
    pub fresh: Server,
    pub set_up: Client,
}

impl Doors {
    /// Ana is invited to the one, and may become the owner of the other.
    pub async fn open() -> Self {
        let (provider, ready, fresh) =
            (Provider::start().await, Server::start().await, Server::start().await);
        let owner = ready.owner().await;
        owner.put("/v1/settings/external-access/oidc", oidc_settings(&provider)).await.ok();
        owner
            .post("/v1/users/invite", json!({"email": "ana@example.com", "role": "developer"}))
            .await
            .created();
        let set_up = open(&fresh).await;
        choose_remote(&set_up, "oidc").await;
        set_up.post("/v1/setup/oidc/configure", oidc_settings(&provider)).await.ok();
        Self { provider, ready, fresh, set_up }
    }

    /// Begins at both; answers what each browser will bring back.
    pub async fn begin(&self) -> [Value; 2] {
        let (url, state) = begin(&self.ready.anonymous()).await;
        let other = self.set_up.post("/v1/setup/owner/start-oidc", json!({})).await.ok();
        let code = self.provider.agree(other["authorization_url"].as_str().unwrap());
        [
            json!({"code": self.provider.agree(&url), "state": state}),
            json!({"code": code, "state": other["state"]}),
        ]
    }

    /// Brings something to both.
    pub async fn bring(&self, bodies: [Value; 2]) -> [Answer; 2] {
        let [at_ready, at_fresh] = bodies;
        [
            self.ready.anonymous().post(CALLBACK, at_ready).await,
            self.fresh.anonymous().post(VERIFY, at_fresh).await,
        ]
    }

    /// A whole try at both, after `lie` was told; neither lets anybody in.
    pub async fn refuse(&self, lie: impl Debug, status: u16, code: &str) {
        for answer in self.bring(self.begin().await).await {
            assert_eq!(answer.status.as_u16(), status, "{lie:?}: {}", answer.text);
            answer.error(status, code);
        }
    }

    /// A whole try at both; both let Ana in.
    pub async fn admit(&self) {
        let [session, owner] = self.bring(self.begin().await).await;
        assert_eq!(session.ok()["user"]["email"], "ana@example.com");
        assert_eq!(owner.ok()["owner_email"], "ana@example.com");
    }

    /// Nobody but the first owner has a session, and the second instance has no owner.
    pub async fn assert_closed(&self) {
        assert_eq!(sessions(&self.ready).await, 1);
        assert_eq!(
            self.fresh.anonymous().get("/v1/public/setup-status").await.ok()["state"],
            "idp_configured"
        );
    }
}

async fn sessions(server: &Server) -> i64 {
    use sea_orm::{ConnectionTrait, DbBackend, Statement};
    let count = Statement::from_string(DbBackend::Sqlite, "SELECT count(*) FROM sessions");
    let row = server.app.db.read().query_one_raw(count).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
