//! Real git repositories in folders that vanish.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A repository with a work tree on branch `main`.
pub struct Repository {
    folder: TempDir,
}

impl Repository {
    /// One commit with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit("first commit", files);
        repository
    }

    /// A repository whose pipeline file runs these commands and keeps `out/*`.
    pub fn running(commands: &[&str]) -> Self {
        Self::with(&[(".oore.yaml", &pipeline_file(commands)), ("README.md", "hello\n")])
    }

    /// Commits these files and answers the commit's id.
    pub fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, content) in files {
            let path = self.folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        self.git(&["add", "--all"]);
        let author =
            ["-c", "user.name=Ana", "-c", "user.email=ana@example.com", "-c", "commit.gpgsign=false"];
        self.git(&[&author[..], &["commit", "--quiet", "--allow-empty", "-m", message]].concat());
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git in the work tree and answers what it printed.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let done = Command::new("git").arg("-C").arg(self.folder.path()).args(arguments).output().unwrap();
        assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self) -> String {
        self.folder.path().canonicalize().unwrap().display().to_string()
    }
}

/// A pipeline file with these build commands that keeps `out/*`.
pub fn pipeline_file(commands: &[&str]) -> String {
    let commands: String = commands
        .iter()
        .map(|command| format!("    - {}\n", serde_json::to_string(command).unwrap()))
        .collect();
    format!(
        "version: 1\nplatforms: [android]\ncommands:\n  build:\n{commands}artifacts:\n  patterns: [\"out/*\"]\n"
    )
}
