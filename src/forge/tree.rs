//! Which files a repository holds at a commit. Plain files only: a link is none, so nothing leads in circles; and so many
//! at most, however large the repository is.

/// Most files that are listed.
pub const MAX_FILES: usize = 100_000;
/// Longest path that is listed, in bytes.
const MAX_PATH: usize = 1024;

/// The paths of files, as they stand in the repository.
#[derive(Debug, Default)]
pub struct Tree {
    pub files: Vec<String>,
    /// Whether there are more than these.
    pub is_cut: bool,
}

/// A file as git names it: its mode and its path.
#[derive(Debug)]
pub struct Entry {
    pub mode: String,
    pub path: String,
}

impl Tree {
    pub fn of(entries: impl IntoIterator<Item = Entry>, is_cut: bool) -> Self {
        let mut files: Vec<String> = entries.into_iter().filter_map(plain).collect();
        let is_cut = is_cut || files.len() > MAX_FILES;
        files.truncate(MAX_FILES);
        Self { files, is_cut }
    }
}

/// Links have the mode 120000, submodules 160000, folders 040000.
fn plain(entry: Entry) -> Option<String> {
    (entry.mode.starts_with("100") && entry.path.len() <= MAX_PATH).then_some(entry.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_submodules_and_folders_are_no_files() {
        let entry = |mode: &str, path: &str| Entry { mode: mode.to_owned(), path: path.to_owned() };
        let entries = [
            entry("100644", "a"),
            entry("100755", "b"),
            entry("120000", "link"),
            entry("160000", "module"),
            entry("040000", "folder"),
            entry("100644", &"x".repeat(MAX_PATH + 1)),
        ];
        assert_eq!(Tree::of(entries, false).files, ["a", "b"]);
        let many = (0..=MAX_FILES).map(|n| entry("100644", &n.to_string()));
        let many = Tree::of(many, false);
        assert!(many.is_cut && many.files.len() == MAX_FILES);
    }
}
