//! Secrets of integrations and repositories: sealed on their way in, opened on their way out. They are never
//! shown, but for one that somebody has just made.

use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use crate::app::App;
use crate::db::entity::integration_secrets::Model;
use crate::db::integration_secrets::Holder;
use crate::db::{Tx, integration_secrets};
use crate::domain::id::IntegrationSecretId;
use crate::domain::source::IntegrationSecretKind;
use crate::error::{Error, Result, codes};
use crate::seal::Sealer;

/// Keeps a secret in the place of the one of its kind.
///
/// Errors: 500 `encryption_error`.
pub async fn keep(
    tx: &Tx,
    app: &App,
    holder: Holder,
    kind: IntegrationSecretKind,
    secret: &str,
) -> Result<()> {
    let id = IntegrationSecretId::new();
    let row = Model {
        id,
        integration_id: holder.integration(),
        repository_id: holder.repository(),
        kind,
        value: app.sealer.seal(&identity(id), secret.as_bytes())?,
        created_at: app.clock.now(),
    };
    integration_secrets::replace(tx, holder, row).await
}

/// A secret, if there is one.
///
/// Errors: 500 `decryption_error`.
pub async fn find(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    holder: Holder,
    kind: IntegrationSecretKind,
) -> Result<Option<Zeroizing<String>>> {
    let row = integration_secrets::find(db, holder, kind).await?;
    row.map(|row| open(sealer, &row)).transpose()
}

/// A secret that has to be there.
///
/// Errors: 409 `missing_credentials`, 500 `decryption_error`.
pub async fn get(
    db: &impl ConnectionTrait,
    sealer: &Sealer,
    holder: Holder,
    kind: IntegrationSecretKind,
) -> Result<Zeroizing<String>> {
    find(db, sealer, holder, kind).await?.ok_or_else(|| {
        Error::conflict(
            codes::MISSING_CREDENTIALS,
            format!("the integration has no {}", kind.as_str().replace('_', " ")),
        )
        .hint("Connect it again.")
    })
}

/// The secret of a row.
///
/// Errors: 500 `decryption_error`.
pub fn open(sealer: &Sealer, row: &Model) -> Result<Zeroizing<String>> {
    let opened = sealer.open(&identity(row.id), &row.value)?;
    let text = std::str::from_utf8(&opened).map_err(|error| {
        Error::internal(codes::DECRYPTION_ERROR, "a stored secret cannot be decrypted", error.to_string())
    })?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// What the value of a row is sealed for.
fn identity(id: IntegrationSecretId) -> String {
    format!("integration_secrets/{id}/value")
}
