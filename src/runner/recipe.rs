//! Which configuration a build follows: the repository's own file at the checkout, else what the
//! pipeline had when the build was triggered. An invalid file is an error, never a reason to fall back.

use std::io;
use std::path::Path;

use super::files;
use super::halt::{Failure, Halt};
use super::protocol::ClaimedJob;
use crate::domain::failure::FailureReason;
use crate::pipeline::diagnostic::Diagnostic;
use crate::pipeline::parse::{self, PipelineFile};
use crate::pipeline::plan::Plan;
use crate::pipeline::snapshot::Snapshot;

/// The steps of a build.
#[derive(Debug)]
pub struct Recipe {
    pub plan: Plan,
    /// Where they came from, for people.
    pub source: String,
}

/// What the daemon recorded when the build was triggered.
pub fn recorded(job: &ClaimedJob) -> Result<Snapshot, Halt> {
    serde_json::from_value(job.config_snapshot.clone()).map_err(|error| {
        Failure::new(FailureReason::Internal, format!("the build's snapshot can't be read: {error}")).into()
    })
}

/// Reads the configuration of a checkout.
///
/// Errors: `invalid_config`.
pub fn resolve(snapshot: &Snapshot, checkout: &Path) -> Result<Recipe, Halt> {
    for name in snapshot.candidates() {
        if let Some(file) = read(checkout, name)? {
            let plan = snapshot.plan(Some(&file)).map_err(invalid)?;
            return Ok(Recipe { plan, source: name.to_owned() });
        }
    }
    let plan = snapshot.plan(None).map_err(invalid)?;
    Ok(Recipe { plan, source: "the pipeline's own settings".to_owned() })
}

fn read(checkout: &Path, name: &str) -> Result<Option<PipelineFile>, Halt> {
    let bytes = match files::read_inside(checkout, Path::new(name), parse::MAX_BYTES as u64) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(invalid(format!("{name} can't be read: {error}"))),
    };
    parse::parse_bytes(&bytes).map(Some).map_err(|found| invalid(listed(name, &found)))
}

/// One line for each thing that is wrong with a file.
fn listed(name: &str, found: &[Diagnostic]) -> String {
    let lines: Vec<String> = found.iter().map(|one| format!("{name}: {one}")).collect();
    lines.join("\n")
}

fn invalid(message: String) -> Halt {
    Failure::new(FailureReason::InvalidConfig, message).into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn resolve(checkout: &Path, snapshot: serde_json::Value) -> Result<Recipe, String> {
        let snapshot: Snapshot = serde_json::from_value(snapshot).unwrap();
        super::resolve(&snapshot, checkout).map_err(|halt| match halt {
            Halt::Failed(failure) => {
                assert_eq!(failure.reason, FailureReason::InvalidConfig);
                failure.message
            }
            Halt::Stopped(reason) => format!("{reason:?}"),
        })
    }

    const MAKE: &str = "version: 1\nplatforms: [android]\ncommands:\n  build: [make]\n";

    #[test]
    fn a_file_wins_and_without_one_the_settings_are_used() {
        let folder = tempfile::tempdir().unwrap();
        let settings = serde_json::json!({
            "config_path": "ci/own.yaml", "ui_execution_config": {"commands": {"build": ["ui"]}}
        });
        let found = resolve(folder.path(), settings.clone()).unwrap();
        assert_eq!(found.plan.steps[1].command, "ui");
        fs::write(folder.path().join(".oore.yml"), MAKE).unwrap();
        assert_eq!(resolve(folder.path(), settings.clone()).unwrap().source, ".oore.yml");
        fs::write(folder.path().join(".oore.yaml"), MAKE).unwrap();
        assert_eq!(resolve(folder.path(), settings).unwrap().source, ".oore.yaml");
    }

    #[test]
    fn version_2_is_read_with_the_inputs_of_the_build() {
        let folder = tempfile::tempdir().unwrap();
        let text = "version: 2\nplatforms: [ios]\ninputs: [{name: a, type: boolean}]\n\
                    steps: [{name: Pack, run: make}]\n";
        fs::write(folder.path().join(".oore.yaml"), text).unwrap();
        let found = resolve(folder.path(), serde_json::json!({"inputs": {"a": "true"}})).unwrap();
        assert_eq!((found.plan.inputs["a"].as_str(), found.plan.steps[0].name.as_str()), ("true", "Pack"));
        let wrong = resolve(folder.path(), serde_json::json!({"inputs": {"a": "x"}})).unwrap_err();
        assert_eq!(wrong, "inputs.a: must be true or false");
    }

    #[test]
    fn a_build_whose_code_is_not_trusted_says_so() {
        let of = |snapshot| serde_json::from_value::<Snapshot>(snapshot).unwrap().untrusted;
        assert!(!of(serde_json::json!({"trigger_type": "webhook"})));
        assert!(of(serde_json::json!({"trigger_type": "webhook", "untrusted": true})));
    }

    #[test]
    fn an_explicit_path_is_the_only_one_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("ci")).unwrap();
        fs::write(folder.path().join("ci/own.yaml"), MAKE).unwrap();
        fs::write(folder.path().join(".oore.yaml"), "broken: [").unwrap();
        let settings = serde_json::json!({ "config_path": "ci/own.yaml", "config_path_explicit": true });
        assert_eq!(resolve(folder.path(), settings).unwrap().source, "ci/own.yaml");
    }

    #[test]
    fn an_invalid_file_is_an_error_that_says_where() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".oore.yaml");
        fs::write(&file, "version: 1\nplatforms: [android]\nstages: []\n").unwrap();
        let message = resolve(folder.path(), serde_json::json!({})).unwrap_err();
        assert!(message.starts_with(".oore.yaml: line 3"), "{message}");
        fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", &file).unwrap();
        assert!(resolve(folder.path(), serde_json::json!({})).unwrap_err().contains("symbolic link"));
    }
}
