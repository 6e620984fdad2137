//! The secret that GitLab sends along with the events of a repository. Somebody enters it there; each repository has its
//! own, so that no project can speak for another.

use zeroize::Zeroizing;

use crate::app::App;
use crate::audit;
use crate::db;
use crate::db::integration_secrets::Holder;
use crate::domain::audit::Entry;
use crate::domain::id::RepositoryId;
use crate::domain::source::{IntegrationSecretKind, ScmProvider};
use crate::error::{Error, Result};
use crate::seal::random;
use crate::sources::{require_remote, secrets};

/// A new secret in the place of the one before, which ends at once. It is shown this once.
///
/// Errors: 403 `mode_restricted`, `not_found`, 500 `encryption_error`.
pub async fn rotate(app: &App, id: RepositoryId, entry: Entry) -> Result<Zeroizing<String>> {
    require_remote(app).await?;
    let missing = || Error::not_found("repository");
    let repository = db::repositories::find(app.db.read(), id).await?.ok_or_else(missing)?;
    let integration = db::integrations::find(app.db.read(), repository.integration_id).await?;
    integration.filter(|row| row.provider == ScmProvider::Gitlab).ok_or_else(missing)?;
    let mut bytes = Zeroizing::new([0; 32]);
    random(&mut bytes[..])?;
    let secret = Zeroizing::new(format!("oore_{}", hex::encode(&bytes[..])));
    let holder = Holder::Repository(repository.integration_id, id);
    app.db
        .write(async |tx| {
            secrets::keep(tx, app, holder, IntegrationSecretKind::WebhookSecret, &secret).await?;
            let details = serde_json::json!({ "name": repository.full_name });
            audit::record(tx, app, entry.id(id).details(details)).await
        })
        .await?;
    Ok(secret)
}
