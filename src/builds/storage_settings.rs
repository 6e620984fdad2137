//! Choosing where artifacts go: what somebody entered is checked, opened, sealed and stored, and in force with the
//! commit. Artifacts that are somewhere else stay there and can still be fetched.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use zeroize::Zeroizing;

use super::stores::{self, Chosen};
use crate::app::App;
use crate::audit;
use crate::db::entity::artifact_storage_settings;
use crate::db::entity::artifact_stores::Model;
use crate::db::{self, Tx};
use crate::domain::artifact::{ArtifactStorageProvider as Provider, ArtifactStorageSource as Source};
use crate::domain::audit::Entry;
use crate::domain::id::ArtifactStoreId;
use crate::domain::text::given;
use crate::error::{Error, Result};
use crate::storage::place::{BucketPlace, Keys, Place};
use crate::storage::probe::Step;
use crate::storage::{BlobStore, missing_keys};

/// A place as somebody enters it, before it is checked.
#[derive(Debug, Default)]
pub struct Entered {
    pub local_base_dir: Option<String>,
    pub bucket: Option<String>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
    /// Left out: the stored ones, if they are for the same endpoint.
    pub access_key_id: Option<Zeroizing<String>>,
    pub secret_access_key: Option<Zeroizing<String>>,
}

/// A place that was checked.
struct Prepared {
    place: Place,
    keys: Option<Keys>,
}

/// Chooses another place.
///
/// Errors: 400 `invalid_local_base_dir`, `invalid_s3_bucket`, `invalid_s3_endpoint`, `invalid_input`,
/// `missing_s3_credentials`; 500 `encryption_error`, `storage_error`.
pub async fn change(app: &App, provider: Provider, entered: Entered, by: Entry) -> Result<()> {
    let now = app.clock.now();
    let Some(prepared) = prepare(app, provider, entered).await? else {
        return save(app, Chosen::disabled(Some(now)), None, by).await;
    };
    let Prepared { place, keys } = prepared;
    if place == Place::Folder(app.stores.default_folder().to_owned()) {
        return save(app, Chosen::folder(app.stores.default_folder(), Source::Database, Some(now)), None, by)
            .await;
    }
    let opened =
        Arc::new(app.stores.opener.open(&place, keys.clone()).map_err(|error| of_folder(&place, error))?);
    let row = match find(app, &place).await? {
        Some(row) => row,
        None => Model::of_place(ArtifactStoreId::new(), &place, now),
    };
    let mut row = Model { id: row.id, created_at: row.created_at, ..Model::of_place(row.id, &place, now) };
    if let Some(keys) = &keys {
        stores::seal_keys(&app.sealer, &mut row, keys)?;
    }
    let chosen = Chosen {
        provider,
        source: Source::Database,
        place: Some(place),
        has_key_id: keys.is_some(),
        has_secret: keys.is_some(),
        updated_at: Some(now),
        store: Ok(Some(row.id)),
    };
    save(app, chosen, Some((row, opened)), by).await
}

/// Tries a place without choosing it.
///
/// Errors: those of `change`.
pub async fn test(app: &App, provider: Provider, entered: Entered) -> Result<Vec<Step>> {
    match prepare(app, provider, entered).await? {
        Some(Prepared { place, keys }) => {
            app.stores.opener.probe(&place, keys).await.map_err(|error| of_folder(&place, error))
        }
        None => {
            Err(Error::invalid("invalid_input", "there is nothing to test: storing artifacts is turned off"))
        }
    }
}

/// Tries the place in force.
///
/// Errors: 503 `storage_not_configured`.
pub async fn test_chosen(app: &App) -> Result<Vec<Step>> {
    stores::require_configured(app)?;
    let id = app.stores.target().and_then(|target| target.id);
    let store = stores::of(app, id).await?;
    Ok(crate::storage::probe::probe(&store, &app.clock).await)
}

async fn prepare(app: &App, provider: Provider, entered: Entered) -> Result<Option<Prepared>> {
    match provider {
        Provider::Disabled => Ok(None),
        Provider::Local => {
            let place = Place::Folder(checked_folder(app, entered.local_base_dir.as_deref())?);
            Ok(Some(Prepared { place, keys: None }))
        }
        Provider::S3 | Provider::R2 => {
            let [bucket, region, endpoint] =
                [&entered.bucket, &entered.region, &entered.endpoint].map(|text| text.as_deref());
            let place = BucketPlace::checked(provider, bucket, region, endpoint)?;
            let keys = merged_keys(app, &place, entered).await?;
            Ok(Some(Prepared { place: Place::Bucket(place), keys: Some(keys) }))
        }
    }
}

/// The folder that is meant. The data folder holds other things, which artifacts must not get in between.
fn checked_folder(app: &App, text: Option<&str>) -> Result<PathBuf> {
    let default = app.stores.default_folder();
    let Some(text) = given(text) else {
        return Ok(default.to_owned());
    };
    let refuse = |why: &str| Err(Error::invalid("invalid_local_base_dir", why));
    let folder = PathBuf::from(text);
    let plain = folder
        .components()
        .all(|part| matches!(part, std::path::Component::RootDir | std::path::Component::Normal(_)));
    if !folder.is_absolute() || !plain || text.chars().any(char::is_control) {
        return refuse("the folder must be an absolute path without dots");
    }
    let data = &app.config.data.root;
    if folder != default && (folder.starts_with(data) || data.starts_with(&folder)) {
        return refuse("the folder must be outside of the daemon's data folder");
    }
    Ok(folder)
}

/// What was entered, and for what was left out what is stored: never for another endpoint, which would learn the secret.
async fn merged_keys(app: &App, place: &BucketPlace, entered: Entered) -> Result<Keys> {
    let given = |text: Option<Zeroizing<String>>| text.filter(|text| !text.trim().is_empty());
    let (id, secret) = (given(entered.access_key_id), given(entered.secret_access_key));
    let stored = match (&id, &secret) {
        (Some(_), Some(_)) => None,
        _ => stored_keys(app, place).await?,
    };
    let id = id.or_else(|| stored.as_ref().map(|keys| keys.id.clone().into()));
    let secret = secret.or_else(|| stored.map(|keys| keys.secret));
    let (Some(id), Some(secret)) = (id, secret) else { return Err(missing_keys()) };
    Keys::checked(&id, &secret).ok_or_else(missing_keys)
}

/// The keys of this bucket, or of the one in force if it is at the same endpoint.
async fn stored_keys(app: &App, place: &BucketPlace) -> Result<Option<Keys>> {
    let same = find(app, &Place::Bucket(place.clone())).await?;
    if let Some(row) = same
        && let Some(keys) = stores::keys(&app.sealer, &row)?
    {
        return Ok(Some(keys));
    }
    let Some(settings) = db::artifact_storage_settings::find(app.db.read()).await? else { return Ok(None) };
    let Some(id) = settings.store_id else { return Ok(None) };
    let row = db::artifact_stores::find(app.db.read(), id).await?;
    match row.filter(|row| row.bucket.is_some() && row.endpoint == place.endpoint) {
        Some(row) => stores::keys(&app.sealer, &row),
        None => Ok(None),
    }
}

async fn find(app: &App, place: &Place) -> Result<Option<Model>> {
    match place {
        Place::Folder(folder) => {
            db::artifact_stores::find_folder(app.db.read(), &folder.display().to_string()).await
        }
        Place::Bucket(place) => {
            db::artifact_stores::find_bucket(app.db.read(), place.endpoint.as_deref(), &place.bucket).await
        }
    }
}

/// A folder that can't be made or used is the fault of who entered it.
fn of_folder(place: &Place, error: Error) -> Error {
    match place {
        Place::Folder(folder) => {
            let why = format!("the folder {} can't be used: {error}", folder.display());
            Error::invalid("invalid_local_base_dir", why)
                .hint("Name a folder that the daemon's account may write to.")
        }
        Place::Bucket(_) => error,
    }
}

async fn save(app: &App, chosen: Chosen, place: Option<(Model, Arc<BlobStore>)>, by: Entry) -> Result<()> {
    app.db.write(async |tx| save_in(tx, app, chosen, place, by).await).await
}

async fn save_in(
    tx: &Tx,
    app: &App,
    chosen: Chosen,
    place: Option<(Model, Arc<BlobStore>)>,
    by: Entry,
) -> Result<()> {
    let (row, opened) = place.unzip();
    let settings = artifact_storage_settings::Model {
        id: db::artifact_storage_settings::ROW,
        provider: chosen.provider,
        store_id: row.as_ref().map(|row| row.id),
        updated_at: chosen.updated_at.unwrap_or_default(),
    };
    let details = json!({
        "provider": settings.provider.as_str(),
        "local_base_dir": row.as_ref().and_then(|row| row.base_dir.clone()),
        "s3_bucket": row.as_ref().and_then(|row| row.bucket.clone()),
        "s3_region": row.as_ref().and_then(|row| row.region.clone()),
        "s3_endpoint": row.as_ref().and_then(|row| row.endpoint.clone()),
    });
    if let Some(row) = row {
        let id = row.id;
        match db::artifact_stores::find(tx, id).await? {
            Some(_) => db::artifact_stores::update(tx, row).await?,
            None => db::artifact_stores::insert(tx, row).await?,
        }
        db::artifact_storage_settings::replace(tx, settings).await?;
        db::artifact_stores::delete_unused(tx, id).await?;
    } else {
        db::artifact_storage_settings::replace(tx, settings).await?;
    }
    audit::record(tx, app, by.details(details)).await?;
    let stores = app.stores.clone();
    tx.after_commit(move || stores.put_in_force(chosen, opened));
    Ok(())
}
