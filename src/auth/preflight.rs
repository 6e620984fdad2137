//! What has to be in order before other machines are let in, so that nobody locks themselves out.

use sea_orm::ConnectionTrait;

use super::modes::Modes;
use super::network::Reach;
use super::people::is_placeholder;
use super::redirect::redirect_uri;
use super::setup;
use super::trusted_proxy;
use crate::app::App;
use crate::db::{self, entity::users};
use crate::domain::role::UserRole;
use crate::domain::setup::{RemoteAuthMode, RuntimeMode};
use crate::domain::subject;
use crate::error::{Error, Result, codes};

/// One thing that was looked at.
#[derive(Debug)]
pub struct Check {
    pub id: &'static str,
    pub label: &'static str,
    /// What is wrong, if anything.
    pub failure: Option<Error>,
    /// What is worth knowing although nothing is wrong.
    pub note: Option<String>,
}

/// Looks at everything that these modes need. Who signs in on the machine itself needs no way in.
pub async fn checks(app: &App, db: &impl ConnectionTrait, to: Modes) -> Result<Vec<Check>> {
    let mut checks = vec![set_up(db).await?];
    if to.runtime == RuntimeMode::Remote {
        checks.extend(from_elsewhere(app, db, to.auth).await?);
    }
    Ok(checks)
}

async fn set_up(db: &impl ConnectionTrait) -> Result<Check> {
    let instance = db::instance::get(db).await?;
    let failure = setup::require_ready(&instance).err();
    Ok(Check { id: "setup_ready", label: "The set-up is complete", failure, note: None })
}

async fn from_elsewhere(app: &App, db: &impl ConnectionTrait, auth: RemoteAuthMode) -> Result<Vec<Check>> {
    let reach = Reach::new(&app.config, db::network_settings::find(db).await?);
    let public = reach.check_remote().err();
    let (https, origin) = match public {
        Some(error) if error.code == codes::EXTERNAL_ACCESS_ORIGIN_NOT_ALLOWED => (None, Some(error)),
        public => (public, None),
    };
    let mut checks = vec![
        sign_in(db, auth).await?,
        Check { id: "public_url_https", label: "The public URL uses HTTPS", failure: https, note: None },
        Check {
            id: "public_origin_allowed",
            label: "The public URL's origin may call the API",
            failure: origin,
            note: None,
        },
        owner_address(db, auth).await?,
    ];
    if auth == RemoteAuthMode::Oidc {
        checks.extend(identities(db).await?);
        let callback = reach.public_url.as_ref().map(|url| format!("{url}/auth/callback"));
        let failure = redirect_uri(&reach, app.config.listen.port(), callback.as_deref()).err();
        let label = "The identity provider may send people back";
        checks.push(Check { id: "redirect_policy_consistent", label, failure, note: None });
    }
    Ok(checks)
}

async fn sign_in(db: &impl ConnectionTrait, auth: RemoteAuthMode) -> Result<Check> {
    match auth {
        RemoteAuthMode::Oidc => {
            let missing = db::oidc_settings::find(db).await?.is_none();
            let failure = missing.then(|| {
                Error::invalid("external_access_preflight_failed", "no identity provider is configured")
                    .hint("Enter the identity provider first.")
            });
            Ok(Check {
                id: "oidc_configured",
                label: "An identity provider is configured",
                failure,
                note: None,
            })
        }
        RemoteAuthMode::TrustedProxy => {
            let settings = db::trusted_proxy_settings::find(db).await?;
            let missing = !settings.as_ref().is_some_and(trusted_proxy::is_usable);
            let failure = missing.then(|| {
                let why = "the trusted proxy has neither a secret nor an address";
                Error::invalid("external_access_trusted_proxy_not_configured", why)
                    .hint("Enter a shared secret, or the addresses of the proxy.")
            });
            Ok(Check {
                id: "trusted_proxy_configured",
                label: "The trusted proxy is configured",
                failure,
                note: None,
            })
        }
    }
}

/// The owner's first sign-in from elsewhere finds the account by its address, and a proxy never knows more.
async fn owner_address(db: &impl ConnectionTrait, auth: RemoteAuthMode) -> Result<Check> {
    let owner = db::users::find_owner(db).await?;
    let unknown = |owner: &users::Model| match auth {
        RemoteAuthMode::Oidc => is_placeholder(&owner.email) && subject::is_unclaimed(&owner.subject),
        RemoteAuthMode::TrustedProxy => {
            is_placeholder(&owner.email) || !trusted_proxy::can_name(&owner.email)
        }
    };
    let failure = owner.filter(unknown).map(|owner| {
        let why = format!("nobody can sign in from elsewhere as {}, the owner's address", owner.email);
        Error::invalid("external_access_preflight_failed", why)
            .hint("Let the owner enter their own address under My account.")
    });
    let label = "The owner has an address to sign in with";
    Ok(Check { id: "owner_address", label, failure, note: None })
}

/// Accounts that another provider has vouched for are nobody's through this one, until somebody forgets
/// their identities. Without the owner nobody could.
async fn identities(db: &impl ConnectionTrait) -> Result<[Check; 2]> {
    let settings = db::oidc_settings::find(db).await?;
    let stranded = match settings {
        Some(settings) => {
            let mut users = db::users::active(db).await?;
            users.retain(|user| subject::is_stranded(&user.subject, &settings.issuer_url));
            users
        }
        None => Vec::new(),
    };
    let note = (!stranded.is_empty()).then(|| {
        let count = stranded.len();
        format!("active accounts that can't sign in until their identities are forgotten: {count}")
    });
    let failure = stranded.iter().any(|user| user.role == UserRole::Owner).then(|| {
        let why = "the owner's account is tied to another identity provider";
        Error::invalid("external_access_preflight_failed", why).hint(
            "Forget the owner's identity; the next verified sign-in with the same address takes its place.",
        )
    });
    let keep = "Accounts belong to this identity provider";
    Ok([
        Check { id: "owner_can_sign_in", label: "The owner can sign in", failure, note: None },
        Check { id: "accounts_can_sign_in", label: keep, failure: None, note },
    ])
}

/// The first thing that is wrong is the inner error.
pub async fn require(app: &App, db: &impl ConnectionTrait, to: Modes) -> Result<Result<()>> {
    let failed = checks(app, db, to).await?.into_iter().find_map(|check| check.failure);
    Ok(failed.map_or(Ok(()), Err))
}
