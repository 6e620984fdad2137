//! The set-up of an instance: a token from the machine's command line opens it once, a set-up
//! session carries it, and each step moves the state on. After `ready` nothing here works any more.

use std::time::Duration;

use parking_lot::Mutex;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::addresses;
use super::limits;
use super::network::Reach;
use super::peer::Origin;
use super::refusal;
use super::token::{self, TokenKind};
use super::trusted_proxy;
use crate::app::App;
use crate::audit;
use crate::db::entity::{instance, setup, users};
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::id::UserId;
use crate::domain::role::{UserRole, UserStatus};
use crate::domain::setup::{RemoteAuthMode, RuntimeMode, SetupMove, SetupState};
use crate::domain::subject;
use crate::error::{Error, Kind, Result, codes};

/// Seconds a set-up session lives without being used.
pub const SESSION_TTL: i64 = 30 * 60;
/// The owner of a local instance for whom no address was given.
pub const LOCAL_OWNER: &str = "owner@local";
/// Wrong tokens in a row after which every further one is answered 429.
const ATTEMPTS: u32 = 5;

/// Counts wrong tokens for the bootstrap token in force.
#[derive(Debug, Default)]
pub struct Attempts {
    failed: Mutex<(String, u32)>,
}

impl Attempts {
    /// Notes a wrong token; answers whether there were too many.
    fn fail(&self, active: &str) -> bool {
        let mut failed = self.failed.lock();
        if failed.0 != active {
            *failed = (active.to_owned(), 0);
        }
        failed.1 = failed.1.saturating_add(1);
        failed.1 > ATTEMPTS
    }

    fn reset(&self) {
        *self.failed.lock() = (String::new(), 0);
    }
}

/// A live set-up session.
#[derive(Debug, Clone)]
pub struct SetupSession {
    /// The hash of its token.
    pub hash: String,
    pub expires_at: i64,
    pub origin: Origin,
}

impl SetupSession {
    /// An entry of the audit log about a step of the set-up: who holds the session has shown the operator's token.
    pub fn did(&self, action: AuditAction) -> Entry {
        step(action, self.origin)
    }
}

fn step(action: AuditAction, origin: Origin) -> Entry {
    Entry::new(action, Actor::Operator, AuditResource::Setup).from(origin)
}

/// A set-up session just made. The token is shown this once.
#[derive(Debug)]
pub struct NewSetupSession {
    pub token: String,
    pub expires_at: i64,
}

/// Uses the bootstrap token up and opens a set-up session.
///
/// Errors: 409 `already_configured`, 500 `no_bootstrap_token`, 410 `token_consumed`,
/// 410 `token_expired`, 429 `too_many_attempts`, 401 `invalid_token`.
pub async fn open(app: &App, origin: Origin, presented: &str) -> Result<NewSetupSession> {
    match try_open(app, origin, presented).await {
        Ok(session) => Ok(session),
        Err(error) => Err(refusal::note(app, origin, AuditAction::BootstrapTokenRefused, None, error).await),
    }
}

async fn try_open(app: &App, origin: Origin, presented: &str) -> Result<NewSetupSession> {
    let (now, token) = (app.clock.now(), token::mint(TokenKind::Setup)?);
    let session = NewSetupSession { expires_at: now + SESSION_TTL, token };
    check_open(app, app.db.read(), presented, now).await?;
    app.db
        .write(async |tx| {
            let row = check_open(app, tx, presented, now).await?;
            app.setup_attempts.reset();
            audit::record(tx, app, step(AuditAction::BootstrapTokenVerified, origin)).await?;
            let row = setup::Model {
                token_consumed_at: Some(now),
                session_hash: Some(token::hash(&session.token)),
                session_expires_at: Some(session.expires_at),
                ..row
            };
            db::setup::replace(tx, row).await
        })
        .await?;
    Ok(session)
}

/// Anybody can present a token, so it is looked at before anything is locked for writing, and again then.
async fn check_open(app: &App, db: &impl ConnectionTrait, presented: &str, now: i64) -> Result<setup::Model> {
    refuse_ready(&db::instance::get(db).await?)?;
    let row = db::setup::get(db).await?;
    check_token(app, &row, presented, now)?;
    Ok(row)
}

fn check_token(app: &App, row: &setup::Model, presented: &str, now: i64) -> Result<()> {
    let mint = "Mint a new one on the daemon's machine with `oore setup token`.";
    let (Some(active), Some(expires_at)) = (&row.token_hash, row.token_expires_at) else {
        return Err(
            Error::internal("no_bootstrap_token", "no bootstrap token was minted", "none stored").hint(mint)
        );
    };
    let gone = |code, message: &str| Err(Error::new(Kind::Gone, code, message).hint(mint));
    if row.token_consumed_at.is_some() {
        return gone("token_consumed", "the bootstrap token has been used");
    }
    if expires_at <= now {
        return gone("token_expired", "the bootstrap token has expired");
    }
    if token::same(active, &token::hash(presented)) {
        return Ok(());
    }
    if app.setup_attempts.fail(active) {
        // The right one works at once; wrong ones are told so until the one in force has expired.
        let left = Duration::from_secs(expires_at.saturating_sub(now).unsigned_abs());
        let why = "too many wrong tokens were tried";
        return Err(Error::rate_limited(codes::TOO_MANY_ATTEMPTS, why, left).hint(mint));
    }
    Err(Error::unauthenticated(codes::INVALID_TOKEN, "this is not the bootstrap token").hint(mint))
}

/// Finds the set-up session of a token and lets it live on.
///
/// Errors: 409 `already_configured`, 401 `no_session`, 401 `invalid_session`, 401 `session_expired`,
/// 429 `too_many_attempts` with one wrong token too many.
pub async fn identify(app: &App, origin: Origin, token: &str) -> Result<SetupSession> {
    let (now, hash) = (app.clock.now(), token::hash(token));
    let known = in_force(app.db.read(), &hash, now).await;
    known.map_err(|error| limits::wrong_token(app, origin, error))?;
    app.db
        .write(async |tx| {
            let expires_at = renew(tx, &hash, now).await?;
            Ok(SetupSession { hash, expires_at, origin })
        })
        .await
}

/// Lets the session with this hash live on, as part of `tx`; answers until when.
///
/// Errors: 409 `already_configured`, 401 `no_session`, 401 `invalid_session`, 401 `session_expired`.
pub async fn renew(tx: &Tx, hash: &str, now: i64) -> Result<i64> {
    let row = in_force(tx, hash, now).await?;
    let expires_at = now + SESSION_TTL;
    db::setup::replace(tx, setup::Model { session_expires_at: Some(expires_at), ..row }).await?;
    Ok(expires_at)
}

/// The set-up, if the session with this hash may go on with it. Looked at before anything is locked for writing,
/// as with `check_open`.
async fn in_force(db: &impl ConnectionTrait, hash: &str, now: i64) -> Result<setup::Model> {
    refuse_ready(&db::instance::get(db).await?)?;
    let row = db::setup::get(db).await?;
    check_session(&row, hash, now)?;
    Ok(row)
}

/// Whether the session with this hash is the one in force.
pub fn check_session(row: &setup::Model, hash: &str, now: i64) -> Result<()> {
    let (Some(active), Some(expires_at)) = (&row.session_hash, row.session_expires_at) else {
        return Err(Error::unauthenticated("no_session", "no set-up session is open")
            .hint("Open one with the token of `oore setup token`."));
    };
    if !token::same(active, hash) {
        return Err(Error::unauthenticated(
            codes::INVALID_SESSION,
            "this is not the set-up session that is open",
        ));
    }
    if expires_at <= now {
        return Err(Error::unauthenticated("session_expired", "the set-up session has expired")
            .hint("Open a new one with the token of `oore setup token`; what is done stays done."));
    }
    Ok(())
}

/// Refuses with 409 `setup_incomplete` what needs an instance that is set up.
pub fn require_ready(instance: &instance::Model) -> Result<()> {
    match instance.setup_state {
        SetupState::Ready => Ok(()),
        SetupState::Uninitialized
        | SetupState::BootstrapPending
        | SetupState::IdpConfigured
        | SetupState::OwnerCreated => Err(Error::conflict("setup_incomplete", "the set-up is not complete")),
    }
}

/// Refuses with 409 `already_configured` what belongs to the set-up once it is complete.
pub fn refuse_ready(instance: &instance::Model) -> Result<()> {
    if instance.setup_state == SetupState::Ready {
        return Err(Error::conflict("already_configured", "the instance is set up already")
            .hint("Change it in the settings."));
    }
    Ok(())
}

/// Moves the set-up on as part of `tx`, and answers the new state.
///
/// Errors: 409 `already_configured`, 409 `invalid_state`.
pub async fn advance(tx: &Tx, by: SetupMove, now: i64) -> Result<SetupState> {
    let next = after(&db::instance::get(tx).await?, by)?;
    db::instance::set_state(tx, next, now).await?;
    Ok(next)
}

/// Refuses what the set-up is not ready for, before others are asked about it.
///
/// Errors: 409 `already_configured`, 409 `invalid_state`.
pub async fn require(db: &impl ConnectionTrait, by: SetupMove) -> Result<()> {
    after(&db::instance::get(db).await?, by).map(drop)
}

fn after(instance: &instance::Model, by: SetupMove) -> Result<SetupState> {
    refuse_ready(instance)?;
    instance.setup_state.apply(by).map_err(|invalid| {
        Error::conflict("invalid_state", invalid.to_string()).details(json!({"state": instance.setup_state}))
    })
}

/// Notes where people will reach the instance, as part of `tx`.
pub async fn move_to(tx: &Tx, app: &App, reach: &Reach, origin: Origin, now: i64) -> Result<()> {
    let action = AuditAction::ExternalAccessNetworkSettingsUpdated;
    let entry = Entry::new(action, Actor::Operator, AuditResource::ExternalAccess).from(origin);
    addresses::save(tx, app, reach, entry, now).await
}

/// Who will be the owner.
#[derive(Debug, Clone)]
pub struct Owner {
    pub email: String,
    pub subject: String,
    pub avatar_url: Option<String>,
}

impl Owner {
    /// Whoever is at the machine, for as long as nobody has said who that is.
    pub fn local() -> Self {
        Self { email: LOCAL_OWNER.to_owned(), subject: subject::local(LOCAL_OWNER), avatar_url: None }
    }

    /// Their account.
    pub fn account(self, now: i64) -> users::Model {
        users::Model {
            id: UserId::new(),
            email: self.email,
            display_name: None,
            role: UserRole::Owner,
            status: UserStatus::Active,
            subject: self.subject,
            avatar_url: self.avatar_url,
            created_at: now,
            updated_at: now,
        }
    }
}

/// Notes the owner as part of `tx`, and records who they are and how that is known; the account is made when
/// the set-up is complete.
pub async fn name_owner(tx: &Tx, app: &App, origin: Origin, owner: &Owner, method: &str) -> Result<()> {
    let details = json!({"email": owner.email, "method": method});
    audit::record(tx, app, step(AuditAction::SetupOwnerNamed, origin).details(details)).await?;
    note_owner(tx, owner).await
}

/// Notes the owner as part of `tx`.
pub async fn note_owner(tx: &Tx, owner: &Owner) -> Result<()> {
    let row = db::setup::get(tx).await?;
    let row = setup::Model {
        owner_email: Some(owner.email.clone()),
        owner_subject: Some(owner.subject.clone()),
        owner_avatar_url: owner.avatar_url.clone(),
        ..row
    };
    db::setup::replace(tx, row).await
}

/// Makes the owner's account and declares the instance ready; the set-up session ends.
///
/// Errors: 409 `already_configured`, `invalid_state`, `remote_auth_not_configured`,
/// `trusted_proxy_config_invalid`.
pub async fn complete(app: &App, origin: Origin) -> Result<instance::Model> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            advance(tx, SetupMove::Complete, now).await?;
            let instance = db::instance::get(tx).await?;
            check_sign_in(tx, &instance).await?;
            let row = db::setup::get(tx).await?;
            let owner = owner_account(&row, now)?;
            let actor = Actor::Person { id: owner.id, email: owner.email.clone() };
            let entry = Entry::new(AuditAction::OwnerCreated, actor, AuditResource::User).id(owner.id);
            audit::record(tx, app, entry.from(origin)).await?;
            let entry = step(AuditAction::SetupCompleted, origin).details(completed(&instance, &owner.email));
            audit::record(tx, app, entry).await?;
            db::users::insert(tx, owner).await?;
            let row = setup::Model { session_hash: None, session_expires_at: None, ..row };
            db::setup::replace(tx, row).await?;
            Ok(instance)
        })
        .await
}

/// What the audit log says of a set-up that is complete.
pub fn completed(instance: &instance::Model, owner: &str) -> serde_json::Value {
    json!({"email": owner, "runtime_mode": instance.runtime_mode, "remote_auth_mode": instance.remote_auth_mode})
}

/// An instance that nobody could sign in to must not become ready.
async fn check_sign_in(tx: &Tx, instance: &instance::Model) -> Result<()> {
    match (instance.runtime_mode, instance.remote_auth_mode) {
        (RuntimeMode::Local, _) => Ok(()),
        (RuntimeMode::Remote, RemoteAuthMode::Oidc) => match db::oidc_settings::find(tx).await? {
            Some(_) => Ok(()),
            None => Err(Error::conflict("remote_auth_not_configured", "no identity provider is configured")),
        },
        (RuntimeMode::Remote, RemoteAuthMode::TrustedProxy) => {
            let settings = db::trusted_proxy_settings::find(tx).await?;
            if settings.as_ref().is_some_and(trusted_proxy::is_usable) {
                return Ok(());
            }
            Err(Error::conflict("trusted_proxy_config_invalid", "no trusted proxy is configured")
                .hint("Set a shared secret, or the addresses of the proxy."))
        }
    }
}

/// The owner that the set-up has named, if it has.
pub fn named_owner(row: &setup::Model) -> Option<Owner> {
    let (email, subject) = (row.owner_email.clone()?, row.owner_subject.clone()?);
    Some(Owner { email, subject, avatar_url: row.owner_avatar_url.clone() })
}

/// The account of the owner that the set-up has named.
pub fn owner_account(row: &setup::Model, now: i64) -> Result<users::Model> {
    let owner = named_owner(row);
    let owner = owner.ok_or_else(|| {
        Error::internal(codes::DATA_ERROR, "the set-up names no owner", "owner row is empty")
    })?;
    Ok(owner.account(now))
}

/// Mints the token that opens the set-up, as part of `tx`; an older one is void.
///
/// Errors: 409 `already_configured`.
pub async fn mint_token(tx: &Tx, ttl_seconds: i64, now: i64) -> Result<String> {
    refuse_ready(&db::instance::get(tx).await?)?;
    let token = token::mint(TokenKind::Bootstrap)?;
    let row = setup::Model {
        token_hash: Some(token::hash(&token)),
        token_expires_at: Some(now + ttl_seconds),
        token_consumed_at: None,
        ..db::setup::get(tx).await?
    };
    db::setup::replace(tx, row).await?;
    Ok(token)
}
