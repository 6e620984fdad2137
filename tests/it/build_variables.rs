//! Variables and secrets inside of real builds: what the steps get, what Dart gets, and that no secret
//! reaches a log, a report, an artifact's name or a disk it should not be on.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::runner_builds::{Rig, file};
use crate::support::{Repository, build_in};

const SECRET: &str = "p4ss/w0rd \"quoted\" & more";
const KEY: &str = "-----BEGIN KEY-----\nfirst+line/of+it\nsecond+line/of+it\n-----END KEY-----\n";

struct Done {
    build: Value,
    log: String,
}

/// Builds the repository in a project with these variables.
async fn built(rig: &Rig, repository: &Repository, variables: &[(&str, &str, &str)], status: &str) -> Done {
    let pipeline = rig.pipeline(repository).await;
    for (name, kind, value) in variables {
        let path = format!("/v1/projects/{}/variables/{name}", pipeline["project_id"].as_str().unwrap());
        rig.owner.put(&path, json!({"kind": kind, "value": value})).await.ok();
    }
    let build = rig.owner.build(&pipeline).await;
    let build = build_in(&rig.owner, &build, status).await;
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    Done { build, log }
}

fn steps(commands: &[&str], rest: &str) -> Repository {
    let lines: String = commands.iter().map(|command| format!("    - {}\n", json!(command))).collect();
    Repository::with(&[(".oore.yaml", &file(&lines, rest)), ("tracked", "x")])
}

const NO_ARTIFACTS: &str = "artifacts: {patterns: []}\n";

#[tokio::test]
async fn steps_get_variables_and_secrets_and_the_log_gets_stars() {
    let rig = Rig::start(&[]).await;
    let proof = tempfile::tempdir().unwrap();
    let proof_file = proof.path().join("proof").display().to_string();
    let keep = format!("printf %s \"$SECRET\" > '{proof_file}'");
    let repository = steps(
        &[
            &keep,
            "printf '[%s]\\n' \"$URL\"",
            "printf '<%s>\\n' \"$SECRET\"",
            "printf %s \"$SECRET\" | base64 | tr -d '\\n'; echo",
            "printf %s \"x$SECRET\" | base64 | tr -d '\\n'; echo",
            "printf %s \"xx$SECRET\" | base64 | tr -d '\\n'; echo",
            "printf %s \"$SECRET\" | od -An -tx1 | tr -d ' \\n'; echo",
            "printf %s \"$SECRET\" | cut -c1-9 | tr -d '\\n'; printf %s \"$SECRET\" | cut -c10-",
            "printf %s \"$SECRET\" 1>&2; set -x; : \"$SECRET\"",
            "i=0; while [ $i -lt 3000 ]; do printf 'padding of a line %s' \"$SECRET\"; i=$((i+1)); done",
        ],
        &format!("env:\n  - {{key: URL, value: of the file}}\n{NO_ARTIFACTS}"),
    );
    let variables = [("SECRET", "secret", SECRET), ("URL", "plain", "of the project")];
    let done = built(&rig, &repository, &variables, "succeeded").await;
    assert_eq!(std::fs::read_to_string(&proof_file).unwrap(), SECRET);
    assert!(done.log.contains("[of the project]") && done.log.contains("<***>"), "{}", done.log);
    assert!(done.log.contains("# env: SECRET=***") && done.log.contains("# env: URL=of the project"));
    assert_eq!(done.log.matches("padding of a line ***").count(), 3000);
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    // The characters at the borders also depend on what stands beside the secret.
    let encoded =
        |before: &str, from: usize| STANDARD.encode(format!("{before}{SECRET}"))[from..from + 24].to_owned();
    for hidden in [SECRET, &hex, "p4ss", "quoted", &encoded("", 0), &encoded("x", 2), &encoded("xx", 3)] {
        assert!(!done.log.contains(hidden), "{hidden}: {}", done.log);
    }
    rig.server.assert_not_stored("p4ss/w0rd");
    rig.tidy().await;
}

#[tokio::test]
async fn a_secret_in_two_writes_a_failing_command_or_a_name_is_masked_as_well() {
    let rig = Rig::start(&[]).await;
    let commands = [
        "mkdir out; printf x > \"out/$TOKEN.txt\"; ln -s /etc/hosts \"out/$TOKEN-link\"",
        "printf 'a %s' \"${TOKEN%456}\"; sleep 0.6; echo 456 b",
        "echo \"${TOKEN%456}\"",
    ];
    let repository = steps(&commands, "artifacts: {patterns: ['out/*']}\n");
    let variables = [("TOKEN", "secret", "tok-123456")];
    let done = built(&rig, &repository, &variables, "succeeded").await;
    assert!(done.log.contains("a *** b"), "{}", done.log);
    assert!(done.log.lines().any(|line| line == "tok-123"), "what is no secret stays: {}", done.log);
    let path = format!("/v1/builds/{}/artifacts", done.build["id"].as_str().unwrap());
    let listed = rig.owner.get(&path).await.ok();
    assert_eq!(listed["artifacts"].as_array().unwrap().len(), 1);
    let repository = steps(&["sh -c 'exit 3' tok-123456"], NO_ARTIFACTS);
    let failed = built(&rig, &repository, &variables, "failed").await;
    for text in [&done.log, &listed.to_string(), &failed.log, &failed.build["step_results"].to_string()] {
        assert!(!text.contains("tok-123456"), "{text}");
    }
    assert!(failed.log.contains("sh -c 'exit 3' ***"), "{}", failed.log);
}

#[tokio::test]
async fn a_secret_file_is_private_outside_of_the_checkout_and_goes_with_the_build() {
    let rig = Rig::start(&[]).await;
    let proof = tempfile::tempdir().unwrap();
    let proof_file = proof.path().join("proof").display().to_string();
    let keep = format!("stat -c '%a %n' \"$KEYSTORE\" > '{proof_file}'; cat \"$KEYSTORE\" >> '{proof_file}'");
    let commands = [
        &keep,
        "cat \"$KEYSTORE\"",
        "base64 \"$KEYSTORE\"",
        "grep second \"$KEYSTORE\"",
        "find . -name KEYSTORE",
    ];
    let repository = steps(&commands, NO_ARTIFACTS);
    let done = built(&rig, &repository, &[("KEYSTORE", "file", KEY)], "succeeded").await;
    let proof = std::fs::read_to_string(&proof_file).unwrap();
    let (stat, content) = proof.split_once('\n').unwrap();
    let (mode, path) = stat.split_once(' ').unwrap();
    assert_eq!((mode, content), ("600", KEY));
    let encoded = STANDARD.encode(KEY);
    for hidden in ["BEGIN KEY", "first+line", "second+line", &encoded[..40], &encoded[80..]] {
        assert!(!done.log.contains(hidden), "{hidden}: {}", done.log);
    }
    assert!(!done.log.contains("./KEYSTORE"), "{}", done.log);
    rig.tidy().await;
    assert!(!std::path::Path::new(path).exists());
}

/// A `flutter` that writes down its arguments; what counts is how it is called.
fn machine() -> (tempfile::TempDir, String) {
    let tools = tempfile::tempdir().unwrap();
    let flutter = tools.path().join("flutter");
    std::fs::write(&flutter, "#!/bin/sh\necho \"flutter got: $*\"\n").unwrap();
    std::fs::set_permissions(&flutter, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    (tools, path)
}

const ENV: &str = "env:\n  - {key: FLAVOR, value: prod}\n  - {key: TITLE, value: 'My App'}\n";

#[tokio::test]
async fn dart_code_gets_the_plain_variables_through_the_env_file() {
    let (tools, path) = machine();
    let home = tools.path().to_str().unwrap();
    let rig = Rig::without_runner(&[]).await.with_runner(&[("PATH", &path), ("HOME", home)]);
    let commands =
        ["cat .env", "stat -c 'mode %a' .env", "git status --porcelain", "flutter build apk --release"];
    let repository =
        steps(&commands, &format!("{ENV}artifacts: {{patterns: ['*nv', 'tracked*', '**/*']}}\n"));
    let variables = [("API_KEY", "secret", "s3cret-key"), ("FLAVOR", "plain", "beta")];
    let done = built(&rig, &repository, &variables, "succeeded").await;
    for line in [
        "FLAVOR=beta",
        "TITLE=\"My App\"",
        "mode 600",
        "$ flutter build apk --release --dart-define-from-file=.env",
        "flutter got: build apk --release --dart-define-from-file=.env",
    ] {
        assert!(done.log.lines().any(|found| found == line), "{line} is missing: {}", done.log);
    }
    assert!(
        !done.log.lines().any(|line| line.starts_with("API_KEY=")) && !done.log.contains("?? .env"),
        "{}",
        done.log
    );
    let path = format!("/v1/builds/{}/artifacts", done.build["id"].as_str().unwrap());
    let listed = rig.owner.get(&path).await.ok();
    let names: Vec<&str> =
        listed["artifacts"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(names.contains(&"tracked") && !names.contains(&".env"), "{names:?}");
    rig.tidy().await;
}

#[tokio::test]
async fn an_env_file_of_the_repository_stays_as_it_is() {
    let (tools, path) = machine();
    let home = tools.path().to_str().unwrap();
    let rig = Rig::without_runner(&[]).await.with_runner(&[("PATH", &path), ("HOME", home)]);
    let text = file("    - cat .env ../.env\n    - flutter build ipa\n", &format!("{ENV}{NO_ARTIFACTS}"));
    let repository = Repository::with(&[(".oore.yaml", &text), (".env", "OWN=1\n")]);
    let done = built(&rig, &repository, &[], "succeeded").await;
    for line in [
        "[oore] the repository has a .env of its own; the variables are in ../.env",
        "OWN=1",
        "FLAVOR=prod",
        "flutter got: build ipa --dart-define-from-file=../.env",
    ] {
        assert!(done.log.lines().any(|found| found == line), "{line} is missing: {}", done.log);
    }
    let bare = steps(&["test ! -e .env", "flutter build apk"], NO_ARTIFACTS);
    let done = built(&rig, &bare, &[], "succeeded").await;
    assert!(done.log.lines().any(|line| line == "flutter got: build apk"), "{}", done.log);
}

#[tokio::test]
async fn every_step_is_told_what_it_belongs_to() {
    let rig = Rig::start(&[]).await;
    let done =
        built(&rig, &steps(&["env", "test \"$OORE_SOURCE_DIR\" = \"$PWD\""], NO_ARTIFACTS), &[], "succeeded")
            .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let expected = [
        format!("OORE_BUILD_ID={}", text(&done.build["id"])),
        format!("OORE_PROJECT_ID={}", text(&done.build["project_id"])),
        format!("OORE_PIPELINE_ID={}", text(&done.build["pipeline_id"])),
        format!("OORE_COMMIT_SHA={}", text(&done.build["commit_sha"])),
        "OORE_BUILD_NUMBER=1".to_owned(),
        "OORE_BUILD_ATTEMPT=1".to_owned(),
        "OORE_BRANCH=main".to_owned(),
        "OORE_TRIGGER=manual".to_owned(),
        "OORE_STEP=build-1".to_owned(),
        "CI=true".to_owned(),
    ];
    for line in expected {
        assert!(done.log.lines().any(|found| found == line), "{line} is missing: {}", done.log);
    }
    let documented =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ENVIRONMENT.md")).unwrap();
    let names = done.log.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name);
    for name in names.filter(|name| name.starts_with("OORE_")) {
        assert!(documented.contains(&format!("`{name}`")), "{name} is not in docs/ENVIRONMENT.md");
    }
}

#[tokio::test]
async fn a_build_whose_secret_cannot_be_decrypted_fails_and_names_it() {
    let rig = Rig::without_runner(&[]).await;
    let repository = steps(&["true"], NO_ARTIFACTS);
    let pipeline = rig.pipeline(&repository).await;
    let path = format!("/v1/pipelines/{}/variables/API_KEY", pipeline["id"].as_str().unwrap());
    rig.owner.put(&path, json!({"value": "s3cret"})).await.ok();
    let damaged = rig.server.app.db.write(async |tx| {
        use sea_orm::ConnectionTrait;
        Ok(tx.execute_unprepared("UPDATE variables SET value = x'0102'").await?)
    });
    damaged.await.unwrap();
    let rig = rig.with_runner(&[]);
    let build = rig.owner.build(&pipeline).await;
    let build = build_in(&rig.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "invalid_config");
    assert!(build["error_message"].as_str().unwrap().contains("API_KEY"), "{build}");
}
