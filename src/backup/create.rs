//! Making a backup, with the daemon running or stopped. The snapshot comes first, so that logs and artifacts hold at least
//! what it speaks of.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::archive::{ARTIFACTS, DATABASE, FORMER_KEY, KEY, LOGS, Writer};
use super::check::{self, Checked};
use super::leftovers;
use super::manifest::{Contents, Manifest};
use super::stage::Stage;
use super::stop::Stop;
use crate::config::DataFolder;
use crate::db::{self, Db};
use crate::error::{Error, Kind, Result, codes};
use crate::files;
use crate::seal::former_key;

/// How often a snapshot is made anew because the key was rotated meanwhile.
const TRIES: usize = 3;
/// A key file is much shorter.
const KEY_FILE_BYTES: u64 = 4096;
/// How often folders are looked through for what came or was renamed meanwhile.
const LOOKS: usize = 3;

/// Which backup is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    pub data: &'a DataFolder,
    pub contents: Contents,
    /// The archive.
    pub output: &'a Path,
    /// A folder for the snapshot, which is as large as the database.
    pub parent: &'a Path,
    /// What ends it before it is done.
    pub stop: &'a Stop,
}

/// What was made.
#[derive(Debug)]
pub struct Created {
    pub manifest: Manifest,
    /// Size of the archive.
    pub bytes: u64,
    pub checked: Checked,
}

/// Makes an archive.
///
/// # Errors
/// `file_exists`, `disk_full`, and those of a check: what can't be restored is no backup.
pub async fn create(order: Order<'_>, db: &Db, now: i64) -> Result<Created> {
    let made = order.stop.unless(make(order, db, now)).await;
    made.map_err(|error| match error.code {
        "disk_full" => Error::new(
            Kind::StorageFull,
            "disk_full",
            format!("there is not enough room for the backup at {}", order.output.display()),
        )
        .hint("Free some space, or name a file on another disk with --output. Nothing was left there."),
        _ => error,
    })
}

async fn make(order: Order<'_>, db: &Db, now: i64) -> Result<Created> {
    let Order { data, contents, output, parent, stop } = order;
    for folder in [output.parent(), Some(parent)].into_iter().flatten() {
        leftovers::remove(folder);
    }
    let mut writer = Writer::create(output, stop)?;
    let (stage, checked) = snapshot(data, db, parent).await?;
    let instance = db::instance::get(db.read()).await?.instance_id;
    for name in [DATABASE, KEY, FORMER_KEY] {
        add_file(&mut writer, name, &stage.place(name))?;
    }
    if contents.logs {
        add_folder(&mut writer, LOGS, &data.logs())?;
    }
    if contents.artifacts {
        add_folder(&mut writer, ARTIFACTS, &data.artifacts())?;
    }
    let manifest = Manifest::new(instance, now, contents);
    let (manifest, bytes) = writer.finish(manifest)?;
    Ok(Created { manifest, bytes, checked })
}

/// A copy of the database as it was at one moment, with the keys that belong to it.
async fn snapshot(data: &DataFolder, db: &Db, parent: &Path) -> Result<(Stage, Checked)> {
    let mut tries = 0;
    loop {
        tries += 1;
        let stage = Stage::below(parent)?;
        copy_keys(data, &stage)?;
        db::snapshot::take(db, &stage.database).await?;
        match verified(&stage).await {
            Ok(checked) => return Ok((stage, checked)),
            // The keys of before a rotation do not open what was sealed after it.
            Err(error)
                if tries < TRIES && matches!(error.code, codes::WRONG_KEY | codes::DECRYPTION_ERROR) => {}
            Err(error) => return Err(error),
        }
    }
}

async fn verified(stage: &Stage) -> Result<Checked> {
    let (db, sealer) = check::open(stage).await?;
    let checked = check::whole(&db, &sealer).await;
    db.close().await?;
    checked
}

fn copy_keys(data: &DataFolder, stage: &Stage) -> Result<()> {
    let key = data.encryption_key();
    for (from, to) in [(former_key(&key), stage.former_key()), (key, stage.key())] {
        match files::read_private(&from, KEY_FILE_BYTES) {
            Ok(content) => files::create_private(&to, &content)?,
            Err(files::Unfit::Missing) => {}
            Err(why) => {
                let message = format!("the key file {} {why}", from.display());
                return Err(Error::invalid("invalid_encryption_key", message).hint(why.hint(&from)));
            }
        }
    }
    Ok(())
}

/// Adds a file if it is there; it may grow meanwhile.
fn add_file(writer: &mut Writer, name: &str, path: &Path) -> Result<()> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    let bytes = file.metadata()?.len();
    writer.add(name, bytes, file)
}

/// Adds every plain file below a folder.
fn add_folder(writer: &mut Writer, name: &str, folder: &Path) -> Result<()> {
    // Packing renames a log, so one look may see neither name of it.
    for _ in 0..LOOKS {
        let before = writer.count();
        for (below, path) in files_below(folder)? {
            let name = format!("{name}/{below}");
            if !writer.has(&name) {
                add_file(writer, &name, &path)?;
            }
        }
        if writer.count() == before {
            break;
        }
    }
    Ok(())
}

/// Plain files, as paths below the folder; never what a link points to, never what is half written: that stands at the
/// top, where every name is ours. Further below it may be an artifact's.
fn files_below(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), folder.to_owned())];
    while let Some((below, folder)) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if below.is_empty() && (name.starts_with('.') || name.ends_with(".tmp")) {
                continue;
            }
            let below = if below.is_empty() { name } else { format!("{below}/{name}") };
            match entry.file_type()? {
                kind if kind.is_dir() => folders.push((below, entry.path())),
                kind if kind.is_file() => found.push((below, entry.path())),
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_an_artifact_is_found_whatever_its_name_and_nothing_half_written() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            [".incoming/part", "fresh.tmp", "build.1.log", "build/artifact/.x", "build/artifact/x.tmp"]
        {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found: Vec<String> =
            files_below(folder.path()).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(found, ["build.1.log", "build/artifact/.x", "build/artifact/x.tmp"]);
    }
}
