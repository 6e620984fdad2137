//! Finds the artifacts of a build in its workspace. It never follows a link and never leaves the
//! workspace; what it finds is opened again, by the same rules, when it is uploaded.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::mask::Masks;
use crate::domain::artifact::is_valid_name;

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 64;

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    /// An application bundle, which is a folder.
    Bundle,
}

/// Something that matches a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Below the workspace.
    pub path: PathBuf,
    /// Its name as an artifact, different from that of every other one.
    pub name: String,
    pub kind: Kind,
}

/// What matches, and what matches but can't be taken, with the reason.
#[derive(Debug, Default)]
pub struct Collection {
    pub found: Vec<Found>,
    pub skipped: Vec<String>,
}

/// Everything below `root` that matches one of the patterns, in order of path. What is in `except` is
/// ours, and no name shows a secret.
pub fn collect(
    root: &Path,
    patterns: &[String],
    except: Option<&Path>,
    masks: &Masks,
) -> io::Result<Collection> {
    if !root.symlink_metadata()?.is_dir() {
        return Err(io::Error::other("the checkout was replaced by something else"));
    }
    let globs = compile(patterns).map_err(io::Error::other)?;
    let mut walk = Walk { root, globs, collection: Collection::default() };
    walk.folder(Path::new(""), 0)?;
    let mut collection = walk.collection;
    collection.found.retain(|one| Some(one.path.as_path()) != except);
    collection.found.sort_by(|a, b| a.path.cmp(&b.path));
    name_apart(&mut collection.found, masks);
    Ok(collection)
}

/// A pattern without a slash matches names in every folder.
fn compile(patterns: &[String]) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let anywhere = if pattern.contains('/') { pattern.clone() } else { format!("**/{pattern}") };
        set.add(GlobBuilder::new(&anywhere).literal_separator(true).build()?);
    }
    set.build()
}

struct Walk<'a> {
    root: &'a Path,
    globs: GlobSet,
    collection: Collection,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> io::Result<()> {
        if depth > MAX_DEPTH {
            return Ok(());
        }
        let entries = match fs::read_dir(self.root.join(folder)) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(error),
            // A folder that can't be read, or is gone by now, holds no artifacts.
            Err(_) => return Ok(()),
        };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            if let Ok(metadata) = entry.path().symlink_metadata() {
                self.entry(path, &metadata, depth)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: PathBuf, metadata: &fs::Metadata, depth: usize) -> io::Result<()> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let matches = self.globs.is_match(&path);
        if metadata.is_dir() {
            if name.starts_with('.') {
                return Ok(());
            }
            if matches && name.ends_with(".app") {
                // The archive's name: no file may have the same.
                let name = format!("{name}.zip");
                self.collection.found.push(Found { name, path, kind: Kind::Bundle });
                return Ok(());
            }
            return self.folder(&path, depth + 1);
        }
        if !matches {
            return Ok(());
        }
        match unfit(metadata) {
            None => self.collection.found.push(Found { name, path, kind: Kind::File }),
            Some(why) => self.collection.skipped.push(format!("{} {why}", path.display())),
        }
        Ok(())
    }
}

/// Why something other than a folder can't be an artifact, or a report.
pub(super) fn unfit(metadata: &fs::Metadata) -> Option<&'static str> {
    if metadata.file_type().is_symlink() {
        return Some("is a symbolic link");
    }
    if !metadata.is_file() {
        return Some("is not a regular file");
    }
    // A second name may be anywhere: the bytes could be those of any file of this user.
    (metadata.nlink() > 1).then_some("also exists under another name (hard link)")
}

/// Gives every artifact a valid name of its own: that of the file, with its folders where two would
/// have the same.
fn name_apart(found: &mut [Found], masks: &Masks) {
    let mut taken = HashSet::new();
    for one in found {
        let mut name = valid(&masks.text(&one.name));
        if taken.contains(&name) {
            name = valid(&masks.text(&one.path.to_string_lossy()).replace('/', "-"));
        }
        let mut number = 2;
        let base = name.clone();
        while !taken.insert(name.clone()) {
            name = format!("{number}-{base}");
            number += 1;
        }
        one.name = name;
    }
}

fn valid(name: &str) -> String {
    if is_valid_name(name) {
        return name.to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let characters: Vec<char> = name.chars().map(plain).collect();
    // The end of a long name says more than its beginning: it has the extension.
    characters[characters.len().saturating_sub(200)..].iter().collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        root
    }

    fn paths(root: &Path, patterns: &[&str]) -> Vec<String> {
        let patterns: Vec<String> = patterns.iter().map(|pattern| (*pattern).to_owned()).collect();
        let collection = collect(root, &patterns, None, &Masks::default()).unwrap();
        collection.found.iter().map(|found| found.path.display().to_string()).collect()
    }

    #[test]
    fn a_pattern_with_a_slash_is_a_path_and_one_without_a_name() {
        let root = tree(&["a.apk", "build/b.apk", "build/deep/c.apk", ".git/d.apk", "build/.x/e.apk"]);
        assert_eq!(paths(root.path(), &["*.apk"]), ["a.apk", "build/b.apk", "build/deep/c.apk"]);
        assert_eq!(paths(root.path(), &["build/*.apk"]), ["build/b.apk"]);
        assert_eq!(paths(root.path(), &["build/**/*.apk"]), ["build/b.apk", "build/deep/c.apk"]);
        assert_eq!(paths(root.path(), &["*.ipa"]), [] as [&str; 0]);
    }

    #[test]
    fn links_pipes_and_what_lies_outside_are_never_taken() {
        let outside = tree(&["secret.txt", "folder/secret.txt"]);
        let root = tree(&["good.txt"]);
        symlink(outside.path().join("secret.txt"), root.path().join("link.txt")).unwrap();
        symlink(outside.path().join("folder"), root.path().join("folder")).unwrap();
        fs::hard_link(outside.path().join("secret.txt"), root.path().join("hard.txt")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, root.path().join("pipe.txt"), rustix::fs::Mode::RUSR).unwrap();
        assert_eq!(paths(root.path(), &["**/*.txt", "*.txt"]), ["good.txt"]);
        let collection = collect(root.path(), &["*.txt".to_owned()], None, &Masks::default()).unwrap();
        assert_eq!(collection.skipped.len(), 3, "{:?}", collection.skipped);
    }

    #[test]
    fn a_checkout_that_was_replaced_by_a_link_is_not_searched() {
        let outside = tree(&["secret.txt"]);
        let folder = tempfile::tempdir().unwrap();
        symlink(outside.path(), folder.path().join("source")).unwrap();
        let source = folder.path().join("source");
        assert!(collect(&source, &["*.txt".to_owned()], None, &Masks::default()).is_err());
    }

    #[test]
    fn a_bundle_is_one_artifact() {
        let root = tree(&["out/Runner.app/Contents/a", "out/x.txt"]);
        let found = collect(root.path(), &["out/*.app".to_owned()], None, &Masks::default()).unwrap().found;
        assert_eq!(found.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::Bundle]);
    }

    #[test]
    fn names_are_valid_and_differ() {
        let root = tree(&["a/app.apk", "b/app.apk", "b-app.apk", "c/x\ny.apk"]);
        let found = collect(root.path(), &["*.apk".to_owned()], None, &Masks::default()).unwrap().found;
        let names: HashSet<&str> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(names.iter().all(|name| is_valid_name(name)), "{names:?}");
    }
}
