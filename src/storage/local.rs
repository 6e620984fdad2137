//! Blobs as files of a folder. Keys are made by the daemon (ids and one checked name); this file
//! still refuses keys that would leave the folder.

use std::io::SeekFrom;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use futures_util::Stream;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncSeekExt;

use super::{Blob, Expected, Measured, blocking, disk, intake, not_the_announced};
use crate::error::{Error, Result};

const INCOMING: &str = ".incoming";

/// A folder of blobs.
#[derive(Debug)]
pub struct LocalFolder {
    root: PathBuf,
}

/// Bytes that are safe on the disk but have no key yet; dropping them removes them.
#[derive(Debug)]
pub struct Received {
    path: PathBuf,
    pub size: u64,
    pub sha256: String,
}

impl Drop for Received {
    fn drop(&mut self) {
        // After `keep` the name is gone already.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl LocalFolder {
    pub(super) fn open(root: PathBuf) -> Result<Self> {
        make_folder(&root.join(INCOMING))?;
        Ok(Self { root })
    }

    /// Whether a folder has been a store before. That it is there does not tell: so is the place where a disk is not mounted.
    pub fn was_made(root: &Path) -> bool {
        root.join(INCOMING).is_dir()
    }

    /// Removes what an earlier run left unfinished in a folder, but for these uploads in parts. Nothing may be under way.
    /// What can't be removed is none of ours, and in nobody's way.
    pub fn tidy(root: &Path, going_on: &[String]) -> Result<()> {
        for entry in std::fs::read_dir(root.join(INCOMING))? {
            let path = entry?.path();
            let goes_on = going_on.iter().any(|upload| path == gathered(root, upload));
            if goes_on {
                continue;
            }
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!("{} is left among unfinished uploads: {error}", path.display());
            }
        }
        Ok(())
    }

    pub(super) async fn receive<E>(
        &self,
        bytes: impl Stream<Item = Result<Bytes, E>>,
        expected: &Expected,
    ) -> Result<Received> {
        disk::require(&self.root, expected.size.unwrap_or(0).saturating_add(expected.reserve_bytes))?;
        let path = self.root.join(INCOMING).join(uuid::Uuid::now_v7().simple().to_string());
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path).await?;
        let mut received = Received { path, size: 0, sha256: String::new() };
        let (file, measured) = intake::pour(bytes, file.into_std().await, &self.root, expected).await?;
        blocking(move || Ok(file.sync_all()?)).await?;
        Measured { size: received.size, sha256: received.sha256 } = measured;
        Ok(received)
    }

    pub(super) async fn keep(&self, received: Received, key: &str) -> Result<()> {
        let (root, target) = (self.root.clone(), self.path(key)?);
        blocking(move || {
            let folder = target.parent().unwrap_or(&root);
            make_folder(folder)?;
            std::fs::rename(&received.path, &target)?;
            // The names of the file and of its folders must survive a power cut as well.
            let mut inside = folder.ancestors().take_while(|folder| folder.starts_with(&root));
            Ok(inside.try_for_each(|folder| std::fs::File::open(folder)?.sync_all())?)
        })
        .await
    }

    pub(super) async fn open_blob(&self, key: &str) -> Result<Option<Blob>> {
        match File::open(self.path(key)?).await {
            Ok(file) => {
                let size = file.metadata().await?.len();
                Ok(Some(Blob::new(file.into_std().await, size)))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn remove_all(&self, prefix: &str) -> Result<()> {
        let path = self.path(prefix)?;
        blocking(move || match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => Ok(other?),
        })
        .await
    }

    /// Where the parts of an upload are gathered, one behind the other.
    fn gathered(&self, upload: &str) -> PathBuf {
        gathered(&self.root, upload)
    }

    /// How many bytes of an upload in parts are there, without a gap.
    pub(super) async fn gathered_bytes(&self, upload: &str) -> Result<u64> {
        match tokio::fs::metadata(self.gathered(upload)).await {
            Ok(found) => Ok(found.len()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes one part in, which begins at `start`: no part before it may be missing.
    pub(super) async fn receive_part<E>(
        &self,
        upload: &str,
        start: u64,
        bytes: impl Stream<Item = Result<Bytes, E>>,
        expected: &Expected,
    ) -> Result<()> {
        disk::require(&self.root, expected.size.unwrap_or(0).saturating_add(expected.reserve_bytes))?;
        if self.gathered_bytes(upload).await? < start {
            let why = "a part before this one is missing";
            return Err(Error::conflict("part_out_of_order", why).hint("Ask which part is wanted next."));
        }
        let path = self.gathered(upload);
        let mut file =
            File::options().write(true).create(true).truncate(false).mode(0o600).open(&path).await?;
        file.set_len(start).await?;
        file.seek(SeekFrom::Start(start)).await?;
        intake::pour(bytes, file.into_std().await, &self.root, expected).await.map(|_| ())
    }

    /// Makes a blob of the parts; `None` if some are missing. Parts that are not what was announced go.
    pub(super) async fn join(
        &self,
        upload: &str,
        key: &str,
        expected: &Expected,
    ) -> Result<Option<Measured>> {
        if Some(self.gathered_bytes(upload).await?) != expected.size {
            return Ok(None);
        }
        let path = self.gathered(upload);
        let measured = blocking(move || {
            let mut file = std::fs::File::open(&path)?;
            let mut hash = Sha256::new();
            let size = std::io::copy(&mut file, &mut hash)?;
            file.sync_all()?;
            Ok(Received { path, size, sha256: format!("{:x}", hash.finalize()) })
        });
        // Dropping it removes the parts.
        let received = measured.await?;
        if expected.sha256.as_ref().is_some_and(|wanted| *wanted != received.sha256) {
            return Err(not_the_announced("SHA-256"));
        }
        let measured = Measured { size: received.size, sha256: received.sha256.clone() };
        self.keep(received, key).await?;
        Ok(Some(measured))
    }

    pub(super) async fn abandon(&self, upload: &str) -> Result<()> {
        match tokio::fs::remove_file(self.gathered(upload)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub(super) async fn put(&self, bytes: Bytes, key: &str) -> Result<()> {
        let bytes = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
        let received = self.receive(bytes, &Expected::default()).await?;
        self.keep(received, key).await
    }

    pub(super) async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        match tokio::fs::read(self.path(key)?).await {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let mut entries = tokio::fs::read_dir(self.path(prefix)?).await?;
        let mut keys = Vec::new();
        while let Some(entry) = entries.next_entry().await? {
            keys.push(format!("{prefix}/{}", entry.file_name().to_string_lossy()));
        }
        Ok(keys)
    }

    fn path(&self, key: &str) -> Result<PathBuf> {
        let relative = Path::new(key);
        let inside = relative.components().all(|part| matches!(part, Component::Normal(_)));
        if key.is_empty() || !inside {
            return Err(Error::internal("storage_error", "a storage key is unusable", key.to_owned()));
        }
        Ok(self.root.join(relative))
    }
}

fn make_folder(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
/// Where the parts of an upload come together.
fn gathered(root: &Path, upload: &str) -> PathBuf {
    root.join(INCOMING).join(format!("{upload}.parts"))
}
