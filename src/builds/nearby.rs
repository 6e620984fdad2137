//! The Flutter applications on the daemon's own machine, for a first build without a typed word: git work trees in the folders
//! where people usually keep their code. The walk is bounded in depth, number and time, follows no symbolic link, stays out of
//! folders that macOS asks about before a program may look into them, and only reads `pubspec.yaml`.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::clock::{Clock, Moment};
use crate::pipeline::detect::pubspec::{self, Pubspec};
use crate::pipeline::detect::{is_example, is_generated};

/// Folders of the home folder that are looked through.
const USUAL: [&str; 18] = [
    "Developer",
    "development",
    "Development",
    "dev",
    "Projects",
    "projects",
    "StudioProjects",
    "AndroidStudioProjects",
    "IdeaProjects",
    "FlutterProjects",
    "flutter_projects",
    "src",
    "code",
    "Code",
    "git",
    "repos",
    "workspace",
    "work",
];
/// Folders of the home folder that hold no code, or that the system guards.
const NOT_LOOKED_AT: [&str; 10] = [
    "Applications",
    "Desktop",
    "Documents",
    "Downloads",
    "Library",
    "Movies",
    "Music",
    "Pictures",
    "Public",
    "go",
];
/// How deep below those folders a repository may be, and how deep in a repository an application.
const MAX_DEPTH: usize = 3;
const MAX_DEPTH_INSIDE: usize = 4;
const MAX_FOLDERS: usize = 20_000;
const MAX_ENTRIES: usize = 2_000;
const MAX_FOUND: usize = 40;
const MAX_ROOTS: usize = 24;
const LIMIT: Duration = Duration::from_secs(4);

/// A git work tree with Flutter in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    /// Folders below it with a Flutter package, those near the top first and examples last.
    pub roots: Vec<Root>,
    /// When somebody last committed, switched or fetched there.
    pub used: Option<SystemTime>,
}

/// A folder with a Flutter package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Below the repository; empty for its top.
    pub path: String,
    pub name: String,
    /// Whether it has a folder of a platform.
    pub is_app: bool,
}

/// What was found, and whether everything was looked at.
#[derive(Debug, Default)]
pub struct Survey {
    pub found: Vec<Found>,
    pub searched: Vec<PathBuf>,
    pub is_cut: bool,
}

/// Looks through the usual folders of `home`. It blocks: a disk may be slow.
pub fn survey(home: &Path, clock: &Clock) -> Survey {
    let until = clock.moment() + LIMIT;
    let mut walk = Walk { clock, until, folders: 0, survey: Survey::default() };
    let mut open = VecDeque::new();
    for name in USUAL {
        let path = home.join(name);
        // On a disk that does not tell upper from lower case two names are one folder.
        let is_known = open.iter().any(|(known, _): &(PathBuf, usize)| same_folder(known, &path));
        if is_folder(&path) && !is_known {
            walk.survey.searched.push(path.clone());
            open.push_back((path, 0));
        }
    }
    // Repositories that are in the home folder itself; the folders beside them are not entered.
    for path in folders(home).into_iter().flatten().filter(|path| may_be_code(path)) {
        if !walk.survey.searched.contains(&path) && path.join(".git").exists() {
            open.push_back((path, 0));
        }
    }
    while let Some((path, depth)) = open.pop_front() {
        if !walk.goes_on() {
            break;
        }
        if path.join(".git").exists() {
            walk.repository(path);
        } else if depth < MAX_DEPTH {
            let inside = walk.enter(&path).into_iter().filter(|path| may_be_code(path));
            open.extend(inside.map(|path| (path, depth + 1)));
        }
    }
    let mut survey = walk.survey;
    survey.found.sort_by_cached_key(|found| (std::cmp::Reverse(found.used), found.path.clone()));
    survey
}

struct Walk<'a> {
    clock: &'a Clock,
    until: Moment,
    folders: usize,
    survey: Survey,
}

impl Walk<'_> {
    fn goes_on(&mut self) -> bool {
        let goes_on = self.folders < MAX_FOLDERS
            && self.survey.found.len() < MAX_FOUND
            && self.clock.moment() < self.until;
        self.survey.is_cut |= !goes_on;
        goes_on
    }

    /// The folders in a folder.
    fn enter(&mut self, path: &Path) -> Vec<PathBuf> {
        self.folders += 1;
        let found = folders(path).unwrap_or_default();
        self.survey.is_cut |= found.len() >= MAX_ENTRIES;
        found
    }

    fn repository(&mut self, path: PathBuf) {
        let mut roots = Vec::new();
        let mut open = VecDeque::from([(path.clone(), 0)]);
        while let Some((folder, depth)) = open.pop_front() {
            if !self.goes_on() || roots.len() >= MAX_ROOTS {
                break;
            }
            roots.extend(root(&path, &folder));
            // What has a `.git` of its own inside is another repository.
            if depth < MAX_DEPTH_INSIDE {
                let inside = self
                    .enter(&folder)
                    .into_iter()
                    .filter(|inside| is_of_people(inside) && !inside.join(".git").exists());
                open.extend(inside.map(|path| (path, depth + 1)));
            }
        }
        if roots.is_empty() {
            return;
        }
        // The order of before stays within each kind.
        roots.sort_by_key(|root: &Root| (is_example(&root.path), !root.is_app));
        let used = used(&path);
        self.survey.found.push(Found { path, roots, used });
    }
}

/// The folders in a folder, no links, at most so many; `None` if it can't be read.
fn folders(path: &Path) -> Option<Vec<PathBuf>> {
    let entries = std::fs::read_dir(path).ok()?.take(MAX_ENTRIES).flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    Some(found)
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn may_be_code(path: &Path) -> bool {
    !NOT_LOOKED_AT.contains(&name_of(path)) && is_of_people(path)
}

/// Neither hidden nor made by a tool, and with a name that commands can have.
fn is_of_people(path: &Path) -> bool {
    let name = name_of(path);
    !name.is_empty() && !name.starts_with('.') && !is_generated(name)
}

fn is_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
}

fn same_folder(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| std::fs::symlink_metadata(path).ok().map(|found| (found.dev(), found.ino()));
    id(one) == id(other)
}

/// The Flutter package in a folder, if there is one.
fn root(repository: &Path, folder: &Path) -> Option<Root> {
    let file = folder.join("pubspec.yaml");
    if !std::fs::symlink_metadata(&file).is_ok_and(|found| found.is_file()) {
        return None;
    }
    let mut text = Vec::new();
    let limit = pubspec::MAX_BYTES as u64;
    File::open(&file).ok()?.take(limit).read_to_end(&mut text).ok()?;
    let pubspec = Pubspec::read(&text).ok().filter(Pubspec::is_flutter)?;
    let is_app = ["android", "ios", "macos"].iter().any(|platform| is_folder(&folder.join(platform)));
    let path = folder.strip_prefix(repository).ok()?.to_str()?.to_owned();
    let name = pubspec.name.clone().unwrap_or_else(|| name_of(folder).to_owned());
    Some(Root { path, name, is_app: is_app && !pubspec.is_plugin() })
}

/// Git writes to this file whenever the commit that is checked out changes.
fn used(repository: &Path) -> Option<SystemTime> {
    let told = ["logs/HEAD", "HEAD", ""].map(|file| repository.join(".git").join(file));
    told.iter().find_map(|file| file.metadata().ok()?.modified().ok())
}
