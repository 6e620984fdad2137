//! Artifacts from announcement to download: announced by the runner, uploaded to a signed address of the daemon or of
//! the store, completed, and then visible. Bytes are recorded only when they are whole and durable; an upload that fails
//! leaves nothing, and its address can be used again.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use parking_lot::Mutex;
use sea_orm::ConnectionTrait;

use super::job::Speaker;
use super::leftovers;
use super::links::{self, Link, LinkKind};
use super::retention;
use super::stores;
use crate::app::App;
use crate::db::entity::artifacts::Model;
use crate::db::entity::builds;
use crate::db::{self, Doc, Tx};
use crate::domain::artifact::{ArtifactState, ArtifactType, is_valid_name};
use crate::domain::id::{ArtifactId, BuildId};
use crate::error::{Error, Kind, Result, codes};
use crate::runner::protocol::CreateArtifactRequest;
use crate::storage::{self, Blob, Expected, Upload, part_bytes};

/// Seconds after which an announced artifact that was never finished is given up, unless its attempt still goes on.
pub const PENDING_SECONDS: i64 = 1800;
const SWEEP: u64 = 100;

/// What uploads under way have to share.
#[derive(Debug, Default)]
pub struct Uploads {
    /// Held from the last look at the row to its update, so that of two uploads to one address the
    /// first that ends wins.
    finishing: tokio::sync::Mutex<()>,
    /// Available artifacts that were announced once more with the same content, and when.
    again: Mutex<HashMap<ArtifactId, i64>>,
    /// Raised when bytes in stores are to be removed.
    pub left: tokio::sync::Notify,
}

/// Where bytes go to, or come from.
#[derive(Debug)]
pub enum Address {
    /// The daemon, by a link.
    Daemon(Link),
    /// The store itself.
    Store { url: String, expires_at: i64 },
}

/// An announced artifact, and where its bytes go.
#[derive(Debug)]
pub struct Announced {
    pub row: Model,
    /// `None`: nowhere, for storing artifacts is turned off.
    pub address: Option<Address>,
    /// How large its parts are, if it may be sent in parts.
    pub part_bytes: Option<u64>,
}

impl Uploads {
    fn expect_again(&self, id: ArtifactId, now: i64) {
        let mut again = self.again.lock();
        again.retain(|_, since| now - *since < PENDING_SECONDS);
        again.insert(id, now);
    }

    fn is_expected_again(&self, id: ArtifactId) -> bool {
        self.again.lock().contains_key(&id)
    }

    fn came_again(&self, id: ArtifactId) -> bool {
        self.again.lock().remove(&id).is_some()
    }
}

/// Announces an artifact of a build and answers where its bytes go. The same name with the same
/// content answers the artifact that is there already; the runner may go on as if it were new.
///
/// Errors: 400 `invalid_name`, `invalid_artifact_type`, `invalid_request`, and those of a job.
pub async fn announce(
    app: &App,
    speaker: &Speaker,
    build: BuildId,
    request: CreateArtifactRequest,
) -> Result<Announced> {
    speaker.job(app.db.read(), build).await?;
    let in_parts = request.parts;
    let checked = Checked::of(request)?;
    if let Some(checksum) = &checked.checksum
        && let Some(same) = db::artifacts::find_same(app.db.read(), build, &checked.name, checksum).await?
    {
        app.uploads.expect_again(same.id, app.clock.now());
        let address = Some(Address::Daemon(links::make(app, LinkKind::Upload, same.id)));
        return Ok(Announced { row: same, address, part_bytes: None });
    }
    let (now, target) = (app.clock.now(), app.stores.target());
    let mut row = checked.row(&speaker.job(app.db.read(), build).await?, now);
    row.store_id = target.as_ref().and_then(|target| target.id);
    row.expires_at = retention::expires_at(app.db.read(), row.project_id, now).await?;
    let (mut address, mut in_parts_of, mut unrecorded) = (None, None, None);
    if let Some(target) = &target {
        // Over loopback one piece is faster, and nothing breaks off.
        let is_near = speaker.runner.embedded && target.store.is_here();
        let whole = size_of(&row).filter(|size| in_parts && !is_near && *size > part_bytes(*size));
        if let Some(size) = whole {
            if !target.store.is_here() {
                // Nobody else would know of an upload that is begun and never recorded.
                unrecorded = Some(leftovers::expect(app, &row).await?);
            }
            row.upload_id = Some(target.store.begin_parts(&row.object_key).await?);
            in_parts_of = Some(part_bytes(size));
        }
        let url = target.store.put_address(&row.object_key, ttl(LinkKind::Upload), now).await?;
        address = Some(address_of(app, LinkKind::Upload, &row, url));
    }
    let insert = row.clone();
    app.db
        .write(async |tx| {
            speaker.job(tx, build).await?;
            if let Some(note) = unrecorded {
                db::artifact_leftovers::delete(tx, note).await?;
            }
            db::artifacts::insert(tx, insert).await
        })
        .await?;
    Ok(Announced { row, address, part_bytes: in_parts_of })
}

fn ttl(kind: LinkKind) -> Duration {
    Duration::from_secs(kind.ttl_seconds().unsigned_abs())
}

fn address_of(app: &App, kind: LinkKind, row: &Model, url: Option<String>) -> Address {
    match url {
        Some(url) => Address::Store { url, expires_at: app.clock.now() + kind.ttl_seconds() },
        None => Address::Daemon(links::make(app, kind, row.id)),
    }
}

fn size_of(row: &Model) -> Option<u64> {
    row.file_size.and_then(|size| u64::try_from(size).ok())
}

/// What is known of the bytes of an artifact.
fn expected(row: &Model) -> Expected {
    Expected { size: size_of(row), sha256: row.checksum.clone(), reserve_bytes: 0 }
}

/// The upload in parts that an artifact has.
fn parts_of(row: &Model) -> Option<Upload> {
    Some(Upload { id: row.upload_id.clone()?, size: size_of(row)? })
}

/// Where the parts of an announced artifact go that have not arrived: the first ones, if they are many. Each has its
/// number.
///
/// Errors: 409 `artifact_not_pending`, 500 `storage_error`, and those of a job.
pub async fn missing_parts(
    app: &App,
    speaker: &Speaker,
    build: BuildId,
    id: ArtifactId,
) -> Result<(u64, Vec<(u32, Address)>)> {
    let row = of_job(app.db.read(), speaker, build, id).await?;
    if row.state != ArtifactState::Pending {
        return Err(Error::conflict(
            codes::ARTIFACT_NOT_PENDING,
            "the upload of this artifact has already ended",
        ));
    }
    let upload = parts_of(&row).ok_or_else(|| Error::not_found("upload in parts"))?;
    let store = stores::of(app, row.store_id).await?;
    let (ttl, now) = (ttl(LinkKind::Upload), app.clock.now());
    let parts = store.part_addresses(&row.object_key, &upload, ttl, now).await?.into_iter();
    let parts = parts.map(|(number, url)| (number, address_of(app, LinkKind::Upload, &row, url)));
    Ok((upload.part_bytes(), parts.collect()))
}

struct Checked {
    name: String,
    kind: ArtifactType,
    size: Option<i64>,
    checksum: Option<String>,
    metadata: serde_json::Value,
}

impl Checked {
    fn of(request: CreateArtifactRequest) -> Result<Self> {
        if !is_valid_name(&request.name) {
            let why = "an artifact's name must be one plain file name of at most 255 bytes";
            return Err(Error::invalid("invalid_name", why));
        }
        let kind = request.artifact_type.parse().map_err(|_| {
            let why = format!("'{}' is not a type of artifact", request.artifact_type);
            Error::invalid("invalid_artifact_type", why)
        })?;
        let refuse = |why| Error::invalid("invalid_request", why);
        if request.file_size.is_some_and(|size| size < 0) {
            return Err(refuse("file_size must not be negative"));
        }
        let checksum = request.checksum.map(|text| text.to_ascii_lowercase());
        let is_sha256 = |text: &String| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if checksum.as_ref().is_some_and(|text| !is_sha256(text)) {
            return Err(refuse("checksum must be a SHA-256 in hexadecimal"));
        }
        if !request.metadata.is_null() && !request.metadata.is_object() {
            return Err(refuse("metadata must be an object"));
        }
        let metadata = if request.metadata.is_null() { serde_json::json!({}) } else { request.metadata };
        Ok(Self { name: request.name, kind, size: request.file_size, checksum, metadata })
    }

    fn row(self, job: &builds::Model, now: i64) -> Model {
        let id = ArtifactId::new();
        Model {
            id,
            build_id: job.id,
            project_id: job.project_id,
            object_key: format!("{}/{id}/{}", job.id, self.name),
            name: self.name,
            artifact_type: self.kind,
            file_size: self.size,
            checksum: self.checksum,
            metadata: Doc(self.metadata),
            state: ArtifactState::Pending,
            stored_at: None,
            error_message: None,
            created_at: now,
            expires_at: None,
            attempt: Some(job.attempt),
            store_id: None,
            upload_id: None,
        }
    }
}

/// Takes the bytes of an announced artifact in. `announced` is the length the request declares.
///
/// Errors: 401 `invalid_upload_token`, 413 `payload_too_large`, 400 `upload_incomplete`, 400
/// `checksum_mismatch`, 507 `disk_full`.
pub async fn upload<E>(
    app: &App,
    token: &str,
    announced: Option<u64>,
    bytes: impl Stream<Item = Result<Bytes, E>>,
) -> Result<()> {
    let id = links::verify(app, LinkKind::Upload, token).ok_or_else(invalid_upload)?;
    let row = uploadable(app, app.db.read(), id).await?;
    let size = size_of(&row);
    if let (Some(size), Some(announced)) = (size, announced)
        && announced > size
    {
        return Err(Error::new(
            Kind::TooLarge,
            "payload_too_large",
            "the upload is larger than was announced",
        ));
    }
    let reserve_bytes = app.config.reserve_bytes();
    let expected = Expected { size: size.or(announced), sha256: row.checksum.clone(), reserve_bytes };
    if row.state == ArtifactState::Available {
        return storage::swallow(bytes, &expected).await;
    }
    let store = stores::of(app, row.store_id).await?;
    let received = store.receive(bytes, &expected).await?;
    let _first = app.uploads.finishing.lock().await;
    let row = uploadable(app, app.db.read(), id).await?;
    let (size, checksum) = (i64::try_from(received.size).unwrap_or(i64::MAX), received.sha256.clone());
    store.keep(received, &row.object_key).await?;
    let now = app.clock.now();
    let recorded = app
        .db
        .write(async |tx| {
            uploadable(app, tx, id).await?;
            db::artifacts::set_stored(tx, id, size, checksum, now).await
        })
        .await;
    match recorded {
        Ok(true) => Ok(()),
        Ok(false) => Err(leave_if_over(app, row).await.err().unwrap_or_else(invalid_upload)),
        Err(refused) => {
            leave_if_over(app, row).await?;
            Err(refused)
        }
    }
}

/// Has bytes removed that were kept for an artifact that was given up meanwhile; its own note may have been worked off by then.
async fn leave_if_over(app: &App, row: Model) -> Result<()> {
    let is_over = async |tx: &Tx| {
        let now = db::artifacts::find(tx, row.id).await?;
        Ok::<_, Error>(
            now.is_none_or(|now| matches!(now.state, ArtifactState::Failed | ArtifactState::Removed)),
        )
    };
    let left = app.db.write(async |tx| match is_over(tx).await? {
        true => leftovers::leave(tx, app, &row).await,
        false => Ok(()),
    });
    left.await?;
    leftovers::announce(app);
    Ok(())
}

/// Takes one part of an announced artifact in.
///
/// Errors: 401 `invalid_upload_token`, 413 `payload_too_large`, 400 `upload_incomplete`, 409 `part_out_of_order`, 507
/// `disk_full`.
pub async fn upload_part<E>(
    app: &App,
    token: &str,
    number: u32,
    bytes: impl Stream<Item = Result<Bytes, E>>,
) -> Result<()> {
    let id = links::verify(app, LinkKind::Upload, token).ok_or_else(invalid_upload)?;
    let row = uploadable(app, app.db.read(), id).await?;
    let upload = parts_of(&row).ok_or_else(invalid_upload)?;
    let store = stores::of(app, row.store_id).await?;
    store.receive_part(&upload, number, bytes, app.config.reserve_bytes()).await
}

/// The artifact, if bytes for it are still wanted: the attempt that announced it goes on.
async fn uploadable(app: &App, db: &impl ConnectionTrait, id: ArtifactId) -> Result<Model> {
    let row = db::artifacts::find(db, id).await?.ok_or_else(invalid_upload)?;
    let build = db::builds::standing(db, row.build_id).await?;
    let goes_on = build.status.is_held() && row.attempt.is_none_or(|attempt| attempt == build.attempt);
    let wanted = match row.state {
        ArtifactState::Pending => row.stored_at.is_none(),
        ArtifactState::Available => app.uploads.is_expected_again(id),
        ArtifactState::Failed | ArtifactState::Removed => false,
    };
    if wanted && goes_on { Ok(row) } else { Err(invalid_upload()) }
}

fn invalid_upload() -> Error {
    Error::unauthenticated("invalid_upload_token", "this upload address is unknown, used or expired")
}

/// Makes an uploaded artifact visible.
///
/// Errors: 409 `artifact_not_pending`, 409 `artifact_not_uploaded`, and those of a job.
pub async fn complete(app: &App, speaker: &Speaker, build: BuildId, id: ArtifactId) -> Result<Model> {
    let row = of_job(app.db.read(), speaker, build, id).await?;
    // A runner that names its attempt also repeats calls whose answer was lost.
    let came_again = app.uploads.came_again(id);
    let repeated = speaker.attempt.is_some() || came_again;
    if row.state == ArtifactState::Available && repeated {
        return Ok(row);
    }
    let mut found = None;
    if row.state == ArtifactState::Pending && row.stored_at.is_none() {
        let store = stores::of(app, row.store_id).await?;
        found = store.arrived(&row.object_key, parts_of(&row).as_ref(), &expected(&row)).await?;
        if found.is_none() {
            return Err(Error::conflict(
                "artifact_not_uploaded",
                "the bytes of this artifact have not arrived",
            ));
        }
    }
    let now = app.clock.now();
    let finished = app
        .db
        .write(async |tx| {
            of_job(tx, speaker, build, id).await?;
            if let Some(found) = found {
                let size = i64::try_from(found.size).unwrap_or(i64::MAX);
                db::artifacts::set_stored(tx, id, size, found.sha256, now).await?;
            }
            db::artifacts::finish(tx, id, ArtifactState::Available, None).await
        })
        .await;
    match finished {
        // Reading the bytes back takes a while: the same may have been asked twice.
        Err(error) if error.code == codes::ARTIFACT_NOT_PENDING && repeated => {
            let row = db::artifacts::get(app.db.read(), id).await?;
            if row.state == ArtifactState::Available { Ok(row) } else { Err(error) }
        }
        other => other,
    }
}

/// Gives an announced artifact up.
///
/// Errors: 409 `artifact_not_pending`, and those of a job.
pub async fn abort(
    app: &App,
    speaker: &Speaker,
    build: BuildId,
    id: ArtifactId,
    message: Option<String>,
) -> Result<Model> {
    let failed = app
        .db
        .write(async |tx| {
            of_job(tx, speaker, build, id).await?;
            fail(tx, app, id, message).await
        })
        .await?;
    leftovers::announce(app);
    Ok(failed)
}

/// Ends an upload without success; what arrived of it goes.
async fn fail(tx: &Tx, app: &App, id: ArtifactId, message: Option<String>) -> Result<Model> {
    let row = db::artifacts::finish(tx, id, ArtifactState::Failed, message).await?;
    leftovers::leave(tx, app, &row).await?;
    Ok(row)
}

/// An artifact that the present attempt announced.
async fn of_job(
    db: &impl ConnectionTrait,
    speaker: &Speaker,
    build: BuildId,
    id: ArtifactId,
) -> Result<Model> {
    let job = speaker.job(db, build).await?;
    let is_of =
        |row: &Model| row.build_id == build && row.attempt.is_none_or(|attempt| attempt == job.attempt);
    db::artifacts::find(db, id).await?.filter(is_of).ok_or_else(|| Error::not_found("artifact"))
}

/// The artifact and the bytes of a download link; `None` unless the link is good and they are there.
pub async fn download(app: &App, token: &str) -> Result<Option<(Model, Blob)>> {
    let Some(id) = links::verify(app, LinkKind::Download, token) else { return Ok(None) };
    let row = db::artifacts::find(app.db.read(), id).await?;
    let Some(row) = row.filter(|row| row.state == ArtifactState::Available) else { return Ok(None) };
    let blob = stores::of(app, row.store_id).await?.open(&row.object_key).await?;
    Ok(blob.map(|blob| (row, blob)))
}

/// Refuses what can't be downloaded.
///
/// Errors: 404 `not_found`, 410 `artifact_expired`.
pub async fn require_downloadable(app: &App, row: &Model) -> Result<()> {
    match row.state {
        ArtifactState::Available if !is_over(app, row).await? => Ok(()),
        ArtifactState::Available | ArtifactState::Removed => Err(expired()),
        ArtifactState::Pending | ArtifactState::Failed => Err(Error::not_found("artifact")),
    }
}

async fn is_over(app: &App, row: &Model) -> Result<bool> {
    let now = app.clock.patient_ms().div_euclid(1000);
    let truly = retention::with_true_ends(app, vec![row.clone()]).await?;
    Ok(truly.iter().any(|row| row.expires_at.is_some_and(|at| at <= now)))
}

fn expired() -> Error {
    let why = "the artifact was kept as long as the rules say, and was removed";
    Error::new(Kind::Gone, "artifact_expired", why)
        .hint("Run the build again to get a new one, and pin builds whose artifacts are to stay.")
}

/// Where an artifact is fetched from for some minutes, to be saved as `disposition` says. Only its own place has to
/// work, not the one that new artifacts go to.
///
/// Errors: 503 `storage_not_configured`, 500 `storage_error`.
pub async fn download_address(app: &App, row: &Model, disposition: &str) -> Result<Address> {
    stores::require_enabled(app)?;
    let store = stores::of(app, row.store_id).await?;
    let ttl = ttl(LinkKind::Download);
    let url = store.get_address(&row.object_key, disposition, ttl, app.clock.now()).await?;
    Ok(address_of(app, LinkKind::Download, row, url))
}

/// Gives up artifacts that were announced long ago and that nobody sends any more.
pub async fn sweep(app: &App) -> Result<()> {
    let before = app.clock.patient_ms().div_euclid(1000) - PENDING_SECONDS;
    for row in db::artifacts::list_stale(app.db.read(), before, SWEEP).await? {
        let why = Some("the upload was not finished in time".to_owned());
        match app.db.write(async |tx| fail(tx, app, row.id, why).await).await {
            Ok(_) => {}
            Err(error) if error.code == codes::ARTIFACT_NOT_PENDING => {}
            Err(error) => return Err(error),
        }
    }
    leftovers::announce(app);
    Ok(())
}
