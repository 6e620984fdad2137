//! What a cache depends on, as a hash: two builds with the same key want the same content. It reads files of the
//! checkout and never what a link leads to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use sha2::{Digest, Sha256};

use super::super::{files, platform};
use crate::pipeline::version2::{Cache, CacheKind};

/// Changes when packs or keys are made in another way: then nothing old is found.
const FORMAT: &str = "1";
const MAX_DEPTH: usize = 64;
const MAX_FILES: usize = 10_000;
/// Lock files are small; one that is not is hashed no further.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// The identity of what a build wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Of everything that must be the same, also for an older entry to be of use: system, name, paths.
    pub shape: String,
    /// Of all that and the content of the files.
    pub full: String,
    /// How many files went into it.
    pub files: usize,
}

impl Key {
    /// Computes it from a checkout, before any step has changed it.
    pub fn of(cache: &Cache, checkout: &Path) -> io::Result<Self> {
        let shape = shape(cache);
        let patterns = patterns(&cache.kind);
        let globs = compile(&patterns).map_err(io::Error::other)?;
        let mut found = Vec::new();
        // What a cache fills is nothing that it depends on.
        walk(checkout, Path::new(""), &globs, cache.paths(), 0, &mut found)?;
        found.sort();
        let mut contents = Vec::new();
        for path in found {
            if let Some(sum) = sum(checkout, &path)? {
                contents.push((path, sum));
            }
        }
        Ok(Self { full: full(&shape, &contents), shape, files: contents.len() })
    }
}

fn shape(cache: &Cache) -> String {
    let kind = match &cache.kind {
        CacheKind::Pub => "pub",
        CacheKind::Gradle => "gradle",
        CacheKind::Pods => "pods",
        CacheKind::Custom { .. } => "custom",
    };
    let mut parts = vec![FORMAT, platform::name(), platform::architecture(), kind, &cache.name];
    parts.extend(cache.paths().iter().map(String::as_str));
    hashed(parts.iter().map(|part| part.as_bytes()))
}

fn full(shape: &str, contents: &[(PathBuf, String)]) -> String {
    use std::os::unix::ffi::OsStrExt;
    let files = contents.iter().flat_map(|(path, sum)| [path.as_os_str().as_bytes(), sum.as_bytes()]);
    hashed(std::iter::once(shape.as_bytes()).chain(files))
}

/// Parts with their lengths: no two lists of parts are the same bytes.
fn hashed<'a>(parts: impl Iterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

fn patterns(kind: &CacheKind) -> Vec<String> {
    let of = |list: &[&str]| list.iter().map(|pattern| (*pattern).to_owned()).collect();
    match kind {
        CacheKind::Pub => of(&["**/pubspec.lock", "**/pubspec.yaml"]),
        CacheKind::Gradle => of(&[
            "**/*.gradle",
            "**/*.gradle.kts",
            "**/gradle.lockfile",
            "**/gradle-wrapper.properties",
            "**/libs.versions.toml",
        ]),
        CacheKind::Pods => of(&["**/Podfile.lock", "**/Podfile"]),
        CacheKind::Custom { key, .. } => key.clone(),
    }
}

fn compile(patterns: &[String]) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(GlobBuilder::new(pattern).literal_separator(true).build()?);
    }
    set.build()
}

fn walk(
    root: &Path,
    folder: &Path,
    globs: &GlobSet,
    own: &[String],
    depth: usize,
    found: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        let is_own =
            own.iter().any(|one| path == Path::new(one)) || (depth == 0 && entry.file_name() == ".git");
        let kind = entry.file_type()?;
        if kind.is_dir() && !is_own && depth < MAX_DEPTH {
            walk(root, &path, globs, own, depth + 1, found)?;
        } else if kind.is_file() && globs.is_match(&path) {
            found.push(path);
            if found.len() > MAX_FILES {
                return Err(io::Error::other(format!("its key is made of more than {MAX_FILES} files")));
            }
        }
    }
    Ok(())
}

/// `None` of what is no plain file any more.
fn sum(root: &Path, path: &Path) -> io::Result<Option<String>> {
    use io::Read;
    let file = match files::open_inside(root, path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let mut hash = Sha256::new();
    io::copy(&mut file.take(MAX_FILE), &mut hash)?;
    Ok(Some(hex::encode(hash.finalize())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use proptest::prelude::*;

    use super::*;

    fn checkout(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    fn built_in(name: &str, kind: CacheKind) -> Cache {
        Cache { name: name.to_owned(), kind }
    }

    fn custom(paths: &[&str], key: &[&str]) -> Cache {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Cache { name: "mine".to_owned(), kind: CacheKind::Custom { paths: owned(paths), key: owned(key) } }
    }

    fn key(cache: &Cache, files: &[(&str, &str)]) -> Key {
        Key::of(cache, checkout(files).path()).unwrap()
    }

    #[test]
    fn a_key_follows_the_lock_files_and_nothing_else() {
        let packages = built_in("pub", CacheKind::Pub);
        let first =
            key(&packages, &[("pubspec.lock", "a"), ("lib/main.dart", "1"), (".git/pubspec.lock", "x")]);
        assert_eq!(first.files, 1);
        assert_eq!(first, key(&packages, &[("pubspec.lock", "a"), ("lib/main.dart", "2")]));
        let changed = key(&packages, &[("pubspec.lock", "b")]);
        assert_eq!((changed.shape == first.shape, changed.full == first.full), (true, false));
        assert_ne!(first.full, key(&packages, &[("packages/a/pubspec.lock", "a")]).full, "the place counts");
        let gradle = built_in("gradle", CacheKind::Gradle);
        let files = [
            ("android/app/build.gradle.kts", "1"),
            ("android/gradle/wrapper/gradle-wrapper.properties", "2"),
        ];
        assert_eq!(key(&gradle, &files).files, 2);
        assert_ne!(key(&gradle, &files).shape, first.shape);
    }

    #[test]
    fn what_a_cache_fills_is_no_part_of_its_key_and_paths_are_of_its_shape() {
        let files =
            [("web/bun.lock", "1"), ("web/node_modules/a/package.json", "2"), ("web/package.json", "3")];
        let node = custom(&["web/node_modules"], &["web/bun.lock", "**/package.json"]);
        assert_eq!(key(&node, &files).files, 2);
        assert_ne!(key(&node, &files).shape, key(&custom(&["web/other"], &["web/bun.lock"]), &files).shape);
        assert_eq!(key(&custom(&["a"], &["absent"]), &files).files, 0);
    }

    #[test]
    fn links_are_not_followed() {
        let outside = checkout(&[("pubspec.lock", "secret")]);
        let inside = checkout(&[]);
        let bare = Key::of(&built_in("pub", CacheKind::Pub), inside.path()).unwrap();
        symlink(outside.path(), inside.path().join("sub")).unwrap();
        symlink(outside.path().join("pubspec.lock"), inside.path().join("pubspec.lock")).unwrap();
        assert_eq!(Key::of(&built_in("pub", CacheKind::Pub), inside.path()).unwrap(), bare);
    }

    proptest! {
        #[test]
        fn equal_keys_mean_equal_files(
            one in proptest::collection::btree_map("[ab]{1,2}", "[xy]{0,2}", 0..4),
            other in proptest::collection::btree_map("[ab]{1,2}", "[xy]{0,2}", 0..4),
        ) {
            let listed = |files: &std::collections::BTreeMap<String, String>| -> Vec<(PathBuf, String)> {
                files.iter().map(|(path, sum)| (path.into(), sum.clone())).collect()
            };
            prop_assert_eq!(full("s", &listed(&one)) == full("s", &listed(&other)), one == other);
        }
    }
}
