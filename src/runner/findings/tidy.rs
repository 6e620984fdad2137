//! Makes what a report says fit to be kept: secrets masked, then cut to a length, paths below the
//! repository. Reports are whatever a build wrote.

use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;

use crate::runner::mask::Masks;

/// Longest path that is kept, in bytes.
const MAX_PATH: usize = 500;
/// What stands where something was cut off.
const CUT: &str = "…";

/// What is needed to tidy the reports of one build.
#[derive(Debug, Clone)]
pub struct Tidy {
    masks: Masks,
    /// The checkout, under every name that tools may have for it.
    roots: Vec<PathBuf>,
    /// Folders below the checkout in which steps run: paths may be relative to them.
    folders: Vec<PathBuf>,
}

impl Tidy {
    pub fn new(masks: Masks, source: &Path, folders: &[String]) -> Self {
        let mut roots = vec![source.to_owned()];
        roots.extend(source.canonicalize().ok().filter(|real| real != source));
        let inside = |folder: &&String| {
            let mut components = Path::new(folder).components();
            components.all(|one| matches!(one, Component::Normal(_) | Component::CurDir))
        };
        let folders = folders.iter().filter(inside).map(PathBuf::from).collect();
        Self { masks, roots, folders }
    }

    /// A text without secrets, of at most so many bytes.
    pub fn text(&self, text: &str, most: usize) -> String {
        let mut text = self.masks.text(text);
        if text.len() > most {
            text.truncate(text.floor_char_boundary(most - CUT.len()));
            text.push_str(CUT);
        }
        text
    }

    /// The same, but its end.
    pub fn end(&self, text: &str, most: usize) -> String {
        let text = self.masks.text(text);
        if text.len() <= most {
            return text;
        }
        format!("{CUT}{}", &text[text.ceil_char_boundary(text.len() - most + CUT.len())..])
    }

    /// A path or file URL as people know it: below the repository, if it is in there.
    pub fn path(&self, path: &str) -> String {
        let decoded;
        let path = match path.strip_prefix("file://") {
            Some(encoded) => {
                decoded = percent_decode_str(encoded).decode_utf8_lossy();
                &*decoded
            }
            None => path,
        };
        self.text(&self.below(Path::new(path)).to_string_lossy(), MAX_PATH)
    }

    fn below(&self, path: &Path) -> PathBuf {
        if path.is_absolute() {
            let known = self.roots.iter().find_map(|root| path.strip_prefix(root).ok());
            return known.unwrap_or(path).to_owned();
        }
        let path = path.strip_prefix(".").unwrap_or(path);
        let is_there = |below: &Path| self.roots[0].join(below).symlink_metadata().is_ok();
        if path.components().any(|one| !matches!(one, Component::Normal(_))) || is_there(path) {
            return path.to_owned();
        }
        let candidates = self.folders.iter().map(|folder| folder.join(path));
        candidates.into_iter().find(|one| is_there(one)).unwrap_or_else(|| path.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_below_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        std::fs::create_dir_all(source.join("packages/a/lib")).unwrap();
        std::fs::write(source.join("packages/a/lib/x y.dart"), "").unwrap();
        let tidy = Tidy::new(Masks::default(), &source, &["packages/a".to_owned(), "../..".to_owned()]);
        let root = source.display();
        for (path, expected) in [
            (format!("{root}/lib/b.dart"), "lib/b.dart"),
            (format!("file://{root}/packages/a/lib/x%20y.dart"), "packages/a/lib/x y.dart"),
            ("lib/x y.dart".to_owned(), "packages/a/lib/x y.dart"),
            ("./lib/c.dart".to_owned(), "lib/c.dart"),
            ("../../etc/passwd".to_owned(), "../../etc/passwd"),
            ("/elsewhere/a.dart".to_owned(), "/elsewhere/a.dart"),
            ("package:app/a.dart".to_owned(), "package:app/a.dart"),
        ] {
            assert_eq!(tidy.path(&path), expected);
        }
    }

    #[test]
    fn a_secret_is_masked_before_a_text_is_cut() {
        let masks = Masks::of([&b"hunter22"[..]].into_iter()).unwrap();
        let tidy = Tidy::new(masks, Path::new("/source"), &[]);
        assert_eq!(tidy.text("a hunter22 b", 100), "a *** b");
        assert_eq!(tidy.text("abchunter22def", 8), "abc**…");
        assert_eq!(tidy.end("abchunter22def", 8), "…**def");
        assert_eq!(tidy.text("ääääää", 8), "ää…");
        assert_eq!(tidy.end("ääääää", 8), "…ää");
        assert_eq!(tidy.path("/source/hunter22.dart"), "***.dart");
    }
}
