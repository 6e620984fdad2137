//! Artifacts from announcement to download: announced by the runner, uploaded to a signed address,
//! completed, and then visible. Bytes are recorded only when they are whole and durable; an upload
//! that fails leaves nothing, and its address can be used again.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use futures_util::Stream;
use sea_orm::ConnectionTrait;

use super::job::Speaker;
use super::links::{self, Link, LinkKind};
use super::retention;
use crate::app::App;
use crate::db::entity::artifacts::Model;
use crate::db::entity::builds;
use crate::db::{self, Doc, Tx};
use crate::domain::artifact::{ArtifactState, ArtifactType, is_valid_name};
use crate::domain::id::{ArtifactId, BuildId};
use crate::error::{Error, Kind, Result};
use crate::runner::protocol::CreateArtifactRequest;
use crate::storage::{Blob, Expected};

/// Seconds after which an announced artifact that was never finished is given up.
const PENDING_SECONDS: i64 = 1800;
const SWEEP: u64 = 100;

/// What uploads under way have to share.
#[derive(Debug, Default)]
pub struct Uploads {
    /// Held from the last look at the row to its update, so that of two uploads to one address the
    /// first that ends wins.
    finishing: tokio::sync::Mutex<()>,
    /// Available artifacts that were announced once more with the same content.
    again: Mutex<HashSet<ArtifactId>>,
}

impl Uploads {
    fn expect_again(&self, id: ArtifactId) {
        self.again.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    fn is_expected_again(&self, id: ArtifactId) -> bool {
        self.again.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    fn came_again(&self, id: ArtifactId) -> bool {
        self.again.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
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
) -> Result<(Model, Link)> {
    speaker.job(app.db.read(), build).await?;
    let checked = Checked::of(request)?;
    if let Some(checksum) = &checked.checksum
        && let Some(same) = db::artifacts::find_same(app.db.read(), build, &checked.name, checksum).await?
    {
        app.uploads.expect_again(same.id);
        let link = links::make(app, LinkKind::Upload, same.id);
        return Ok((same, link));
    }
    let now = app.clock.now();
    let row = app
        .db
        .write(async |tx| {
            let job = speaker.job(tx, build).await?;
            let expires_at = retention::expires_at(tx, job.project_id, now).await?;
            let row = Model { expires_at, ..checked.row(&job, now) };
            db::artifacts::insert(tx, row.clone()).await?;
            Ok(row)
        })
        .await?;
    let link = links::make(app, LinkKind::Upload, row.id);
    Ok((row, link))
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
            bytes_removed_at: None,
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
    let size = row.file_size.and_then(|size| u64::try_from(size).ok());
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
    let received = app.storage.receive(bytes, &expected).await?;
    let _first = app.uploads.finishing.lock().await;
    let row = uploadable(app, app.db.read(), id).await?;
    if row.state == ArtifactState::Available {
        return Ok(());
    }
    let (size, checksum) = (i64::try_from(received.size).unwrap_or(i64::MAX), received.sha256.clone());
    app.storage.keep(received, &row.object_key).await?;
    let now = app.clock.now();
    let recorded = app
        .db
        .write(async |tx| {
            uploadable(app, tx, id).await?;
            db::artifacts::set_stored(tx, id, size, checksum, now).await
        })
        .await?;
    if recorded { Ok(()) } else { Err(invalid_upload()) }
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
    if row.state == ArtifactState::Pending && row.stored_at.is_none() {
        return Err(Error::conflict("artifact_not_uploaded", "the bytes of this artifact have not arrived"));
    }
    app.db
        .write(async |tx| {
            of_job(tx, speaker, build, id).await?;
            db::artifacts::finish(tx, id, ArtifactState::Available, None).await
        })
        .await
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
            db::artifacts::finish(tx, id, ArtifactState::Failed, message).await
        })
        .await?;
    app.storage.remove_all(&folder(&failed)).await?;
    Ok(failed)
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

fn folder(row: &Model) -> String {
    format!("{}/{}", row.build_id, row.id)
}

/// Removes the bytes of an artifact that nobody can see any more.
pub async fn remove_bytes(app: &App, row: &Model) -> Result<()> {
    app.storage.remove_all(&folder(row)).await
}

/// The artifact and the bytes of a download link; `None` unless the link is good and they are there.
pub async fn download(app: &App, token: &str) -> Result<Option<(Model, Blob)>> {
    let Some(id) = links::verify(app, LinkKind::Download, token) else { return Ok(None) };
    let row = db::artifacts::find(app.db.read(), id).await?;
    let Some(row) = row.filter(|row| row.state == ArtifactState::Available) else { return Ok(None) };
    let blob = app.storage.open(&row.object_key).await?;
    Ok(blob.map(|blob| (row, blob)))
}

/// Gives up artifacts that were announced long ago and never finished.
pub async fn sweep(app: &App) -> Result<()> {
    let before = app.clock.patient_ms().div_euclid(1000) - PENDING_SECONDS;
    for row in db::artifacts::list_stale(app.db.read(), before, SWEEP).await? {
        let why = Some("the upload was not finished in time".to_owned());
        let failed = async |tx: &Tx| db::artifacts::finish(tx, row.id, ArtifactState::Failed, why).await;
        match app.db.write(failed).await {
            Ok(_) => app.storage.remove_all(&folder(&row)).await?,
            Err(error) if error.code == "artifact_not_pending" => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
