//! What a runner is and has: system, processor, memory, tools, SDKs. Everything is looked for at the same
//! time and nothing may take long; what hangs counts as not there. It only looks: it installs nothing.

mod android;
mod tools;
mod xcode;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::watch;

use self::android::Android;
use self::xcode::Xcodes;
use super::environment::Environment;
use super::platform::{self, Holds};
use crate::domain::runner::{PROTOCOL_OWN, RunnerFigures};

/// How long one look may take.
const LIMIT: Duration = Duration::from_secs(10);
/// How often the figures are taken; a multiple of it is the time between two looks at files, and another
/// one that between two looks at everything.
const FIGURES_EVERY: Duration = Duration::from_secs(15);
const FILES_EVERY: u32 = 4;
const ALL_EVERY: u32 = 80;

/// The newest that is known of this machine.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// `None` until everything was looked for once.
    pub capabilities: Option<Value>,
    pub figures: Option<RunnerFigures>,
}

/// What was found.
#[derive(Debug)]
pub struct Capabilities {
    os_version: String,
    memory_bytes: Option<u64>,
    tools: BTreeMap<&'static str, Option<String>>,
    xcodes: Option<Xcodes>,
    android: Option<Android>,
    holds: Holds,
}

/// Looks again and again, and shows what is new. `folder` is where the runner works.
pub async fn keep_current(folder: PathBuf, show: watch::Sender<Seen>) {
    let mut known = None;
    for look in 0_u32.. {
        let figures = figures(folder.clone()).await;
        show.send_if_modified(|seen| std::mem::replace(&mut seen.figures, figures) != figures);
        if look.is_multiple_of(FILES_EVERY) {
            let traces = within(traces).await;
            if traces != known || look.is_multiple_of(ALL_EVERY) {
                let found = Some(Capabilities::detect().await.to_json());
                show.send_if_modified(|seen| {
                    let news = seen.capabilities != found;
                    seen.capabilities = found;
                    news
                });
                known = traces;
            }
        }
        tokio::time::sleep(FIGURES_EVERY).await;
    }
}

impl Capabilities {
    pub async fn detect() -> Self {
        let (os_version, memory_bytes, tools, xcodes, android, holds) = tokio::join!(
            os_version(),
            memory_bytes(),
            tools::versions(),
            xcode::find(),
            within(android::find),
            within(platform::holds)
        );
        let holds = holds.unwrap_or_default();
        Self { os_version, memory_bytes, tools, xcodes, android: android.flatten(), holds }
    }

    pub fn to_json(&self) -> Value {
        let chosen = self.xcodes.as_ref().and_then(Xcodes::chosen);
        let mut said = json!({
            "os": platform::name(),
            "os_version": self.os_version,
            "arch": platform::architecture(),
            "xcode_version": chosen.map_or("", |xcode| xcode.version.as_str()),
            "version": env!("CARGO_PKG_VERSION"),
            "protocol_version": PROTOCOL_OWN,
            "cpu_count": std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            "memory_bytes": self.memory_bytes,
            "tools": self.tools,
            "android": self.android,
            "limits": { "processes": self.holds.processes, "memory": self.holds.memory },
        });
        if let Some(xcodes) = &self.xcodes {
            said["xcode"] = json!(xcodes);
        }
        said
    }
}

async fn os_version() -> String {
    let version = match platform::version_program() {
        Some([program, arguments @ ..]) => said(&mut tool(Path::new(program), arguments)).await,
        Some([]) | None => platform::release_version(),
    };
    version.unwrap_or_default().trim().to_owned()
}

async fn memory_bytes() -> Option<u64> {
    match platform::memory_program() {
        Some([program, arguments @ ..]) => {
            said(&mut tool(Path::new(program), arguments)).await?.trim().parse().ok()
        }
        Some([]) | None => platform::memory("MemTotal:"),
    }
}

/// What the machine has at the moment, as the disk of `folder` shows it.
pub async fn figures(folder: PathBuf) -> Option<RunnerFigures> {
    within(move || {
        let (disk_free_bytes, disk_total_bytes) = platform::disk(&folder).ok()?;
        let memory_available_bytes = platform::memory("MemAvailable:");
        Some(RunnerFigures { disk_free_bytes, disk_total_bytes, memory_available_bytes })
    })
    .await
    .flatten()
}

/// Files that change when a tool or an SDK comes, goes or is updated.
fn traces() -> Vec<(PathBuf, Option<SystemTime>)> {
    let files = tools::files().into_iter().chain(android::files()).chain(xcode::files());
    let traced = |file: PathBuf| {
        let file = file.canonicalize().unwrap_or(file);
        let changed = file.metadata().and_then(|found| found.modified()).ok();
        (file, changed)
    };
    files.map(traced).collect()
}

/// Looks at files without holding anybody up: a disk that hangs must not.
async fn within<T: Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::time::timeout(LIMIT, tokio::task::spawn_blocking(look)).await.ok()?.ok()
}

/// A call of a tool.
fn tool(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(Environment::of_tools().iter()).current_dir("/");
    command
}

/// What a tool prints, if it does so in time and means it.
async fn said(command: &mut Command) -> Option<String> {
    said_in(command, LIMIT).await
}

async fn said_in(command: &mut Command, limit: Duration) -> Option<String> {
    command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(limit, command.output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first word that begins with a digit.
fn number(text: Option<String>) -> Option<String> {
    let text = text?;
    let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_runner_says_what_it_has_and_what_it_lacks() {
        let said = Capabilities::detect().await.to_json();
        assert_eq!(said["protocol_version"], 5);
        let git = said["tools"]["git"].as_str().unwrap();
        assert!(git.starts_with(|c: char| c.is_ascii_digit()), "{git}");
        assert!(said["tools"].as_object().unwrap().contains_key("xcodebuild"));
        assert!(said["cpu_count"].as_u64().unwrap() >= 1);
        assert!(said["memory_bytes"].as_u64().unwrap() > 1024 * 1024, "{said}");
        assert!(said.get("embedded").is_none(), "only the daemon knows which runner is its own");
    }

    #[tokio::test]
    async fn figures_are_those_of_the_disk_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let figures = figures(folder.path().to_owned()).await.unwrap();
        assert!(figures.disk_total_bytes >= figures.disk_free_bytes && figures.disk_free_bytes > 0);
        assert_eq!(super::figures("/does/not/exist".into()).await, None);
    }

    #[tokio::test]
    async fn a_tool_that_hangs_is_given_up_and_a_failing_one_says_nothing() {
        let begun = std::time::Instant::now();
        let mut hangs = tool(Path::new("/bin/sh"), &["-c", "echo 1.0; exec sleep 600"]);
        assert_eq!(said_in(&mut hangs, Duration::from_millis(50)).await, None);
        assert!(begun.elapsed() < Duration::from_secs(60));
        assert_eq!(said(&mut tool(Path::new("/bin/sh"), &["-c", "echo 1.0; exit 1"])).await, None);
        assert_eq!(
            said(&mut tool(Path::new("/bin/sh"), &["-c", "echo 1.0"])).await.as_deref(),
            Some("1.0\n")
        );
    }
}
