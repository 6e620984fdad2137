//! The caches of a build: restored before its steps, saved after its success, told of in the log and in the
//! report. Nothing about a cache ever fails a build: what can't be used is a miss, and the log says why.
//!
//! `key` says which content a build wants, `pack` is the one file that holds it, `store` where packs are kept.

mod entry;
mod key;
mod pack;
mod store;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use self::entry::Entry;
use self::key::Key;
use self::pack::{ReadError, Root};
pub use self::store::Store;
use self::store::{Found, Owner, Refused, size};
use super::folder::Workspace;
use super::halt::Halt;
use super::process::Stage;
use super::protocol::ClaimedJob;
use super::steps::Steps;
use super::stop::Stop;
use crate::clock::Clock;
use crate::domain::cache::{CacheOutcome, CacheResult};
use crate::pipeline::version2::{Cache, CacheKind};

/// What the caches of one build need around them.
pub struct Caches<'a> {
    pub stage: &'a Stage,
    pub workspace: &'a Workspace,
    pub store: &'a Store,
    pub clock: &'a Clock,
    pub job: &'a ClaimedJob,
    /// Why later builds must not find anything of this one, if so; the rest of a sentence.
    pub unsaved: Option<&'static str>,
}

/// The caches of a build, as its steps find them.
#[derive(Debug, Default)]
pub struct Restored(Vec<Prepared>);

/// One of them.
#[derive(Debug)]
struct Prepared {
    cache: Cache,
    /// What it is saved under; `None` if it isn't.
    key: Option<Key>,
    /// What steps are told about it.
    variable: Option<(&'static str, PathBuf)>,
    result: CacheResult,
}

/// What came of looking for one.
struct Looked {
    outcome: CacheOutcome,
    bytes: u64,
    key: Option<Key>,
    /// What people read.
    lines: Vec<String>,
}

impl Restored {
    /// Names and values that make tools use the caches.
    pub fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        self.0.iter().filter_map(|one| one.variable.clone()).collect()
    }
}

impl Caches<'_> {
    /// Puts what earlier builds saved where the steps look for it.
    pub async fn restore(&self, steps: &mut Steps, wanted: &[Cache]) -> Result<Restored, Halt> {
        if wanted.is_empty() {
            return Ok(Restored::default());
        }
        let names: Vec<&str> = wanted.iter().map(|cache| cache.name.as_str()).collect();
        let work = async {
            let mut restored = Vec::new();
            for cache in wanted {
                restored.push(self.restore_one(cache).await?);
            }
            if let Some(why) = self.unsaved {
                self.say_unsaved(why)?;
            }
            Ok(Restored(restored))
        };
        let restored = steps.tell("restore caches", &names.join(" "), work).await?;
        steps.outcome.caches = restored.0.iter().map(|one| one.result.clone()).collect();
        Ok(restored)
    }

    /// Keeps what is new for later builds. The build has succeeded, and none of its processes is left.
    pub async fn save(&self, steps: &mut Steps, restored: Restored) -> Result<(), Halt> {
        let wanted: Vec<&Prepared> = restored.0.iter().filter(|one| one.key.is_some()).collect();
        if self.unsaved.is_some() || wanted.is_empty() {
            return Ok(());
        }
        if steps.has_tolerated() {
            // Half of what a step makes would be found as if it were all of it.
            return self.say_unsaved("one of its steps failed");
        }
        let names: Vec<&str> = wanted.iter().map(|one| one.cache.name.as_str()).collect();
        let work = async {
            let mut saved = Vec::new();
            for one in wanted {
                saved.push((one.cache.name.clone(), self.save_one(one).await?));
            }
            let store = self.store.clone();
            if let Ok(filled) = tokio::task::spawn_blocking(move || store.filled()).await {
                self.stage.spool.say(&format!("[oore] the caches of this runner fill {filled}"))?;
            }
            match self.stage.stop.reason() {
                Some(reason) if !reason.is_told() => Err(reason.into()),
                Some(_) | None => Ok(saved),
            }
        };
        for (name, bytes) in steps.tell("save caches", &names.join(" "), work).await? {
            if let Some(result) = steps.outcome.caches.iter_mut().find(|result| result.name == name) {
                result.saved_bytes = bytes.map(signed);
            }
        }
        Ok(())
    }

    fn say_unsaved(&self, why: &str) -> Result<(), Halt> {
        Ok(self.stage.spool.say(&format!("[oore] nothing of this build is saved: {why}"))?)
    }

    async fn restore_one(&self, cache: &Cache) -> Result<Prepared, Halt> {
        let since = self.clock.moment();
        let work = self.work(cache);
        let looked = tokio::task::spawn_blocking(move || work.restore()).await.map_err(io::Error::other)?;
        if let Some(reason) = self.stage.stop.reason() {
            return Err(reason.into());
        }
        let took = self.clock.moment().saturating_sub(since);
        for line in &looked.lines {
            self.stage.spool.say(&format!("[oore] cache {}: {line}", cache.name))?;
        }
        let name = &cache.name;
        let (bytes, shown) = (size(looked.bytes), seconds(took));
        self.stage.spool.say(&match looked.outcome {
            CacheOutcome::Hit => format!("[oore] cache {name}: hit, {bytes} restored in {shown}"),
            CacheOutcome::Partial => format!("[oore] cache {name}: partial hit, {bytes} restored in {shown}"),
            CacheOutcome::Miss => format!("[oore] cache {name}: miss"),
            CacheOutcome::Skipped => format!("[oore] cache {name}: skipped"),
        })?;
        let is_used = looked.outcome != CacheOutcome::Skipped;
        let variable = tool(&cache.kind).filter(|_| is_used);
        let variable = variable.map(|tool| (tool.variable, self.workspace.caches().join(&cache.name)));
        Ok(Prepared {
            cache: cache.clone(),
            key: looked.key,
            variable,
            result: CacheResult {
                name: name.clone(),
                outcome: looked.outcome,
                bytes: signed(looked.bytes),
                duration_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
                saved_bytes: None,
            },
        })
    }

    async fn save_one(&self, one: &Prepared) -> Result<Option<u64>, Halt> {
        let Some(key) = one.key.clone() else { return Ok(None) };
        let since = self.clock.moment();
        let (work, name) = (self.work(&one.cache), &one.cache.name);
        let saved = tokio::task::spawn_blocking(move || work.save(key)).await;
        let saved = saved.map_err(io::Error::other).map_err(Refused::from).flatten();
        let shown = seconds(self.clock.moment().saturating_sub(since));
        let (line, bytes) = match saved {
            Ok(None) => ("another build has saved it".to_owned(), None),
            Ok(Some(packed)) if packed.is_empty => ("nothing to save".to_owned(), None),
            Ok(Some(packed)) => {
                let rest = match packed.left_out {
                    0 => String::new(),
                    count => format!("; left out {count} links that lead outside, or special files"),
                };
                (format!("saved {} in {shown}{rest}", size(packed.bytes)), Some(packed.bytes))
            }
            Err(why) => (format!("not saved: {why}"), None),
        };
        self.stage.spool.say(&format!("[oore] cache {name}: {line}"))?;
        Ok(bytes)
    }

    fn work(&self, cache: &Cache) -> Work {
        Work {
            store: self.store.clone(),
            project: self.job.project_id.clone(),
            build: self.job.build_number,
            cache: cache.clone(),
            checkout: self.workspace.source(),
            folder: self.workspace.caches(),
            stop: self.stage.stop.clone(),
        }
    }
}

/// How a tool is told where its cache is, and which parts of it are kept: no settings, no credentials.
struct Tool {
    variable: &'static str,
    parts: &'static [&'static str],
}

fn tool(kind: &CacheKind) -> Option<Tool> {
    match kind {
        CacheKind::Pub => Some(Tool { variable: "PUB_CACHE", parts: &["hosted", "hosted-hashes", "git"] }),
        CacheKind::Gradle => Some(Tool { variable: "GRADLE_USER_HOME", parts: &["caches", "wrapper"] }),
        CacheKind::Pods => Some(Tool { variable: "CP_HOME_DIR", parts: &["repos", "cache"] }),
        CacheKind::Custom { .. } => None,
    }
}

/// The blocking part, with everything it needs.
struct Work {
    store: Store,
    project: String,
    build: i64,
    cache: Cache,
    checkout: PathBuf,
    /// Of this build, for the caches of tools.
    folder: PathBuf,
    stop: Stop,
}

impl Work {
    fn owner(&self) -> Owner<'_> {
        Owner { project: &self.project, cache: &self.cache.name }
    }

    /// What is kept, in the order of the pack.
    fn roots(&self) -> Vec<Root> {
        let root = |below: &Path, path: &str| Root { below: below.to_owned(), path: path.into() };
        match (&self.cache.kind, tool(&self.cache.kind)) {
            (CacheKind::Custom { paths, .. }, _) => {
                paths.iter().map(|path| root(&self.checkout, path)).collect()
            }
            (CacheKind::Pub | CacheKind::Gradle | CacheKind::Pods, tool) => {
                let below = self.folder.join(&self.cache.name);
                tool.into_iter().flat_map(|tool| tool.parts).map(|part| root(&below, part)).collect()
            }
        }
    }

    fn go_on(&self) -> io::Result<()> {
        match self.stop.reason() {
            Some(reason) => Err(io::Error::other(reason.sentence())),
            None => Ok(()),
        }
    }

    /// Tools expect the folder that they are told of.
    fn make_folder(&self) -> io::Result<()> {
        match tool(&self.cache.kind) {
            Some(_) => DirBuilder::new().mode(0o700).create(self.folder.join(&self.cache.name)),
            None => Ok(()),
        }
    }

    fn restore(&self) -> Looked {
        let skipped =
            |why: String| Looked { outcome: CacheOutcome::Skipped, bytes: 0, key: None, lines: vec![why] };
        if self.store.is_off() {
            return skipped("this runner keeps no caches".to_owned());
        }
        let roots = self.roots();
        if let Some(why) = roots.iter().find_map(occupied) {
            return skipped(why);
        }
        if let Err(error) = self.make_folder() {
            return skipped(format!("its folder can't be made: {error}"));
        }
        let key = match Key::of(&self.cache, &self.checkout) {
            Ok(key) => key,
            Err(error) => return skipped(format!("its key can't be made: {error}")),
        };
        let mut looked = Looked { outcome: CacheOutcome::Miss, bytes: 0, key: None, lines: Vec::new() };
        if key.files == 0 {
            looked.lines.push("no file of the repository is part of its key".to_owned());
        }
        let found = self.store.find(self.owner(), &key);
        let is_exact = matches!(found, Found::Exact(_));
        if let Found::Exact(entry) | Found::Near(entry) = found {
            match self.unpack(&entry, &roots) {
                Ok(bytes) => {
                    looked.bytes = bytes;
                    looked.outcome = if is_exact { CacheOutcome::Hit } else { CacheOutcome::Partial };
                    let saved = format!("restored from what build {} saved", entry.build);
                    looked.lines.extend((!is_exact).then_some(saved));
                }
                Err(why) => looked.lines.push(why),
            }
        }
        // Of a hit there is nothing new to save.
        looked.key = (looked.outcome != CacheOutcome::Hit).then_some(key);
        looked
    }

    /// Fills the roots from a pack, all of them or none. An error is a sentence.
    fn unpack(&self, entry: &Entry, roots: &[Root]) -> Result<u64, String> {
        if let Err(why) = self.store.leaves_room(&self.folder, entry.bytes) {
            return Err(format!("what build {} saved is not restored: {why}", entry.build));
        }
        let place = self.folder.join(format!("{}.unpacked", self.cache.name));
        let unpacked = self.unpack_to(&place, entry, roots);
        let _empty_by_now = fs::remove_dir_all(&place);
        unpacked.map_err(|error| match error {
            ReadError::Damaged(_) => {
                let removed = self.store.forget(self.owner(), entry);
                let rest = removed.map_or_else(
                    |error| format!("removing it failed: {error}"),
                    |()| "it was removed".into(),
                );
                format!("what build {} saved can't be used, {error}; {rest}", entry.build)
            }
            ReadError::File(error) => format!("what build {} saved can't be restored: {error}", entry.build),
        })
    }

    fn unpack_to(&self, place: &Path, entry: &Entry, roots: &[Root]) -> Result<u64, ReadError> {
        let pack = self.store.open(self.owner(), entry).map_err(|error| match error {
            error if error.kind() == io::ErrorKind::NotFound => ReadError::Damaged("its content is gone"),
            error => error.into(),
        })?;
        DirBuilder::new().mode(0o700).create(place)?;
        let bytes = pack::read(pack, &entry.digest, roots.len(), place, &|_| self.go_on())?;
        put_in_place(place, roots)?;
        if let Err(error) = self.store.used(self.owner(), entry) {
            tracing::warn!("the use of a cache can't be noted: {error}");
        }
        Ok(bytes)
    }

    /// `None` if another build was faster.
    fn save(&self, key: Key) -> Result<Option<pack::Packed>, Refused> {
        if matches!(self.store.find(self.owner(), &key), Found::Exact(_)) {
            return Ok(None);
        }
        self.store.make_room()?;
        let (path, file) = self.store.new_pack(self.owner())?;
        let unfinished = Unfinished(path);
        let go_on = |bytes| {
            self.go_on()?;
            self.store.allows(bytes).map_err(io::Error::other)
        };
        let packed = pack::write(&self.roots(), file, &go_on)?;
        if !packed.is_empty {
            let entry = Entry {
                shape: key.shape,
                key: key.full,
                digest: packed.digest.clone(),
                bytes: packed.bytes,
                build: self.build,
                saved_at_ms: 0,
                used_at_ms: 0,
            };
            if !self.store.keep(self.owner(), &unfinished.0, entry)? {
                return Ok(None);
            }
        }
        Ok(Some(packed))
    }
}

/// Moves what was unpacked to where the steps look for it, all of it or nothing.
fn put_in_place(unpacked: &Path, roots: &[Root]) -> io::Result<()> {
    let mut moved = Vec::new();
    for (number, root) in roots.iter().enumerate() {
        let (from, to) = (unpacked.join(number.to_string()), root.below.join(&root.path));
        if from.symlink_metadata().is_err() {
            continue;
        }
        let folder = to.parent().unwrap_or(&root.below);
        let made = DirBuilder::new().recursive(true).mode(0o755).create(folder);
        if let Err(error) = made.and_then(|()| fs::rename(from, &to)) {
            for place in moved {
                let _is_a_file = fs::remove_dir_all(&place).or_else(|_| fs::remove_file(&place));
            }
            return Err(error);
        }
        moved.push(to);
    }
    Ok(())
}

/// Removes a pack that did not become one.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _kept_by_now = fs::remove_file(&self.0);
    }
}

/// Why nothing can be restored to a place: the repository has it, or a link of the repository is in the way.
fn occupied(root: &Root) -> Option<String> {
    let mut place = root.below.clone();
    for name in &root.path {
        place.push(name);
        let is_last = place == root.below.join(&root.path);
        match place.symlink_metadata() {
            Err(_) => return None,
            Ok(_) if is_last => return Some(format!("{} is in the repository", root.path.display())),
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                return Some(format!("{} leads through something that is no folder", root.path.display()));
            }
        }
    }
    None
}

fn seconds(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_one_part_can_not_be_put_in_place_none_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for part in ["unpacked/0", "unpacked/1", "below"] {
            fs::create_dir_all(at(part)).unwrap();
        }
        fs::write(at("unpacked/0/a"), "1").unwrap();
        fs::write(at("below/file"), "in the way").unwrap();
        let roots = ["first", "file/second"].map(|path| Root { below: at("below"), path: path.into() });
        assert!(put_in_place(&at("unpacked"), &roots).is_err());
        assert!(!at("below/first").exists());
        fs::create_dir_all(at("unpacked/0")).unwrap();
        fs::remove_file(at("below/file")).unwrap();
        put_in_place(&at("unpacked"), &roots).unwrap();
        assert!(at("below/first").is_dir() && at("below/file/second").is_dir());
    }
}
