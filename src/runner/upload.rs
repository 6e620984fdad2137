//! Sends artifacts to the daemon, or to the store that it names: pack, hash, announce, bytes, done. A file is opened
//! inside the workspace each time and streamed; the daemon compares the hash, so a file that changes under our hands is
//! refused and tried anew.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::{Body, Url};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use tokio_util::io::ReaderStream;

use super::bundle;
use super::client::{Backoff, CallError};
use super::collect::{Found, Kind};
use super::files;
use super::folder::Workspace;
use super::halt::{Failure, Halt};
use super::job::{JobClient, limit_for};
use super::process::Stage;
use super::protocol::{AnnouncedArtifact, CreateArtifactRequest, artifact_type_of};
use super::transfer::{NotSent, Sender, Stretch};
use crate::domain::artifact::ArtifactType;
use crate::domain::failure::FailureReason;

/// How often an artifact is tried that the daemon refuses to take.
const TRIES: usize = 3;
const PIECE_BYTES: usize = 256 * 1024;
const PARTS_AT_ONCE: usize = 4;
/// Addresses of the daemon itself; others belong to a storage service and are used as they are.
const LOCAL_UPLOAD: &str = "/v1/artifacts/local-upload/";

/// A regular file that is ready to be sent.
struct Parcel {
    root: PathBuf,
    path: PathBuf,
    name: String,
    kind: ArtifactType,
    /// Where it was in the workspace.
    origin: String,
}

struct Digested {
    size: u64,
    checksum: String,
}

/// Sends everything that was found, one after the other.
pub async fn upload(
    job: &JobClient,
    stage: &Stage,
    workspace: &Workspace,
    found: &[Found],
) -> Result<(), Halt> {
    for one in found {
        let parcel = parcel(stage, workspace, one).await?;
        let named = format!("{} → {}", parcel.origin, parcel.name);
        let size = tokio::select! {
            sent = send(job, parcel) => sent?,
            reason = stage.stop.triggered() => return Err(reason.into()),
        };
        stage.spool.say(&format!("{named} ({size} bytes)"))?;
    }
    Ok(())
}

async fn parcel(stage: &Stage, workspace: &Workspace, found: &Found) -> Result<Parcel, Halt> {
    let origin = stage.spool.masks().text(&found.path.display().to_string());
    match found.kind {
        Kind::File => Ok(Parcel {
            root: workspace.source(),
            path: found.path.clone(),
            name: found.name.clone(),
            kind: artifact_type_of(&found.name),
            origin,
        }),
        Kind::Bundle => {
            let name = found.name.clone();
            pack(stage, workspace, &found.path, &workspace.packed().join(&name)).await?;
            let path = PathBuf::from(&name);
            Ok(Parcel { root: workspace.packed(), path, name, kind: ArtifactType::App, origin })
        }
    }
}

/// Packs a bundle beside the checkout.
async fn pack(stage: &Stage, workspace: &Workspace, path: &Path, archive: &Path) -> Result<(), Halt> {
    let folder = workspace.source().join(path);
    let (parent, name) = match (folder.parent(), folder.file_name()) {
        (Some(parent), Some(name)) => (parent.to_owned(), PathBuf::from(name)),
        (None, _) | (_, None) => (workspace.source(), path.to_owned()),
    };
    let (archive, stop) = (archive.to_owned(), stage.stop.clone());
    let packing = tokio::task::spawn_blocking(move || bundle::pack(&parent, &name, &archive, &stop));
    let packed = packing.await.map_err(io::Error::other)?;
    if let Some(reason) = stage.stop.reason() {
        return Err(reason.into());
    }
    packed.map_err(|error| {
        if error.kind() != io::ErrorKind::InvalidInput {
            return error.into();
        }
        let message = format!("{} can't be packed: {error}", path.display());
        Failure::new(FailureReason::UploadFailed, message).into()
    })
}

async fn send(job: &JobClient, parcel: Parcel) -> Result<u64, Halt> {
    let mut why = String::new();
    let parcel = &Arc::new(parcel);
    for _ in 0..TRIES {
        let digested = digest(parcel).await?;
        let announced = match announce(job, parcel, &digested).await {
            Ok(announced) => announced,
            Err(error) => return Err(failed(parcel, &error.to_string())),
        };
        match deliver(job, parcel, &announced, digested.size).await {
            Ok(()) => return Ok(digested.size),
            Err(error @ Undelivered::Nowhere) => return Err(failed(parcel, &error.to_string())),
            Err(error) => why = error.to_string(),
        }
        // Only tidiness: an artifact that is never completed is swept by the daemon.
        let _refused = job.abort(&announced.artifact.id, &why).await;
    }
    Err(failed(parcel, &why))
}

fn failed(parcel: &Parcel, why: &str) -> Halt {
    let message = format!("the artifact {} could not be uploaded: {why}", parcel.name);
    Failure::new(FailureReason::UploadFailed, message).into()
}

/// Repeated until the answer can be read: an announcement whose answer is cut off is left to the sweep.
async fn announce(
    job: &JobClient,
    parcel: &Parcel,
    digested: &Digested,
) -> Result<AnnouncedArtifact, CallError> {
    let request = CreateArtifactRequest {
        name: parcel.name.clone(),
        artifact_type: parcel.kind.to_string(),
        file_size: i64::try_from(digested.size).ok(),
        checksum: Some(digested.checksum.clone()),
        metadata: serde_json::json!({ "path": parcel.origin }),
        parts: true,
    };
    let mut backoff = Backoff::default();
    loop {
        match job.announce(&request).await {
            Err(CallError::Unreachable(_)) => backoff.pause().await,
            answer => return answer,
        }
    }
}

/// Why an artifact did not arrive.
#[derive(Debug, thiserror::Error)]
enum Undelivered {
    #[error(transparent)]
    Daemon(#[from] CallError),
    #[error(transparent)]
    Store(#[from] NotSent),
    #[error("storing artifacts is turned off or not possible; see Settings, Storage")]
    Nowhere,
    #[error("the store took parts of it and does not show them")]
    Lost,
    #[error("a client for the store could not be made: {0}")]
    Client(#[from] reqwest::Error),
}

async fn deliver(
    job: &JobClient,
    parcel: &Arc<Parcel>,
    announced: &AnnouncedArtifact,
    size: u64,
) -> Result<(), Undelivered> {
    let (id, url) = (&announced.artifact.id, &announced.upload_url);
    if announced.artifact.state == "available" {
        // It is there already, from an announcement before.
        return Ok(());
    }
    if url.is_empty() {
        return Err(Undelivered::Nowhere);
    }
    match announced.part_bytes {
        Some(each) => put_parts(job, parcel, id, Stretches { size, each }).await?,
        None if is_daemon(url) => put(job, parcel, url, size).await?,
        None => Sender::to(url)?.put(url, Stretch { start: 0, length: size }, || open(parcel)).await?,
    }
    Ok(job.complete(id, size).await.map_err(CallError::from)?)
}

/// How a file is cut in parts.
#[derive(Debug, Clone, Copy)]
struct Stretches {
    size: u64,
    each: u64,
}

impl Stretches {
    /// The part with a number, from 1 on.
    fn part(self, number: u32) -> Stretch {
        let start = (u64::from(number).saturating_sub(1) * self.each).min(self.size);
        Stretch { start, length: self.each.min(self.size - start) }
    }
}

/// Sends the parts that the store lacks, some at a time, until it lacks none. What arrived stays, whatever breaks off.
async fn put_parts(
    job: &JobClient,
    parcel: &Arc<Parcel>,
    artifact: &str,
    stretches: Stretches,
) -> Result<(), Undelivered> {
    let (mut vain, mut before, mut why) = (0, Vec::new(), Undelivered::Lost);
    loop {
        let mut missing = job.missing_parts(artifact).await?;
        let registration = job.client().registration();
        for part in missing.iter_mut().filter(|part| is_daemon(&part.upload_url)) {
            part.upload_url = upload_target(&part.upload_url, &registration.daemon_url);
        }
        let Some(first) = missing.first() else { return Ok(()) };
        // An address may have expired meanwhile; the next one is fresh. What gets nowhere would be sent for ever.
        let numbers: Vec<u32> = missing.iter().map(|part| part.number).collect();
        vain = if numbers == before { vain + 1 } else { 0 };
        if vain == TRIES {
            return Err(why);
        }
        (before, why) = (numbers, Undelivered::Lost);
        let sender = Sender::to(&first.upload_url)?;
        for some in missing.chunks(PARTS_AT_ONCE) {
            let mut sending = JoinSet::new();
            for part in some.iter().cloned() {
                let (sender, parcel) = (sender.clone(), parcel.clone());
                let stretch = stretches.part(part.number);
                sending.spawn(async move { sender.put(&part.upload_url, stretch, || open(&parcel)).await });
            }
            let sent: Result<Vec<()>, NotSent> = sending.join_all().await.into_iter().collect();
            if let Err(error) = sent {
                why = error.into();
                break;
            }
        }
    }
}

/// Sends the bytes until they have arrived or are refused. An upload that broke off may be repeated.
async fn put(job: &JobClient, parcel: &Parcel, url: &str, size: u64) -> Result<(), CallError> {
    let mut backoff = Backoff::default();
    loop {
        let file = open(parcel).map_err(|error| CallError::Unreachable(error.to_string()))?;
        let client = job.client();
        let sent = client.call(|registration| {
            // The request may be made twice; a file that can't be opened again is an empty, refused one.
            let body = file.try_clone().and_then(rewound).map(streamed).unwrap_or_default();
            let target = upload_target(url, &registration.daemon_url);
            client.http.put(target).timeout(limit_for(size)).header("content-length", size).body(body)
        });
        match sent.await {
            Ok(_) => return Ok(()),
            Err(CallError::Unreachable(why)) => {
                tracing::debug!("sending an artifact again: {why}");
                backoff.pause().await;
            }
            Err(refused) => return Err(refused),
        }
    }
}

fn streamed(file: File) -> Body {
    Body::wrap_stream(ReaderStream::with_capacity(tokio::fs::File::from_std(file), PIECE_BYTES))
}

fn rewound(mut file: File) -> io::Result<File> {
    io::Seek::rewind(&mut file)?;
    Ok(file)
}

/// Whether an address is one of the daemon itself.
fn is_daemon(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.path().starts_with(LOCAL_UPLOAD))
}

/// The daemon names itself as people reach it; the runner reaches it by its own way.
fn upload_target(url: &str, daemon_url: &str) -> String {
    let Ok(parsed) = Url::parse(url) else { return url.to_owned() };
    let query = parsed.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{}{query}", daemon_url.trim_end_matches('/'), parsed.path())
}

fn open(parcel: &Parcel) -> io::Result<File> {
    let file = files::open_inside(&parcel.root, &parcel.path)?;
    if file.metadata()?.nlink() > 1 {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is a hard link"));
    }
    Ok(file)
}

/// Size and hash of a file, read in pieces.
async fn digest(parcel: &Parcel) -> Result<Digested, Halt> {
    let opened = open(parcel);
    let read = tokio::task::spawn_blocking(move || {
        let mut file = opened?;
        let (mut hash, mut size, mut piece) = (Sha256::new(), 0, vec![0_u8; PIECE_BYTES]);
        loop {
            match file.read(&mut piece)? {
                0 => break,
                length => {
                    hash.update(&piece[..length]);
                    size += length as u64;
                }
            }
        }
        Ok(Digested { size, checksum: hex::encode(hash.finalize()) })
    });
    let read: io::Result<Digested> = read.await.map_err(io::Error::other)?;
    read.map_err(|error| failed(parcel, &error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_where_the_runner_reaches_the_daemon() {
        let daemon = "http://127.0.0.1:8787/";
        assert_eq!(
            upload_target("https://ci.example.com/v1/artifacts/local-upload/t?x=1", daemon),
            "http://127.0.0.1:8787/v1/artifacts/local-upload/t?x=1"
        );
        let elsewhere = "https://bucket.example.com/key?X-Amz-Signature=1";
        assert!(!is_daemon(elsewhere) && is_daemon("https://ci.example.com/v1/artifacts/local-upload/t"));
    }

    #[test]
    fn parts_are_the_whole_file() {
        let stretches = Stretches { size: 25, each: 10 };
        let parts = [1, 2, 3].map(|number| stretches.part(number));
        assert_eq!(parts.map(|part| (part.start, part.length)), [(0, 10), (10, 10), (20, 5)]);
        assert_eq!(stretches.part(9).length, 0);
    }

    #[tokio::test]
    async fn a_file_is_hashed_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "abc").unwrap();
        let parcel = Parcel {
            root: folder.path().to_owned(),
            path: "a".into(),
            name: "a".to_owned(),
            kind: ArtifactType::Generic,
            origin: "a".to_owned(),
        };
        let Ok(digested) = digest(&parcel).await else { panic!("readable") };
        assert_eq!(digested.size, 3);
        assert!(digested.checksum.starts_with("ba7816bf8f01cfea"));
        std::fs::hard_link(folder.path().join("a"), folder.path().join("b")).unwrap();
        assert!(digest(&parcel).await.is_err());
    }
}
