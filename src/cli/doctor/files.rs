//! The data folder, if it is on this machine: whose it is, who can read it, whether the database is whole, whether
//! there is room. It only looks; the daemon may be running.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::config::DataFolder;
use crate::db;
use crate::domain::doctor::{self, DoctorCheck, good, missing, warning};
use crate::files::{self, Unfit};
use crate::runner::capabilities;

const KEY_BYTES: u64 = 64 * 1024;
const GIB: u64 = 1024 * 1024 * 1024;
/// Free bytes below which builds soon are not handed out, and below which logs and artifacts find no room.
const ROOM_WANTED: u64 = 5 * GIB;
const ROOM_NEEDED: u64 = GIB;

/// `is_expected` says that the daemon is on this machine, so that its folder has to be somewhere here.
pub async fn look(folder: &DataFolder, is_expected: bool) -> Vec<DoctorCheck> {
    let found = match folder.root.metadata() {
        Ok(found) => found,
        Err(_) if !is_expected => return Vec::new(),
        Err(error) => {
            let what = format!("the data folder {} cannot be looked at: {error}", folder.root.display());
            return vec![warning(
                "data_folder",
                what,
                "Name the daemon's folder with --data-dir, and run this as its user.",
            )];
        }
    };
    let me = rustix::process::geteuid().as_raw();
    if found.uid() != me && me != 0 {
        let what = format!(
            "the data folder {} belongs to another user (uid {})",
            folder.root.display(),
            found.uid()
        );
        return vec![warning(
            "data_folder",
            what,
            "Run this as the user of the daemon, for instance with `sudo -u`.",
        )];
    }
    let mut checks = vec![privacy("data_folder", "data folder", &folder.root, &found, "700")];
    checks.extend(database(&folder.database).await);
    checks.extend(key(folder));
    checks.extend(room(&folder.root).await);
    checks.extend(isolation(folder));
    checks
}

fn privacy(name: &str, what: &str, path: &Path, found: &Metadata, mode: &str) -> DoctorCheck {
    let path = path.display();
    match found.mode() & 0o777 {
        bits if bits & 0o077 == 0 => good(name, format!("the {what} {path} is private")),
        bits => missing(
            name,
            &format!("others can get at the {what} {path}: its mode is {bits:o}"),
            &format!("chmod {mode} '{path}'"),
        ),
    }
}

async fn database(path: &Path) -> Vec<DoctorCheck> {
    let Ok(found) = path.symlink_metadata() else {
        return vec![warning(
            "database",
            format!("there is no database at {}", path.display()),
            "Start the daemon once, or name its database with --state-file.",
        )];
    };
    if !found.is_file() {
        let what = format!("the database {} is not a regular file", path.display());
        return vec![missing("database", &what, "Name the file itself with --state-file.")];
    }
    let integrity = match db::integrity::look(path).await {
        Ok(()) => good("database_integrity", "the database is whole".to_owned()),
        Err(error) => {
            let fix = error
                .hint
                .as_deref()
                .unwrap_or("Check that you may read it, and look into the log of the daemon.");
            missing("database_integrity", &error.to_string(), fix)
        }
    };
    vec![privacy("database", "database", path, &found, "600"), integrity]
}

fn key(folder: &DataFolder) -> Option<DoctorCheck> {
    let path = folder.encryption_key();
    match files::read_private(&path, KEY_BYTES) {
        Ok(_) => Some(good("key", format!("the key {} is there and private", path.display()))),
        // A folder that was never used has neither.
        Err(Unfit::Missing) if !folder.database.exists() => None,
        Err(Unfit::Missing) => Some(missing(
            "key",
            &format!("the key {} is missing: stored secrets cannot be read", path.display()),
            "Put it back from a backup: `oore backup restore`.",
        )),
        Err(why) => Some(missing("key", &format!("the key {} {why}", path.display()), &why.hint(&path))),
    }
}

async fn room(root: &Path) -> Option<DoctorCheck> {
    let figures = capabilities::figures(root.to_owned()).await?;
    let free = doctor::gibibytes(figures.disk_free_bytes);
    let what = format!("{free} free for the database, logs and artifacts");
    let fix = "Make room, or move the data folder to a larger disk.";
    Some(match figures.disk_free_bytes {
        ROOM_WANTED.. => good("data_disk", what),
        ROOM_NEEDED.. => warning("data_disk", what, fix),
        _ => missing("data_disk", &what, fix),
    })
}

/// Level 0 is how an instance begins, so it is no warning; whoever wants more is told the way.
fn isolation(folder: &DataFolder) -> Option<DoctorCheck> {
    let what = "isolation level 0: builds run as the user of the daemon, so the code of every repository here is \
                trusted like you";
    let fix = "For level 1 let builds run as another user: OORED_RUNNER_MODE=external, and `oore runner register` there.";
    folder
        .runner()
        .is_dir()
        .then(|| DoctorCheck { fix: Some(fix.to_owned()), ..good("isolation", what.to_owned()) })
}
