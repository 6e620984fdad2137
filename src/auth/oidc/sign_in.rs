//! The story of a sign-in through the provider: sent there with a state, back with a code, the code
//! exchanged, the token verified, the account found, the session made.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge};
use reqwest::Url;
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::exchange::{ClientIdentity, Code, exchange};
use super::pending::{Login, Purpose, Taken};
use super::provider::Provider;
use super::settings;
use super::verify::{Expected, Identity, Refusal, verify};
use crate::app::App;
use crate::audit;
use crate::auth::account::{self, Claimed};
use crate::auth::modes::Modes;
use crate::auth::peer::{Origin, Visitor};
use crate::auth::redirect::redirect_uri;
use crate::auth::refusal;
use crate::auth::session::{self, NewSession};
use crate::auth::setup::{self, Owner};
use crate::db::entity::{oidc_settings, users};
use crate::db::{self, Tx};
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::setup::{SetupMove, SetupState};
use crate::domain::subject;
use crate::error::{Error, Kind, Result, codes};

/// Longest state or code that is looked at, in bytes.
const MAX_PARAMETER: usize = 4096;

/// How a browser begins.
#[derive(Debug)]
pub struct Begin<'a> {
    pub redirect_uri: Option<&'a str>,
    /// Hash of a secret that the browser keeps for its return.
    pub binding: Option<&'a str>,
    pub purpose: Purpose,
    pub origin: Origin,
}

/// Where to send the browser.
#[derive(Debug)]
pub struct Begun {
    pub authorization_url: String,
    pub state: String,
}

/// What a browser brings back.
#[derive(Debug)]
pub struct Return<'a> {
    pub code: &'a str,
    pub state: &'a str,
    pub binding: Option<&'a str>,
}

/// Begins a sign-in.
///
/// Errors: 409 `setup_incomplete`, 403 `mode_restricted`, those of `begin`.
pub async fn start(app: &App, request: Begin<'_>) -> Result<Begun> {
    if let Err(closed) = open_for_sign_in(app.db.read()).await {
        // A provider that is missing is what is wrong here, whatever the mode.
        if closed.code == codes::MODE_RESTRICTED {
            settings::get(app).await?;
        }
        return Err(closed);
    }
    begin(app, request).await
}

async fn open_for_sign_in(db: &impl ConnectionTrait) -> Result<()> {
    let instance = db::instance::get(db).await?;
    setup::require_ready(&instance)?;
    if Modes::of(&instance).is_behind_proxy() {
        return Err(Error::forbidden(
            codes::MODE_RESTRICTED,
            "this instance signs people in through a trusted proxy",
        ));
    }
    Ok(())
}

/// Asks the provider and remembers the sign-in.
///
/// Errors: 400 `invalid_redirect_uri`, 400 `invalid_input`, 500 `oidc_not_configured`,
/// 502 `oidc_discovery_error`, 429 `too_many_pending`, 429 `oidc_start_rate_limited`.
pub async fn begin(app: &App, request: Begin<'_>) -> Result<Begun> {
    let settings = settings::get(app).await?;
    let reach = app.network.reach();
    let redirect_uri = redirect_uri(&reach, app.config.listen.port(), request.redirect_uri)?;
    if request.binding.is_some_and(|binding| !is_sha256(binding)) {
        return Err(Error::invalid("invalid_input", "binding must be the base64url SHA-256 of a secret"));
    }
    // Whoever is at the machine itself must always get in.
    let source = (!request.origin.is_local()).then(|| request.origin.source());
    app.oidc.pending.admit(source, app.clock.moment())?;
    let provider = provider(app, &settings).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (state, nonce) = (CsrfToken::new_random_len(32), Nonce::new_random_len(32));
    let url = authorization_url(
        &provider,
        &[
            ("response_type", "code"),
            ("client_id", &settings.client_id),
            ("redirect_uri", &redirect_uri),
            ("scope", "openid email profile"),
            ("state", state.secret()),
            ("nonce", nonce.secret()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", challenge.method().as_str()),
        ],
    )?;
    let login = Login {
        purpose: request.purpose,
        revision: settings.revision,
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
        redirect_uri,
        binding: request.binding.map(str::to_owned),
    };
    app.oidc.pending.add(state.secret().clone(), login, source, app.clock.moment())?;
    Ok(Begun { authorization_url: url, state: state.secret().clone() })
}

/// Whether a text is the base64url form of a SHA-256, with or without padding.
fn is_sha256(text: &str) -> bool {
    let bare = text.strip_suffix('=').unwrap_or(text);
    URL_SAFE_NO_PAD.decode(bare).is_ok_and(|hash| hash.len() == 32)
}

fn authorization_url(provider: &Provider, parameters: &[(&str, &str)]) -> Result<String> {
    let endpoint = provider.metadata.authorization_endpoint().as_str();
    let mut url =
        Url::parse(endpoint).map_err(|_| undiscovered("its authorization endpoint is not a URL"))?;
    url.query_pairs_mut().extend_pairs(parameters);
    Ok(url.into())
}

async fn provider(app: &App, settings: &oidc_settings::Model) -> Result<std::sync::Arc<Provider>> {
    let found = app.oidc.providers.get(&app.oidc.outgoing, &settings.issuer_url, app.clock.moment()).await;
    found.map_err(|why| undiscovered(&why.to_string()))
}

fn undiscovered(why: &str) -> Error {
    let message = format!("the identity provider could not be asked: {why}");
    Error::new(Kind::Upstream, "oidc_discovery_error", message)
        .hint("Check that it runs and that this machine reaches it.")
}

/// Completes a sign-in. Refusals are recorded too.
///
/// Errors: 409 `setup_incomplete`, 403 `mode_restricted`, those of `prove`, 403 `unverified_email`,
/// 403 `user_not_found`.
pub async fn callback(app: &App, visitor: &Visitor, back: Return<'_>) -> Result<(users::Model, NewSession)> {
    let mut email = None;
    match admit(app, visitor, back, &mut email).await {
        Ok(done) => Ok(done),
        Err(error) => {
            let action = AuditAction::OidcLoginRefused;
            Err(refusal::note(app, visitor.origin, action, email.as_deref(), error).await)
        }
    }
}

async fn admit(
    app: &App,
    visitor: &Visitor,
    back: Return<'_>,
    email: &mut Option<String>,
) -> Result<(users::Model, NewSession)> {
    open_for_sign_in(app.db.read()).await?;
    let login = take(app, &back)?;
    if login.purpose != Purpose::SignIn {
        return Err(invalid_state());
    }
    let settings = settings::get(app).await?;
    if settings.revision != login.revision {
        return Err(invalid_state());
    }
    let identity = prove(app, &settings, &login, back.code).await?;
    *email = Some(identity.email.clone());
    app.db
        .write(async |tx| {
            // While the provider was asked somebody may have closed this way in.
            open_for_sign_in(tx).await?;
            if !is_in_force(tx, &login).await? {
                return Err(invalid_state());
            }
            sign_in(tx, app, visitor, &identity).await
        })
        .await
}

/// Whether the settings that a sign-in was started with still stand.
async fn is_in_force(tx: &Tx, login: &Login) -> Result<bool> {
    let stored = db::oidc_settings::find(tx).await?;
    Ok(stored.is_some_and(|stored| stored.revision == login.revision))
}

/// The sign-in that a browser comes back with; it is used up.
///
/// Errors: 400 `invalid_state`, 400 `auth_expired`.
fn take(app: &App, back: &Return<'_>) -> Result<Login> {
    if back.state.is_empty() || back.state.len() > MAX_PARAMETER {
        return Err(invalid_state());
    }
    if back.code.is_empty() || back.code.len() > MAX_PARAMETER {
        return Err(Error::invalid("invalid_request", "the code is empty or too long"));
    }
    match app.oidc.pending.take(back.state, app.clock.moment()) {
        Taken::Live(login) if is_bound(&login, back.binding) => Ok(login),
        Taken::Live(_) | Taken::Unknown => Err(invalid_state()),
        Taken::Expired => {
            Err(Error::invalid("auth_expired", "the sign-in took longer than ten minutes")
                .hint("Sign in again."))
        }
    }
}

/// Whether the browser that comes back is the one that began.
fn is_bound(login: &Login, shown: Option<&str>) -> bool {
    let Some(binding) = &login.binding else {
        return true;
    };
    let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(shown.unwrap_or_default().as_bytes()));
    shown.is_some() && bool::from(hash.as_bytes().ct_eq(binding.trim_end_matches('=').as_bytes()))
}

fn invalid_state() -> Error {
    Error::invalid("invalid_state", "this sign-in is not known here, or was completed already")
        .hint("Sign in again.")
}

/// Exchanges the code and verifies who it is.
///
/// Errors: 502 `oidc_discovery_error`, `token_exchange_error`, `missing_id_token`,
/// `id_token_verification_error`, `missing_email`; 500 `decryption_error`.
async fn prove(app: &App, settings: &oidc_settings::Model, login: &Login, code: &str) -> Result<Identity> {
    let secret = settings::secret(app, settings)?;
    let provider = provider(app, settings).await?;
    let client = ClientIdentity { id: &settings.client_id, secret };
    let code = Code { code, verifier: &login.verifier, redirect_uri: &login.redirect_uri };
    let token = exchange(&app.oidc.outgoing, &provider, &client, &code).await?;
    let expected = Expected { client_id: &settings.client_id, nonce: &login.nonce, now: app.clock.now() };
    let verified = match verify(&provider, &token, &expected) {
        Err(Refusal::UnknownKey) => {
            let moment = app.clock.moment();
            let fresh = app.oidc.providers.refresh(&app.oidc.outgoing, &provider, moment).await;
            match fresh.map_err(|why| undiscovered(&why.to_string()))? {
                Some(fresh) => verify(&fresh, &token, &expected),
                None => Err(Refusal::UnknownKey),
            }
        }
        verified => verified,
    };
    verified.map_err(unbelieved)
}

fn unbelieved(refusal: Refusal) -> Error {
    let why = match refusal {
        Refusal::MissingEmail => {
            return Error::new(
                Kind::Upstream,
                "missing_email",
                "the identity provider sent no e-mail address",
            )
            .hint("Let the provider put the claim email into the ID token of this client.");
        }
        Refusal::UnknownKey => "it is signed by a key the provider does not publish".to_owned(),
        Refusal::Invalid(why) => why,
    };
    Error::new(
        Kind::Upstream,
        "id_token_verification_error",
        format!("the ID token cannot be believed: {why}"),
    )
}

async fn sign_in(
    tx: &Tx,
    app: &App,
    visitor: &Visitor,
    identity: &Identity,
) -> Result<(users::Model, NewSession)> {
    let origin = visitor.origin;
    let user = find(tx, app, origin, identity).await?;
    let session = session::start(tx, app, user.id, visitor).await?;
    let actor = Actor::Person { id: user.id, email: user.email.clone() };
    let entry = Entry::new(AuditAction::OidcLoginSucceeded, actor, AuditResource::User);
    audit::record(tx, app, entry.id(user.id).from(origin)).await?;
    Ok((user, session))
}

/// By the provider's own name for the person; by e-mail only the first time, and only if the
/// provider vouches for the address: otherwise anybody could take over an invitation.
async fn find(tx: &Tx, app: &App, origin: Origin, identity: &Identity) -> Result<users::Model> {
    let subject = subject::oidc(&identity.issuer, &identity.subject);
    let missing = || account::not_found(&identity.email);
    if let Some(user) = db::users::find_by_subject(tx, &subject).await? {
        if !account::is_active(&user) {
            return Err(missing());
        }
        if identity.picture.is_some() && identity.picture != user.avatar_url {
            return db::users::set_avatar(tx, user.id, identity.picture.clone(), app.clock.now()).await;
        }
        return Ok(user);
    }
    let user = db::users::find_by_email(tx, &identity.email).await?.ok_or_else(missing)?;
    let open = account::is_active(&user) || account::is_invited(&user);
    if !open || !subject::is_unclaimed(&user.subject) {
        return Err(missing());
    }
    require_verified(identity)?;
    let claimed = Claimed { subject, avatar_url: identity.picture.clone() };
    account::activate(tx, app, &user, claimed, origin).await
}

/// Refuses with 403 `unverified_email` an address that the provider does not vouch for.
fn require_verified(identity: &Identity) -> Result<()> {
    if identity.email_verified {
        return Ok(());
    }
    Err(Error::forbidden("unverified_email", "the identity provider does not vouch for this e-mail address")
        .hint("Verify the address with the provider, then sign in again."))
}

/// Who has proved to be the owner, and how far the set-up is now.
#[derive(Debug)]
pub struct Proved {
    pub owner: Owner,
    pub state: SetupState,
    pub session_expires_at: i64,
}

/// Completes the sign-in that makes the owner, and moves the set-up on. Refusals are recorded too.
///
/// Errors: those of `take` and `prove`, 403 `unverified_email`, 401 of the set-up session,
/// 409 `stale_oidc_setup`, 409 `already_configured`, 409 `invalid_state`.
pub async fn prove_owner(app: &App, origin: Origin, back: Return<'_>) -> Result<Proved> {
    match become_owner(app, origin, back).await {
        Ok(done) => Ok(done),
        Err(error) => Err(refusal::note(app, origin, AuditAction::SetupOwnerRefused, None, error).await),
    }
}

async fn become_owner(app: &App, origin: Origin, back: Return<'_>) -> Result<Proved> {
    setup::refuse_ready(&db::instance::get(app.db.read()).await?)?;
    let login = take(app, &back)?;
    let Purpose::Setup { session_hash } = &login.purpose else {
        return Err(invalid_state());
    };
    setup::check_session(&db::setup::get(app.db.read()).await?, session_hash, app.clock.now())?;
    let stale = || {
        Error::conflict("stale_oidc_setup", "the identity provider's settings have changed meanwhile")
            .hint("Start the sign-in again.")
    };
    let settings = db::oidc_settings::find(app.db.read()).await?.ok_or_else(stale)?;
    if settings.revision != login.revision {
        return Err(stale());
    }
    let identity = prove(app, &settings, &login, back.code).await?;
    require_verified(&identity)?;
    let owner = Owner {
        subject: subject::oidc(&identity.issuer, &identity.subject),
        email: identity.email,
        avatar_url: identity.picture,
    };
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let session_expires_at = setup::renew(tx, session_hash, now).await?;
            if !is_in_force(tx, &login).await? {
                return Err(stale());
            }
            setup::name_owner(tx, app, origin, &owner, "oidc").await?;
            let state = setup::advance(tx, SetupMove::ProveOwner, now).await?;
            Ok(Proved { owner, state, session_expires_at })
        })
        .await
}
