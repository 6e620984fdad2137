//! Acting as the app or as one of its installations.

use zeroize::Zeroizing;

use crate::app::App;
use crate::db;
use crate::db::entity::{integrations, repositories};
use crate::db::integration_secrets::Holder;
use crate::domain::id::InstallationId;
use crate::domain::source::{IntegrationSecretKind, ScmProvider};
use crate::error::{Error, Result, codes};
use crate::forge::github::Api;
use crate::forge::github::app::{Identity, Purpose};
use crate::forge::github::tokens::{Key, Token};
use crate::forge::host::Trouble;
use crate::sources::{Credential, Modules, health, secrets};

use super::submodules;

/// Whose password a token of an installation is.
const GIT_USER: &str = "x-access-token";

/// GitHub, asked as an account's installation of the app.
///
/// Errors: 409 `missing_credentials`, 409 `source_unresolvable`, 502 `github_api_error`.
pub async fn of_installation(
    app: &App,
    integration: &integrations::Model,
    installation: InstallationId,
) -> Result<Api> {
    let number = number(app, installation).await?;
    let token = token(app, integration, &number, Purpose::Api).await?;
    Ok(Api::new(&app.forge, &integration.host_url, &token.value))
}

/// What git proves itself with to fetch a repository and its submodules of the same account, and nothing else.
///
/// Errors: as above.
pub async fn clone_credential(
    app: &App,
    integration: &integrations::Model,
    repository: &repositories::Model,
    modules: Modules<'_>,
) -> Result<Credential> {
    let number = number(app, repository.installation_id).await?;
    let needed = match modules {
        Modules::None => submodules::number_of(repository).into_iter().collect(),
        Modules::At(sha) => submodules::needed(app, integration, repository, sha).await?,
    };
    let token = token(app, integration, &number, Purpose::Clone(needed)).await?;
    Ok(Credential {
        url: integration.host_url.clone(),
        username: GIT_USER,
        password: token.value,
        expires_at: token.expires_at,
    })
}

/// GitHub's number of an installation.
async fn number(app: &App, installation: InstallationId) -> Result<String> {
    let row = db::integrations::find_installation(app.db.read(), installation).await?;
    row.map(|row| row.external_id).ok_or_else(|| {
        Error::conflict(codes::SOURCE_NOT_CONFIGURED, "the account of the repository is no longer connected")
    })
}

/// A token of an installation, which GitHub numbers.
///
/// Errors: as above.
pub async fn token(
    app: &App,
    integration: &integrations::Model,
    installation: &str,
    purpose: Purpose,
) -> Result<Token> {
    let key =
        Key { integration: integration.id, installation: installation.to_owned(), purpose: purpose.clone() };
    let mint = async || {
        let api = of_app(app, integration).await?;
        let named = integration.display_name.as_deref().unwrap_or("the account");
        match api.mint(installation, &purpose).await {
            Ok(token) => {
                health::works(app, integration).await?;
                Ok(token)
            }
            Err(trouble) => {
                // Missing is only the installation.
                if trouble == Trouble::Unauthorized {
                    health::broken(app, integration, &refusal(&trouble)).await?;
                }
                Err(trouble.of_repository(ScmProvider::Github, named))
            }
        }
    };
    app.forge.github_tokens.get(key, app.clock.now(), mint).await
}

/// Whether GitHub knows the app no more, when the app itself asks.
pub fn is_refusal(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Unauthorized | Trouble::Forbidden(_) | Trouble::Missing => true,
        Trouble::Away(_)
        | Trouble::RateLimited(_)
        | Trouble::Refused(..)
        | Trouble::TooLarge
        | Trouble::Unreadable(_) => false,
    }
}

/// What that means, for people.
pub fn refusal(trouble: &Trouble) -> String {
    format!(
        "GitHub refuses the app of this integration ({trouble}). It may have been deleted, or its key revoked: connect GitHub again."
    )
}

/// GitHub, asked as the app itself.
///
/// Errors: 409 `missing_credentials`, 500 `decryption_error`, `key_error`, `jwt_error`.
pub async fn of_app(app: &App, integration: &integrations::Model) -> Result<Api> {
    let token = proof(app, integration).await?;
    Ok(Api::new(&app.forge, &integration.host_url, &token))
}

async fn proof(app: &App, integration: &integrations::Model) -> Result<Zeroizing<String>> {
    let missing = || {
        Error::conflict(codes::MISSING_CREDENTIALS, "the integration has no app").hint("Connect it again.")
    };
    let app_id = integration.app_id.as_deref().ok_or_else(missing)?;
    let holder = Holder::Integration(integration.id);
    let key = secrets::get(app.db.read(), &app.sealer, holder, IntegrationSecretKind::PrivateKey).await?;
    Identity::new(app_id, &key)?.prove(app.clock.now())
}
