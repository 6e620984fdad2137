//! `oore pipeline` and `oore run`: checking a file and running it in a folder, without any daemon.

use std::io::Read;
use std::path::Path;
use std::process::{Output, Stdio};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::{Value, json};

use crate::support::operator::{Operator, said};
use crate::support::{Repository, Server};

fn oore(folder: &Path, arguments: &[&str]) -> Output {
    Operator::new().command(arguments).current_dir(folder).output().unwrap()
}

fn out(done: &Output) -> String {
    String::from_utf8_lossy(&done.stdout).into_owned()
}

const STEPS: &str = "\
version: 2
platforms: [android, ios]
inputs:
  - {name: flavor, type: choice, options: [dev, prod], default: dev}
steps:
  - {name: Test, run: 'echo testing $OORE_INPUT_FLAVOR on $OORE_PLATFORMS at $BRANCH; mkdir -p out; touch out/a.txt'}
  - {name: Release, run: echo releasing, if: inputs.flavor == 'prod'}
artifacts: {patterns: ['out/*']}
";

#[tokio::test]
async fn the_api_and_the_command_line_say_the_same_about_a_file() {
    let text = "version: 2\nplatforms: [android]\nsteps:\n  - name: A\n    run: make\n    if: branch = 'x'\n    tmeout: 5m\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".oore.yaml"), text).unwrap();
    let done = oore(folder.path(), &["pipeline", "validate"]);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    assert_eq!(
        out(&done),
        ".oore.yaml:7:5: steps[0].tmeout: unknown key; did you mean 'timeout'?\n\
         .oore.yaml:6:16: steps[0].if: '=' is not expected here; compare with ==\n"
    );
    let done = oore(folder.path(), &["pipeline", "validate", "--json"]);
    assert_eq!(done.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((&said["path"], &said["valid"]), (&json!(".oore.yaml"), &json!(false)));
    let server = Server::start().await;
    let owner = server.owner().await;
    let checked = owner.post("/v1/pipelines/validate", json!({"repository_yaml": text})).await.ok();
    assert_eq!(checked["diagnostics"], said["diagnostics"]);
}

#[test]
fn a_good_file_is_valid_and_one_that_cannot_be_read_is_a_wrong_argument() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    write("good.yaml", STEPS.as_bytes());
    write("binary.yaml", b"a: \xff\n");
    write("large.yaml", &vec![b'#'; 200 * 1024]);
    let validate = |name: &str| oore(folder.path(), &["pipeline", "validate", name]);
    assert_eq!(out(&validate("good.yaml")), "good.yaml is valid\n");
    for (name, code, words) in [
        ("binary.yaml", 1, "not UTF-8"),
        ("large.yaml", 1, "larger than 128 KiB"),
        ("missing.yaml", 2, "can't be read"),
    ] {
        let done = validate(name);
        assert_eq!(done.status.code(), Some(code), "{}", said(&done));
        assert!(said(&done).contains(words), "{}", said(&done));
    }
    let schema: Value = serde_json::from_slice(&oore(folder.path(), &["pipeline", "schema"]).stdout).unwrap();
    assert_eq!(schema["title"], "Oore CI pipeline");
}

#[test]
fn a_pipeline_runs_in_its_folder_with_what_is_not_committed() {
    let repository = Repository::with(&[("README.md", "hello\n")]);
    std::fs::write(repository.folder().join(".oore.yaml"), STEPS).unwrap();
    let done = oore(repository.folder(), &["run", "--platform", "ios"]);
    let expected = "== Test\n$ echo testing $OORE_INPUT_FLAVOR on $OORE_PLATFORMS at $BRANCH; mkdir -p out; touch \
                    out/a.txt\ntesting dev on ios at main\n== Test: succeeded\n== Release\n[oore] skipped: its condition \
                    is not met: inputs.flavor == 'prod'\n== Release: skipped\n== artifacts\nout/a.txt\n== artifacts: \
                    succeeded\n";
    assert_eq!((out(&done).as_str(), done.status.code()), (expected, Some(0)), "{}", said(&done));
    assert!(repository.folder().join("out/a.txt").exists(), "it works in place");
    let done = oore(repository.folder(), &["run", "--input", "flavor=prod", "--step", "Release"]);
    assert_eq!(out(&done), "== Release\n$ echo releasing\nreleasing\n== Release: succeeded\n");
}

#[test]
fn the_result_of_a_run_is_the_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "version: 1\nplatforms: [android]\ncommands:\n  build: ['printf partial; exit 7', echo never]\n";
    let at = folder.path();
    for (name, text) in [(".oore.yml", text), ("two.yaml", STEPS), ("bad.yaml", "version: 9\n")] {
        std::fs::write(at.join(name), text).unwrap();
    }
    let done = oore(at, &["run"]);
    assert_eq!(done.status.code(), Some(1), "{}", said(&done));
    assert!(out(&done).ends_with("partial\n== build-1: failed with exit code 7\n"), "{}", said(&done));
    assert!(said(&done).contains("error: step build-1 failed with exit code 7"), "{}", said(&done));
    for arguments in [
        &["run", "--file", "bad.yaml"][..],
        &["run", "--file", "missing.yaml"],
        &["run", "--file", "two.yaml", "--platform", "macos"],
        &["run", "--file", "two.yaml", "--platform", "web"],
        &["run", "--file", "two.yaml", "--input", "flavor=x"],
        &["run", "--file", "two.yaml", "--input", "flavor"],
        &["run", "--file", "two.yaml", "--step", "Tset"],
    ] {
        let done = oore(at, arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}", said(&done));
        assert!(!out(&done).contains("== "), "{arguments:?}: {}", said(&done));
    }
}

/// Starts a run whose step tells its own process id and that of a child that left its session.
fn started(folder: &Path) -> (std::process::Child, Vec<Pid>) {
    let run =
        "'trap \"\" TERM; (setsid sleep 300 & echo child $!); echo leader $$; while :; do sleep 1; done'";
    let text = format!("version: 2\nplatforms: [ios]\nsteps: [{{name: Wait, run: {run}}}]\n");
    std::fs::write(folder.join(".oore.yaml"), text).unwrap();
    let mut child = Operator::new()
        .command(&["run"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut text, mut byte) = (String::new(), [0_u8]);
    let pids = |text: &str| -> Vec<Pid> {
        let lines = text.lines().filter(|line| line.starts_with("child ") || line.starts_with("leader "));
        lines.filter_map(|line| Pid::from_raw(line.split(' ').nth(1)?.parse().ok()?)).collect()
    };
    let output = child.stdout.as_mut().unwrap();
    while !text.ends_with('\n') || pids(&text).len() < 2 {
        assert_eq!(output.read(&mut byte).unwrap(), 1, "it ended early: {text}");
        text.push(char::from(byte[0]));
    }
    let found = pids(&text);
    (child, found)
}

fn wait_until_gone(pids: &[Pid]) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while pids.iter().any(|pid| test_kill_process(*pid).is_ok()) {
        assert!(std::time::Instant::now() < until, "processes are left");
        std::thread::yield_now();
    }
}

#[test]
fn an_interrupt_ends_everything_that_a_run_has_started() {
    let folder = tempfile::tempdir().unwrap();
    let (child, pids) = started(folder.path());
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(130), "{}", said(&done));
    wait_until_gone(&pids);
}

#[test]
fn not_even_a_killed_run_leaves_processes_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (mut child, pids) = started(folder.path());
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until_gone(&pids);
}

#[test]
fn combinations_of_a_matrix_run_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = "version: 2\nplatforms: [android, ios]\nmatrix: {flavor: [dev, prod], platform: [android, ios]}\n\
                artifacts: {patterns: []}\nsteps:\n  - {name: Prepare, run: echo preparing}\n  \
                - {name: Show, run: 'echo $OORE_MATRIX_FLAVOR on $OORE_PLATFORMS; test $OORE_MATRIX_FLAVOR = dev'}\n";
    std::fs::write(folder.path().join(".oore.yaml"), file).unwrap();
    let arguments = ["run", "--matrix", "flavor=prod", "--matrix", "flavor=dev", "--platform", "ios"];
    let done = oore(folder.path(), &arguments);
    let said = out(&done);
    assert!(said.contains("\ndev on ios\n") && said.contains("\nprod on ios\n"), "{said}");
    assert!(!said.contains("on android"), "{said}");
    assert_eq!(done.status.code(), Some(1));
    let why = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(why.contains("flavor=prod platform=ios: step Show failed with exit code 1"), "{why}");
    let done = oore(folder.path(), &["run", "--matrix", "flavor=dev", "--platform", "ios", "--from", "Show"]);
    let said = out(&done);
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(said.contains("skipped: not run again (rerun from step Show)"), "{said}");
    assert!(!said.contains("\npreparing\n"), "{said}");
    for (arguments, why) in [
        (["run", "--matrix", "flavor=beta"], "matrix.flavor: 'beta' is no value of the axis"),
        (["run", "--from", "Shwo"], "there is no step 'Shwo'"),
    ] {
        let done = oore(folder.path(), &arguments);
        assert_eq!(done.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&done.stderr).contains(why), "{:?}", done.stderr);
    }
}
