//! `oore setup init`: the whole set-up in one transaction, for machines that are provisioned by a
//! script. The operator's word is the proof; the daemon may be running or stopped.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use zeroize::Zeroizing;

use super::answers::{refuse, secret};
use crate::audit;
use crate::auth::people::checked_email;
use crate::auth::proxy_settings::{self, Change, NO_SECRET, Secret};
use crate::auth::setup::{self, LOCAL_OWNER, Owner};
use crate::auth::trusted_proxy::DEFAULT_HEADER;
use crate::cli::failure::Failure;
use crate::cli::folder::{self, Shared};
use crate::cli::terminal::{say, warn};
use crate::clock::Clock;
use crate::config::FolderSettings;
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::setup::{RemoteAuthMode, RuntimeMode, SetupMove, SetupState};
use crate::domain::subject;
use crate::error::{Error, Result};

#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    folder: FolderSettings,

    /// Who may reach the instance, and how they sign in.
    #[arg(long, value_enum)]
    mode: Mode,

    /// E-mail address of the owner, as the proxy names them.
    #[arg(long, required_if_eq("mode", "trusted-proxy"))]
    owner_email: Option<String>,

    /// Header in which the proxy names people; default: X-Warpgate-Username.
    #[arg(long)]
    user_email_header: Option<String>,

    /// Range of addresses that the proxy calls from; may be given again.
    #[arg(long)]
    trusted_proxy_cidr: Vec<String>,

    /// Secret that the proxy sends; better in a file or in the environment.
    #[arg(long, env = "OORE_TRUSTED_PROXY_SHARED_SECRET", hide_env_values = true)]
    shared_secret: Option<String>,

    /// File with that secret (mode 0600).
    #[arg(long, env = "OORE_TRUSTED_PROXY_SHARED_SECRET_FILE", conflicts_with = "shared_secret")]
    shared_secret_file: Option<PathBuf>,

    /// Discard a set-up that has been begun.
    #[arg(long)]
    force: bool,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Only this machine; no password.
    Local,
    /// A team, through a proxy that says who people are.
    TrustedProxy,
}

pub async fn run(init: Init) -> anyhow::Result<()> {
    init.refuse_without_effect()?;
    checked_email(init.owner())?;
    let secret = init.secret()?;
    let proxy = init.proxy(secret.as_deref().map(String::as_str));
    proxy_settings::check(init.header(), &init.trusted_proxy_cidr, &proxy.shared_secret, secret.is_some())?;
    if init.mode == Mode::TrustedProxy && secret.is_none() {
        if init.trusted_proxy_cidr.is_empty() {
            return Err(Failure::usage("the proxy has neither a secret nor an address")
                .hint("Give --shared-secret-file, --trusted-proxy-cidr or both.")
                .into());
        }
        warn(NO_SECRET);
    }
    let now = Clock::system().now();
    let shared = folder::open(&init.folder.clone().resolve()?, now).await?;
    let instance_id = shared
        .db
        .write(async |tx| {
            init.may_begin(tx).await?;
            init.set_up(tx, &shared, secret.as_deref().map(String::as_str), now).await?;
            Ok(db::instance::get(tx).await?.instance_id)
        })
        .await?;
    if init.json {
        say(
            json!({"instance_id": instance_id.to_string(), "state": SetupState::Ready, "owner_email": init.owner()}),
        );
    } else {
        say(format_args!("{instance_id} is set up; its owner is {}", init.owner()));
    }
    Ok(())
}

impl Init {
    fn owner(&self) -> &str {
        self.owner_email.as_deref().map_or(LOCAL_OWNER, str::trim)
    }

    fn header(&self) -> &str {
        self.user_email_header.as_deref().unwrap_or(DEFAULT_HEADER)
    }

    /// What would be ignored is a misunderstanding, perhaps a dangerous one.
    fn refuse_without_effect(&self) -> Result<(), Failure> {
        if self.mode == Mode::TrustedProxy {
            return Ok(());
        }
        let flags = [
            ("--user-email-header", self.user_email_header.is_some()),
            ("--trusted-proxy-cidr", !self.trusted_proxy_cidr.is_empty()),
            ("--shared-secret", self.shared_secret.as_ref().is_some_and(|secret| !secret.is_empty())),
            ("--shared-secret-file", self.shared_secret_file.is_some()),
        ];
        refuse(&flags, "there is no proxy with --mode local").map_err(|failure| {
            failure.hint("Leave it out, also from the environment, or choose --mode trusted-proxy.")
        })
    }

    fn secret(&self) -> Result<Option<Zeroizing<String>>, Failure> {
        match &self.shared_secret_file {
            Some(file) => secret(file).map(Some),
            None => Ok(self.shared_secret.clone().filter(|secret| !secret.is_empty()).map(Zeroizing::new)),
        }
    }

    /// A set-up that somebody is in the middle of is not taken away from them silently.
    async fn may_begin(&self, tx: &Tx) -> Result<()> {
        let instance = db::instance::get(tx).await?;
        setup::refuse_ready(&instance)?;
        match instance.setup_state {
            SetupState::IdpConfigured | SetupState::OwnerCreated if !self.force => Err(Error::conflict(
                "setup_begun",
                format!("a set-up has come as far as {}", instance.setup_state),
            )
            .hint("Go on with `oore setup`, or discard it with --force.")),
            SetupState::Uninitialized
            | SetupState::BootstrapPending
            | SetupState::IdpConfigured
            | SetupState::OwnerCreated
            | SetupState::Ready => Ok(()),
        }
    }

    async fn set_up(&self, tx: &Tx, shared: &Shared, secret: Option<&str>, now: i64) -> Result<()> {
        let email = checked_email(self.owner())?;
        db::instance::set_state(tx, SetupState::BootstrapPending, now).await?;
        db::oidc_settings::delete(tx).await?;
        let subject = match self.mode {
            Mode::Local => {
                db::instance::set_modes(tx, RuntimeMode::Local, RemoteAuthMode::Oidc, now).await?;
                setup::advance(tx, SetupMove::NameOwner, now).await?;
                subject::local(&email)
            }
            Mode::TrustedProxy => {
                db::instance::set_modes(tx, RuntimeMode::Remote, RemoteAuthMode::TrustedProxy, now).await?;
                proxy_settings::save(tx, &shared.sealer, self.proxy(secret), now).await?;
                setup::advance(tx, SetupMove::Configure, now).await?;
                setup::advance(tx, SetupMove::ProveOwner, now).await?;
                subject::trusted_proxy(&email)
            }
        };
        setup::note_owner(tx, &Owner { email, subject, avatar_url: None }).await?;
        setup::advance(tx, SetupMove::Complete, now).await?;
        let row = db::setup::get(tx).await?;
        let owner = setup::owner_account(&row, now)?;
        let entry = Entry::new(AuditAction::OwnerCreated, Actor::Operator, AuditResource::User).id(owner.id);
        let entry = entry.details(json!({"email": owner.email}));
        audit::append(tx, &shared.sealer, now, entry).await?;
        let details = setup::completed(&db::instance::get(tx).await?, &owner.email);
        let entry = Entry::new(AuditAction::SetupCompleted, Actor::Operator, AuditResource::Setup);
        audit::append(tx, &shared.sealer, now, entry.details(details)).await?;
        db::users::insert(tx, owner).await
    }

    fn proxy(&self, secret: Option<&str>) -> Change {
        Change {
            user_email_header: Some(self.header().to_owned()),
            cidrs: Some(self.trusted_proxy_cidr.clone()),
            shared_secret: secret.map_or(Secret::Clear, |secret| Secret::Set(secret.to_owned())),
            setup_owner_email: None,
        }
    }
}
