//! The places of artifacts: the one that new ones go to, which changes without a restart, and all others that still hold
//! some. Without a usable place nothing is stored anywhere else instead.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::app::App;
use crate::config::{Config, Hidden};
use crate::db::entity::artifact_stores::Model;
use crate::db::{self, Db};
use crate::domain::artifact::{ArtifactStorageProvider as Provider, ArtifactStorageSource as Source};
use crate::domain::id::ArtifactStoreId;
use crate::error::{Error, Kind, Result, codes};
use crate::seal::Sealer;
use crate::storage::place::{BucketPlace, Keys, Place};
use crate::storage::{BlobStore, LocalFolder, Opener};

/// How R2's endpoints end.
const R2_HOSTS: &str = ".r2.cloudflarestorage.com";

/// Every place that is open.
#[derive(Debug)]
pub struct Stores {
    pub opener: Opener,
    /// The folder of artifacts that no place is noted for.
    folder: PathBuf,
    chosen: RwLock<Arc<Chosen>>,
    open: Mutex<HashMap<Option<ArtifactStoreId>, Arc<BlobStore>>>,
}

/// The place that new artifacts go to.
#[derive(Debug, Clone)]
pub struct Chosen {
    pub provider: Provider,
    pub source: Source,
    pub place: Option<Place>,
    pub has_key_id: bool,
    pub has_secret: bool,
    pub updated_at: Option<i64>,
    /// Which place it is, or why it can't be used.
    pub store: Result<Option<ArtifactStoreId>, String>,
}

/// A place that new artifacts go to, and its name.
#[derive(Debug, Clone)]
pub struct Target {
    pub id: Option<ArtifactStoreId>,
    pub store: Arc<BlobStore>,
}

impl Stores {
    /// Opens what is in force: the settings, else the environment, else the data folder.
    pub async fn open(config: &Config, db: &Db, sealer: &Sealer, opener: Opener, now: i64) -> Result<Self> {
        let folder = config.data.artifacts();
        let default = opener.open(&Place::Folder(folder.clone()), None)?;
        tidy(db, &folder).await?;
        let open = HashMap::from([(None, Arc::new(default))]);
        let nothing = Chosen::folder(&folder, Source::Default, None);
        let stores = Self { opener, folder, chosen: RwLock::new(Arc::new(nothing)), open: Mutex::new(open) };
        let environment = stores.of_environment(config, db, now).await?;
        let chosen = match db::artifact_storage_settings::find(db.read()).await? {
            Some(row) => Some(stores.of_settings(db, sealer, row).await?),
            None => environment,
        };
        if let Some(chosen) = chosen {
            stores.put_in_force(chosen, None);
        }
        Ok(stores)
    }

    pub fn chosen(&self) -> Arc<Chosen> {
        self.chosen.read().clone()
    }

    /// Where new artifacts go; `None` if that is disabled or can't be used.
    pub fn target(&self) -> Option<Target> {
        let id = *self.chosen().store.as_ref().ok()?;
        let store = self.opened(id)?;
        Some(Target { id, store })
    }

    /// Chooses a place, opened anew if it is given. But for the start only `Tx::after_commit` calls it, so that what is
    /// in force is what was committed last.
    pub fn put_in_force(&self, chosen: Chosen, opened: Option<Arc<BlobStore>>) {
        if let (Ok(id), Some(store)) = (&chosen.store, opened) {
            self.keep(*id, store);
        }
        *self.chosen.write() = Arc::new(chosen);
    }

    /// The folder that is used if nobody names one.
    pub fn default_folder(&self) -> &Path {
        &self.folder
    }

    fn opened(&self, id: Option<ArtifactStoreId>) -> Option<Arc<BlobStore>> {
        self.open.lock().get(&id).cloned()
    }

    fn keep(&self, id: Option<ArtifactStoreId>, store: Arc<BlobStore>) {
        self.open.lock().insert(id, store);
    }

    async fn of_settings(
        &self,
        db: &Db,
        sealer: &Sealer,
        row: db::entity::artifact_storage_settings::Model,
    ) -> Result<Chosen> {
        let updated_at = Some(row.updated_at);
        let Some(id) = row.store_id else {
            return Ok(match row.provider {
                Provider::Disabled => Chosen::disabled(updated_at),
                Provider::Local | Provider::S3 | Provider::R2 => {
                    Chosen::folder(&self.folder, Source::Database, updated_at)
                }
            });
        };
        let stored = db::artifact_stores::find(db.read(), id).await?;
        let place = stored.as_ref().map(Model::place).transpose()?;
        let is_known = |key: fn(&Model) -> bool| stored.as_ref().is_some_and(key);
        let (has_key_id, has_secret) =
            (is_known(|row| row.access_key_id.is_some()), is_known(|row| row.secret_access_key.is_some()));
        let opened = match stored {
            Some(stored) => self.open_stored(sealer, stored),
            None => Err(Error::internal(
                codes::DATA_ERROR,
                "the place of artifacts is not stored",
                id.to_string(),
            )),
        };
        let store = opened.map(|_| Some(id)).map_err(|error| error.with_hint());
        Ok(Chosen {
            provider: row.provider,
            source: Source::Database,
            place,
            has_key_id,
            has_secret,
            updated_at,
            store,
        })
    }

    /// The bucket of the environment. It is noted as a place, without its keys, so that what is stored in it is found
    /// again.
    async fn of_environment(&self, config: &Config, db: &Db, now: i64) -> Result<Option<Chosen>> {
        let given = &config.bucket;
        if !given.is_given() {
            return Ok(None);
        }
        let text = |value: &Option<String>| value.as_deref().unwrap_or_default().to_owned();
        let (bucket, endpoint) = (text(&given.s3_bucket), text(&given.s3_endpoint));
        let provider =
            if endpoint.trim_end_matches('/').ends_with(R2_HOSTS) { Provider::R2 } else { Provider::S3 };
        let key = |hidden: &Option<Hidden>| {
            hidden.as_ref().map(|hidden| hidden.reveal().to_owned()).unwrap_or_default()
        };
        let (key_id, secret) = (key(&given.aws_access_key_id), key(&given.aws_secret_access_key));
        let mut chosen = Chosen {
            provider,
            source: Source::Environment,
            place: None,
            has_key_id: !key_id.is_empty(),
            has_secret: !secret.is_empty(),
            updated_at: None,
            store: Ok(None),
        };
        let opened = BucketPlace::checked(provider, Some(&bucket), Some(&given.s3_region), Some(&endpoint))
            .and_then(|place| {
                chosen.place = Some(Place::Bucket(place.clone()));
                let store =
                    self.opener.open(&Place::Bucket(place.clone()), Keys::checked(&key_id, &secret))?;
                Ok((place, store))
            });
        let (place, store) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                tracing::error!("artifacts can't be stored where the environment says: {error}");
                return Ok(Some(Chosen { store: Err(error.with_hint()), ..chosen }));
            }
        };
        let id = match db::artifact_stores::find_bucket(db.read(), place.endpoint.as_deref(), &place.bucket)
            .await?
        {
            Some(row) => row.id,
            None => {
                let row = Model::of_place(ArtifactStoreId::new(), &Place::Bucket(place), now);
                let id = row.id;
                db.write(async |tx| db::artifact_stores::insert(tx, row).await).await?;
                id
            }
        };
        self.keep(Some(id), Arc::new(store));
        Ok(Some(Chosen { store: Ok(Some(id)), ..chosen }))
    }

    fn open_stored(&self, sealer: &Sealer, row: Model) -> Result<Arc<BlobStore>> {
        let (id, place) = (row.id, row.place()?);
        if let Place::Folder(folder) = &place
            && !LocalFolder::was_made(folder)
        {
            let why = format!("the store of artifacts in {} is not there", folder.display());
            return Err(
                Error::new(Kind::Internal, "storage_error", why).hint("Look whether its disk is mounted.")
            );
        }
        let keys = keys(sealer, &row)?;
        if matches!(place, Place::Bucket(_)) && keys.is_none() {
            // The environment's keys, if it names this bucket.
            return self.opened(Some(id)).ok_or_else(unknown_keys);
        }
        let store = Arc::new(self.opener.open(&place, keys)?);
        self.keep(Some(id), store.clone());
        Ok(store)
    }
}

/// Removes the unfinished uploads of an earlier run from every folder, before anything is under way.
async fn tidy(db: &Db, default: &Path) -> Result<()> {
    let going_on = db::artifacts::uploads_in_parts(db.read()).await?;
    let others = db::artifact_stores::list_folders(db.read()).await?;
    let folders = std::iter::once(default).chain(others.iter().map(Path::new));
    for folder in folders.filter(|folder| LocalFolder::was_made(folder)) {
        if let Err(error) = LocalFolder::tidy(folder, &going_on) {
            tracing::warn!("unfinished uploads in {} are left there: {error}", folder.display());
        }
    }
    Ok(())
}

impl Chosen {
    pub fn disabled(updated_at: Option<i64>) -> Self {
        Self {
            provider: Provider::Disabled,
            place: None,
            store: Err("storing artifacts is turned off".to_owned()),
            ..Self::folder(Path::new(""), Source::Database, updated_at)
        }
    }

    /// The data folder.
    pub fn folder(folder: &Path, source: Source, updated_at: Option<i64>) -> Self {
        Self {
            provider: Provider::Local,
            source,
            place: Some(Place::Folder(folder.to_owned())),
            has_key_id: false,
            has_secret: false,
            updated_at,
            store: Ok(None),
        }
    }

    /// Why artifacts can't be stored, though somebody wants them to be.
    pub fn problem(&self) -> Option<&str> {
        self.store.as_ref().err().map(String::as_str).filter(|_| self.provider != Provider::Disabled)
    }
}

/// The place an artifact was stored in.
///
/// Errors: 503 `storage_not_configured`, 500 `storage_error`.
pub async fn of(app: &App, id: Option<ArtifactStoreId>) -> Result<Arc<BlobStore>> {
    if let Some(store) = app.stores.opened(id) {
        return Ok(store);
    }
    let row = match id {
        Some(id) => db::artifact_stores::find(app.db.read(), id).await?,
        None => None,
    };
    app.stores.open_stored(&app.sealer, row.ok_or_else(unknown_keys)?)
}

/// Refuses while storing artifacts is turned off; then none is given out either.
///
/// Errors: 503 `storage_not_configured`.
pub fn require_enabled(app: &App) -> Result<()> {
    match app.stores.chosen().provider {
        Provider::Disabled => require_configured(app),
        Provider::Local | Provider::S3 | Provider::R2 => Ok(()),
    }
}

/// Refuses while storing artifacts is off or can't be done.
///
/// Errors: 503 `storage_not_configured`.
pub fn require_configured(app: &App) -> Result<()> {
    match &app.stores.chosen().store {
        Ok(_) => Ok(()),
        Err(why) => Err(not_configured(why.clone())),
    }
}

fn not_configured(why: impl Into<String>) -> Error {
    Error::new(Kind::Unavailable, "storage_not_configured", why)
        .hint("Owners and admins choose a place under Settings, Storage.")
}

fn unknown_keys() -> Error {
    not_configured("nobody has entered keys for the store that this artifact is in")
}

/// The keys of a place, if it has its own.
///
/// Errors: 500 `decryption_error`.
pub fn keys(sealer: &Sealer, row: &Model) -> Result<Option<Keys>> {
    let (Some(id), Some(secret)) = (&row.access_key_id, &row.secret_access_key) else { return Ok(None) };
    let open = |column: &str, sealed: &[u8]| -> Result<String> {
        let bytes = sealer.open(&identity(row.id, column), sealed)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    Ok(Keys::checked(&open(KEY_ID, id)?, &open(SECRET, secret)?))
}

/// Seals the keys of a place into its row.
///
/// Errors: 500 `encryption_error`.
pub fn seal_keys(sealer: &Sealer, row: &mut Model, keys: &Keys) -> Result<()> {
    row.access_key_id = Some(sealer.seal(&identity(row.id, KEY_ID), keys.id.as_bytes())?);
    row.secret_access_key = Some(sealer.seal(&identity(row.id, SECRET), keys.secret.as_bytes())?);
    Ok(())
}

const KEY_ID: &str = "access_key_id";
const SECRET: &str = "secret_access_key";

fn identity(id: ArtifactStoreId, column: &str) -> String {
    format!("artifact_stores/{id}/{column}")
}

impl Model {
    /// The row of a place, without keys.
    pub fn of_place(id: ArtifactStoreId, place: &Place, now: i64) -> Self {
        let nothing = Self {
            id,
            provider: Provider::Local,
            base_dir: None,
            bucket: None,
            region: None,
            endpoint: None,
            access_key_id: None,
            secret_access_key: None,
            created_at: now,
        };
        match place {
            Place::Folder(folder) => Self { base_dir: Some(folder.display().to_string()), ..nothing },
            Place::Bucket(place) => Self {
                provider: place.provider,
                bucket: Some(place.bucket.clone()),
                region: Some(place.region.clone()),
                endpoint: place.endpoint.clone(),
                ..nothing
            },
        }
    }

    /// The place of a row.
    ///
    /// Errors: 500 `data_error`.
    pub fn place(&self) -> Result<Place> {
        match (&self.base_dir, &self.bucket, &self.region) {
            (Some(folder), None, _) => Ok(Place::Folder(folder.into())),
            (None, Some(bucket), Some(region)) => Ok(Place::Bucket(BucketPlace {
                provider: self.provider,
                bucket: bucket.clone(),
                region: region.clone(),
                endpoint: self.endpoint.clone(),
            })),
            _ => Err(Error::internal(codes::DATA_ERROR, "a stored place is unreadable", self.id.to_string())),
        }
    }
}
