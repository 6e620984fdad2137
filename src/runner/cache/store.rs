//! Where caches are kept on the disk of the runner: packs named by the hash of their content, and entries that say
//! which pack belongs to which key of which project. Packs never change; what is made or removed is so in one
//! short turn under a lock, so builds of this runner at the same time don't meet.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};

use super::super::folder::{children, is_file_name, private_folder};
use super::super::platform;
use super::entry::{ENTRY, Entry, read_entries, read_entry, write_entry};
use super::key::Key;
use crate::clock::Clock;
use crate::files::remove;

const UNFINISHED: &str = "unfinished-";

/// The caches of a runner.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    /// Most bytes of all packs; 0 means no caches.
    budget: u64,
    /// Bytes that are left free on the disk.
    floor: u64,
    clock: Clock,
}

/// Whose cache it is.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub project: &'a str,
    pub cache: &'a str,
}

/// What there is for a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Exact(Entry),
    /// The newest of the same shape.
    Near(Entry),
    Nothing,
}

/// Why a pack was not kept.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("{0} is more than the budget of {1}")]
    OverBudget(String, String),
    #[error("the disk would have less than {0} left")]
    DiskFull(String),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// An entry and where it lies.
struct Place {
    file: PathBuf,
    pack: PathBuf,
    entry: Entry,
}

impl Store {
    pub fn new(root: PathBuf, budget: u64, floor: u64, clock: Clock) -> Self {
        Self { root, budget, floor, clock }
    }

    pub fn is_off(&self) -> bool {
        self.budget == 0
    }

    /// What an earlier build of the project saved.
    pub fn find(&self, owner: Owner<'_>, key: &Key) -> Found {
        let Ok(folder) = self.entries_of(owner) else { return Found::Nothing };
        let mut known = read_entries(&folder);
        known.retain(|(_, entry)| entry.shape == key.shape);
        if let Some((_, entry)) = known.iter().find(|(_, entry)| entry.key == key.full) {
            return Found::Exact(entry.clone());
        }
        let newest = known.into_iter().max_by_key(|(_, entry)| entry.saved_at_ms);
        newest.map_or(Found::Nothing, |(_, entry)| Found::Near(entry))
    }

    /// Opens the pack of an entry. Whoever has it open may read it to its end, even if it is removed meanwhile.
    pub fn open(&self, owner: Owner<'_>, entry: &Entry) -> io::Result<File> {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let pack = self.packs_of(owner)?.join(&entry.digest);
        let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(pack)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no file")) }
    }

    /// Takes note that an entry was of use: it stays longer than others.
    pub fn used(&self, owner: Owner<'_>, entry: &Entry) -> io::Result<()> {
        let _turn = self.lock()?;
        match self.still(owner, entry)? {
            Some((file, known)) => write_entry(&file, &Entry { used_at_ms: self.clock.now_ms(), ..known }),
            None => Ok(()),
        }
    }

    /// Removes an entry that is worth nothing, and its pack.
    pub fn forget(&self, owner: Owner<'_>, entry: &Entry) -> io::Result<()> {
        let _turn = self.lock()?;
        match self.still(owner, entry)? {
            Some((file, known)) => {
                removed(&file)?;
                removed(&self.packs_of(owner)?.join(&known.digest))
            }
            None => Ok(()),
        }
    }

    /// What an entry is now, unless another build has put its own in its place.
    fn still(&self, owner: Owner<'_>, entry: &Entry) -> io::Result<Option<(PathBuf, Entry)>> {
        let file = self.entries_of(owner)?.join(&entry.key).with_extension(ENTRY);
        let is_same =
            |known: &Entry| (&known.digest, known.saved_at_ms) == (&entry.digest, entry.saved_at_ms);
        Ok(read_entry(&file).filter(is_same).map(|known| (file, known)))
    }

    /// A new file that becomes a pack when it is kept.
    pub fn new_pack(&self, owner: Owner<'_>) -> io::Result<(PathBuf, File)> {
        let folder = self.packs_of(owner)?;
        private_folder(&folder)?;
        let path = folder.join(format!("{UNFINISHED}{}", uuid::Uuid::now_v7().simple()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok((path, file))
    }

    /// Whether so many bytes may still be written.
    pub fn allows(&self, bytes: u64) -> Result<(), Refused> {
        if bytes > self.budget {
            return Err(Refused::OverBudget(size(bytes), size(self.budget)));
        }
        self.leaves_room(&self.root, 0)
    }

    /// Whether the disk of a folder has room for so many bytes more.
    pub fn leaves_room(&self, folder: &Path, bytes: u64) -> Result<(), Refused> {
        if platform::free_disk(folder)? < self.floor.saturating_add(bytes) {
            return Err(Refused::DiskFull(size(self.floor)));
        }
        Ok(())
    }

    /// Makes a finished pack an entry, and room for it. Answers false if another build was faster.
    pub fn keep(&self, owner: Owner<'_>, unfinished: &Path, entry: Entry) -> Result<bool, Refused> {
        if entry.bytes > self.budget {
            return Err(Refused::OverBudget(size(entry.bytes), size(self.budget)));
        }
        let _turn = self.lock()?;
        let entries = self.entries_of(owner)?;
        let file = entries.join(&entry.key).with_extension(ENTRY);
        if read_entry(&file).is_some() {
            return Ok(false);
        }
        let pack = self.packs_of(owner)?.join(&entry.digest);
        self.make_room_for(if pack.exists() { 0 } else { entry.bytes }, &pack)?;
        self.allows(entry.bytes)?;
        private_folder(&entries)?;
        fs::rename(unfinished, &pack)?;
        let now = self.clock.now_ms();
        write_entry(&file, &Entry { saved_at_ms: now, used_at_ms: now, ..entry })?;
        Ok(true)
    }

    /// Removes what was used longest ago, until budget and disk are as they should be.
    pub fn make_room(&self) -> io::Result<()> {
        if !self.root.is_dir() {
            return Ok(());
        }
        let _turn = self.lock()?;
        self.make_room_for(0, Path::new(""))
    }

    /// Removes what a runner left behind that was ended in the middle. No build may be under way.
    pub fn clear_unfinished(&self) -> io::Result<()> {
        if !self.root.is_dir() {
            return Ok(());
        }
        let _turn = self.lock()?;
        let known: HashSet<PathBuf> = self.places().into_iter().map(|place| place.pack).collect();
        for project in folders(&self.root) {
            for pack in children(&project.join("packs")).into_iter().filter(|pack| !known.contains(pack)) {
                removed(&pack)?;
            }
        }
        Ok(())
    }

    /// How full it is, for people.
    pub fn filled(&self) -> String {
        let packs: BTreeMap<PathBuf, u64> =
            self.places().into_iter().map(|place| (place.pack, place.entry.bytes)).collect();
        format!("{} of {}", size(packs.values().sum()), size(self.budget))
    }

    /// A pack that is about to be named anew stays.
    fn make_room_for(&self, more: u64, spared: &Path) -> io::Result<()> {
        let mut places = self.places();
        places.sort_by_key(|place| std::cmp::Reverse(place.entry.used_at_ms));
        while let Some(oldest) = places.pop() {
            let packs: BTreeMap<&PathBuf, u64> =
                places.iter().chain([&oldest]).map(|place| (&place.pack, place.entry.bytes)).collect();
            let used = packs.values().sum::<u64>().saturating_add(more);
            if used <= self.budget && platform::free_disk(&self.root)? >= self.floor {
                return Ok(());
            }
            removed(&oldest.file)?;
            let is_shared = places.iter().any(|place| place.pack == oldest.pack);
            if !is_shared && oldest.pack != spared {
                removed(&oldest.pack)?;
            }
        }
        Ok(())
    }

    fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for project in folders(&self.root) {
            for cache in folders(&project.join("keys")) {
                for (file, entry) in read_entries(&cache) {
                    places.push(Place { pack: project.join("packs").join(&entry.digest), file, entry });
                }
            }
        }
        places
    }

    fn entries_of(&self, owner: Owner<'_>) -> io::Result<PathBuf> {
        Ok(self.folder_of(owner)?.join("keys").join(owner.cache))
    }

    fn packs_of(&self, owner: Owner<'_>) -> io::Result<PathBuf> {
        Ok(self.folder_of(owner)?.join("packs"))
    }

    /// Ids and names become names of folders.
    fn folder_of(&self, owner: Owner<'_>) -> io::Result<PathBuf> {
        if !is_file_name(owner.project) || !is_file_name(owner.cache) {
            return Err(io::Error::other("a cache without a proper name"));
        }
        Ok(self.root.join(owner.project))
    }

    /// Waits for the turn of whoever changes something.
    fn lock(&self) -> io::Result<File> {
        private_folder(&self.root)?;
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(self.root.join("lock"))?;
        flock(&lock, FlockOperation::LockExclusive)?;
        Ok(lock)
    }
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        1_000_000_000.. => (1_000_000_000, "GB"),
        1_000_000.. => (1_000_000, "MB"),
        1_000.. => (1_000, "kB"),
        _ => return format!("{bytes} bytes"),
    };
    let tenths = bytes / (unit / 10);
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

fn removed(file: &Path) -> io::Result<()> {
    match remove(file) {
        Ok(()) => Ok(()),
        // The folder is gone with it.
        Err(_) if !file.exists() => Ok(()),
        Err(error) => Err(io::Error::other(error.to_string())),
    }
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    children(folder)
        .into_iter()
        .filter(|child| child.symlink_metadata().is_ok_and(|found| found.is_dir()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use sha2::{Digest, Sha256};

    use super::*;

    struct Bench {
        folder: tempfile::TempDir,
        clock: Clock,
    }

    const MINE: Owner<'_> = Owner { project: "p-1", cache: "pub" };

    impl Bench {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap(), clock: Clock::system() }
        }

        fn store(&self, budget: u64) -> Store {
            Store::new(self.folder.path().join("caches"), budget, 0, self.clock.clone())
        }

        /// Keeps content under a key; answers the entry.
        fn save(
            &self,
            store: &Store,
            owner: Owner<'_>,
            name: &str,
            content: &[u8],
        ) -> Result<Entry, Refused> {
            self.clock.advance(Duration::from_secs(1));
            let key = key(name);
            let entry = Entry {
                shape: key.shape,
                key: key.full,
                digest: hex::encode(Sha256::digest(content)),
                bytes: content.len() as u64,
                build: 1,
                saved_at_ms: 0,
                used_at_ms: 0,
            };
            let (path, mut file) = store.new_pack(owner)?;
            file.write_all(content)?;
            store.keep(owner, &path, entry.clone()).map(|_| entry)
        }

        fn packs(&self) -> usize {
            children(&self.folder.path().join("caches/p-1/packs")).len()
        }
    }

    fn key(name: &str) -> Key {
        Key { shape: "s".to_owned(), full: hex::encode(Sha256::digest(name)), files: 1 }
    }

    fn found(store: &Store, owner: Owner<'_>, name: &str) -> &'static str {
        match store.find(owner, &key(name)) {
            Found::Exact(_) => "exact",
            Found::Near(_) => "near",
            Found::Nothing => "nothing",
        }
    }

    #[test]
    fn an_entry_is_found_by_its_key_else_the_newest_of_the_same_project_and_name() {
        let bench = Bench::new();
        let store = bench.store(1000);
        assert_eq!(found(&store, MINE, "a"), "nothing");
        bench.save(&store, MINE, "a", b"one").unwrap();
        let newest = bench.save(&store, MINE, "b", b"two").unwrap();
        assert_eq!((found(&store, MINE, "a"), found(&store, MINE, "c")), ("exact", "near"));
        assert!(matches!(store.find(MINE, &key("c")), Found::Near(entry) if entry.digest == newest.digest));
        let other_shape = Key { shape: "t".to_owned(), ..key("a") };
        assert_eq!(store.find(MINE, &other_shape), Found::Nothing);
        assert_eq!(found(&store, Owner { project: "p-2", ..MINE }, "a"), "nothing");
        assert_eq!(found(&store, Owner { cache: "gradle", ..MINE }, "a"), "nothing");
        assert_eq!(io::read_to_string(store.open(MINE, &newest).unwrap()).unwrap(), "two");
    }

    #[test]
    fn what_was_used_longest_ago_goes_when_the_budget_is_full() {
        let bench = Bench::new();
        let store = bench.store(10);
        bench.save(&store, MINE, "a", b"aaaa").unwrap();
        let Found::Exact(first) = store.find(MINE, &key("a")) else { panic!("it was saved") };
        bench.save(&store, MINE, "b", b"bbbb").unwrap();
        bench.clock.advance(Duration::from_secs(1));
        store.used(MINE, &first).unwrap();
        bench.save(&store, MINE, "c", b"cccc").unwrap();
        assert_eq!((found(&store, MINE, "a"), found(&store, MINE, "b"), bench.packs()), ("exact", "near", 2));
        assert_eq!(store.filled(), "8 bytes of 10 bytes");
        assert!(matches!(bench.save(&store, MINE, "d", b"more than ten"), Err(Refused::OverBudget(..))));
        bench.store(4).make_room().unwrap();
        assert_eq!((bench.packs(), found(&store, MINE, "c")), (2, "exact"), "what was refused is unfinished");
        store.clear_unfinished().unwrap();
        assert_eq!(bench.packs(), 1);
    }

    #[test]
    fn equal_content_is_kept_once_and_as_long_as_an_entry_needs_it() {
        let bench = Bench::new();
        let store = bench.store(10);
        let first = bench.save(&store, MINE, "a", b"same").unwrap();
        bench.save(&store, MINE, "b", b"same").unwrap();
        assert_eq!((bench.packs(), store.filled().as_str()), (1, "4 bytes of 10 bytes"));
        bench.save(&store, MINE, "c", b"others").unwrap();
        assert_eq!((found(&store, MINE, "a"), bench.packs()), ("exact", 2));
        bench.save(&store, MINE, "d", b"fourth").unwrap();
        assert_eq!((found(&store, MINE, "b"), bench.packs()), ("near", 1));
        assert!(store.open(MINE, &first).is_err());
    }

    #[test]
    fn of_builds_at_the_same_time_one_saves_and_none_fails() {
        let bench = Bench::new();
        let store = bench.store(1000);
        std::thread::scope(|scope| {
            for content in [b"one", b"two", b"six"] {
                let (bench, store) = (&bench, &store);
                scope.spawn(move || bench.save(store, MINE, "a", content).unwrap());
            }
        });
        let Found::Exact(entry) = store.find(MINE, &key("a")) else { panic!("there is none") };
        assert!(store.open(MINE, &entry).is_ok());
        store.clear_unfinished().unwrap();
        assert_eq!(bench.packs(), 1);
    }

    #[test]
    fn what_another_build_put_in_place_of_an_entry_is_left_alone() {
        let bench = Bench::new();
        let store = bench.store(1000);
        bench.save(&store, MINE, "a", b"damaged").unwrap();
        let Found::Exact(old) = store.find(MINE, &key("a")) else { panic!("there is one") };
        store.forget(MINE, &old).unwrap();
        assert_eq!((found(&store, MINE, "a"), bench.packs()), ("nothing", 0));
        bench.save(&store, MINE, "a", b"good").unwrap();
        let Found::Exact(new) = store.find(MINE, &key("a")) else { panic!("there is one") };
        store.used(MINE, &old).unwrap();
        store.forget(MINE, &old).unwrap();
        assert_eq!(store.find(MINE, &key("a")), Found::Exact(new.clone()));
        let (path, _) = store.new_pack(MINE).unwrap();
        assert!(!store.keep(MINE, &path, new).unwrap(), "it is there already");
    }

    #[test]
    fn nothing_is_restored_that_would_fill_the_disk() {
        let bench = Bench::new();
        let store = bench.store(1000);
        assert!(store.leaves_room(bench.folder.path(), 1).is_ok());
        assert!(matches!(store.leaves_room(bench.folder.path(), u64::MAX), Err(Refused::DiskFull(_))));
    }

    #[test]
    fn a_full_disk_ends_the_oldest_entries_and_refuses_new_ones() {
        let bench = Bench::new();
        let store = bench.store(1000);
        bench.save(&store, MINE, "a", b"one").unwrap();
        let full = Store { floor: u64::MAX, ..store.clone() };
        full.make_room().unwrap();
        assert_eq!((bench.packs(), found(&store, MINE, "a")), (0, "nothing"));
        assert!(matches!(bench.save(&full, MINE, "a", b"one"), Err(Refused::DiskFull(_))));
    }

    #[test]
    fn names_that_lead_elsewhere_and_entries_that_lie_are_refused() {
        let bench = Bench::new();
        let store = bench.store(1000);
        for project in ["..", "a/b", ""] {
            let owner = Owner { project, ..MINE };
            assert!(store.new_pack(owner).is_err(), "{project}");
            assert_eq!(found(&store, owner, "a"), "nothing");
        }
        let entry = bench.save(&store, MINE, "a", b"one").unwrap();
        let file = store.entries_of(MINE).unwrap().join(&entry.key).with_extension(ENTRY);
        for lie in [
            Entry { digest: "../../../x".to_owned(), ..entry.clone() },
            Entry { key: key("b").full, ..entry.clone() },
        ] {
            write_entry(&file, &lie).unwrap();
            assert_eq!(found(&store, MINE, "a"), "nothing");
        }
        fs::write(&file, "{").unwrap();
        assert_eq!(found(&store, MINE, "a"), "nothing");
        store.clear_unfinished().unwrap();
        assert_eq!(bench.packs(), 0);
    }
}
