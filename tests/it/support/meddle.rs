//! Faults of the machine, for one program: an operation on a file that fails, a wall clock that is wrong. A small
//! library in C stands between the program and the system; the compiler that links Rust makes it.

use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/meddle.c");

/// The library, made once for each run of the tests.
pub fn library() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let changed = |path: &Path| path.metadata().and_then(|found| found.modified()).ok();
    let made = folder.join("meddle.so");
    if changed(&made).is_none_or(|at| Some(at) < changed(Path::new(SOURCE))) {
        // Several tests may make it at the same time; each puts a whole one in place.
        let own = folder.join(format!("meddle.{}.so", std::process::id()));
        let compiler = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&own)
            .args([SOURCE, "-ldl"])
            .output()
            .unwrap();
        assert!(compiler.status.success(), "{}", String::from_utf8_lossy(&compiler.stderr));
        std::fs::rename(own, &made).unwrap();
    }
    made.display().to_string()
}

/// A wall clock that is set by hand, for whoever is started with its variables.
pub struct WallClock {
    folder: tempfile::TempDir,
}

impl WallClock {
    pub fn new() -> Self {
        let clock = Self { folder: tempfile::tempdir().unwrap() };
        clock.set(0);
        clock
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("clock")
    }

    /// From now on it differs from the true one by so many seconds.
    pub fn set(&self, seconds: i64) {
        self.write(&format!("{seconds} 0"));
    }

    /// From now on it shows this Unix time and stands still.
    pub fn freeze(&self, at: i64) {
        self.write(&format!("0 {at}"));
    }

    fn write(&self, text: &str) {
        let whole = self.folder.path().join("next");
        std::fs::write(&whole, text).unwrap();
        std::fs::rename(whole, self.file()).unwrap();
    }

    pub fn environment(&self) -> Vec<(String, String)> {
        vec![
            ("LD_PRELOAD".to_owned(), library()),
            ("MEDDLE_CLOCK".to_owned(), self.file().display().to_string()),
        ]
    }
}

/// Borrowed, as programs are started with it.
pub fn borrowed(environment: &[(String, String)]) -> Vec<(&str, &str)> {
    environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
}
