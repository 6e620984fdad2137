//! Builds that use more of the machine than they may: they end with a reason, and nobody else notices. Every hog
//! here has an end of its own: no test may be able to hurt the machine it runs on.

use std::time::Duration;

use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::{Repository, build_in};

fn repository(script: &str) -> Repository {
    let text = format!(
        "version: 2\nplatforms: [android]\nartifacts: {{patterns: []}}\nsteps:\n  - name: Hog\n    run: |\n      {}\n  \
         - name: Clean\n    if: always()\n    run: echo cleaned\n",
        script.replace('\n', "\n      ")
    );
    Repository::with(&[(".oore.yaml", &text)])
}

/// Builds a hog on a runner with these limits; answers the build and its log.
async fn hogged(rig: &Rig, script: &str) -> (Value, String) {
    let repository = repository(script);
    let pipeline = rig.pipeline(&repository).await;
    let build = rig.owner.build(&pipeline).await;
    let ended = tokio::time::timeout(Duration::from_secs(60), build_in(&rig.owner, &build, "failed")).await;
    let build = ended.expect("it does not wait for the hog");
    let log = String::from_utf8_lossy(&rig.owner.raw_log(&build).await).into_owned();
    assert_eq!(build["failure_reason"], "resource_limit", "{log}");
    (build, log)
}

async fn limited(name: &str, value: &str) -> Rig {
    Rig::without_runner(&[]).await.with_runner(&[(name, value)])
}

/// The runner works on, and so does its next build.
async fn works(rig: &Rig) {
    rig.tidy().await;
    let (_, log) = rig.built(&repository("echo fine"), "succeeded").await;
    assert!(log.contains("\nfine\n"), "{log}");
}

#[tokio::test]
async fn a_build_with_too_many_processes_ends_and_the_next_one_runs() {
    let rig = limited("OORE_RUNNER_MAX_PROCESSES", "40").await;
    let (build, log) = hogged(&rig, "for n in $(seq 60); do (setsid sleep 321 &); done\nsleep 322").await;
    let said = build["error_message"].as_str().unwrap();
    assert!(said.contains("more processes") && said.contains("OORE_RUNNER_MAX_PROCESSES"), "{said}");
    assert!(log.contains(&format!("[oore] {said}")) && !log.contains("cleaned"), "{log}");
    works(&rig).await;
}

#[tokio::test]
async fn a_build_with_too_much_memory_ends_and_the_next_one_runs() {
    let rig = limited("OORE_RUNNER_MAX_MEMORY_BYTES", "67108864").await;
    let script = "x=$(head -c 120000000 /dev/zero | tr '\\0' x)\nsleep 323\necho ${#x}";
    let (build, log) = hogged(&rig, script).await;
    let said = build["error_message"].as_str().unwrap();
    assert!(said.contains("more memory") && log.contains(&format!("[oore] {said}")), "{log}");
    works(&rig).await;
}

#[tokio::test]
async fn a_step_that_runs_out_of_files_says_so() {
    let rig = limited("OORE_RUNNER_MAX_OPEN_FILES", "64").await;
    let (build, log) = hogged(&rig, "tee $(seq -f f%g 100) < /dev/null").await;
    let said = build["error_message"].as_str().unwrap();
    assert!(said.starts_with("step Hog failed with exit code 1: "), "{said}");
    assert!(said.contains("OORE_RUNNER_MAX_OPEN_FILES") && log.contains(&format!("[oore] {said}")), "{log}");
    assert_eq!(build["exit_code"], json!(1));
    assert!(log.contains("\ncleaned\n"), "{log}");
    works(&rig).await;
}
