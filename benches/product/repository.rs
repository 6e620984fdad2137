//! A real git repository whose pipeline file is rewritten for every figure.

use std::path::Path;
use std::process::Command;

use anyhow::ensure;

/// A repository with a work tree on branch `main`.
pub struct Repository<'a> {
    folder: &'a Path,
}

impl<'a> Repository<'a> {
    /// One that exists.
    pub fn at(folder: &'a Path) -> Self {
        Self { folder }
    }

    pub fn create(folder: &'a Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let repository = Self::at(folder);
        repository.git(&["init", "--quiet", "--initial-branch=main"])?;
        Ok(repository)
    }

    /// Makes `command` what a build runs; its files in `out/` become artifacts.
    pub fn run(&self, command: &str) -> anyhow::Result<()> {
        let command = serde_json::to_string(command)?;
        let file = format!(
            "version: 1\nplatforms: [android]\ncommands:\n  build:\n    - {command}\n\
             artifacts:\n  patterns: [\"out/*\"]\n"
        );
        std::fs::write(self.folder.join(".oore.yaml"), file)?;
        self.git(&["add", "--all"])?;
        let author =
            ["-c", "user.name=Bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"];
        self.git(&[&author[..], &["commit", "--quiet", "--no-verify", "-m", "what to measure next"]].concat())
    }

    fn git(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let done = Command::new("git").arg("-C").arg(self.folder).args(arguments).output()?;
        ensure!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }
}
