//! What builds find again that earlier ones of their project had: hits and misses, what is never saved, and
//! caches that were tampered with. Real runner, real files.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::{Agent, Client, Repository, Server, build_in};

/// A file with these caches and this script.
fn file(caches: &str, script: &str) -> String {
    let script = script.replace('\n', "\n      ");
    format!(
        "version: 2\nplatforms: [android]\ncaches: {caches}\nartifacts: {{patterns: []}}\nsteps:\n  - name: Work\n    \
         run: |\n      {script}\n"
    )
}

/// Builds a pipeline once more; answers the build and its log.
async fn again(rig: &Rig, pipeline: &Value, status: &str) -> (Value, String) {
    let build = build_in(&rig.owner, &rig.owner.build(pipeline).await, status).await;
    let log = rig.owner.raw_log(&build).await;
    (build, String::from_utf8_lossy(&log).into_owned())
}

/// Name, outcome, and whether something was saved.
fn outcomes(build: &Value) -> Vec<(String, String, bool)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let each = build["caches"].as_array().into_iter().flatten();
    each.map(|one| (text(&one["name"]), text(&one["outcome"]), one["saved_bytes"].is_number())).collect()
}

fn outcome(name: &str, outcome: &str, saved: bool) -> (String, String, bool) {
    (name.to_owned(), outcome.to_owned(), saved)
}

fn steps(build: &Value) -> Vec<&str> {
    build["step_results"].as_array().unwrap().iter().filter_map(|step| step["name"].as_str()).collect()
}

/// Whether a pack on the disk of the runner holds these bytes. There must be one.
fn is_in_a_pack(rig: &Rig, wanted: &[u8]) -> bool {
    let packs = packs(rig);
    assert!(!packs.is_empty(), "something was saved");
    let holds = |bytes: Vec<u8>| bytes.windows(wanted.len()).any(|part| part == wanted);
    packs.into_iter().any(|pack| holds(std::fs::read(pack).unwrap()))
}

/// Every pack on the disk of the runner.
fn packs(rig: &Rig) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for project in std::fs::read_dir(rig.work().join("caches")).into_iter().flatten().flatten() {
        let packs = std::fs::read_dir(project.path().join("packs")).into_iter().flatten().flatten();
        found.extend(packs.map(|pack| pack.path()));
    }
    found
}

const USING: &str = "test -e \"$PUB_CACHE/hosted/tool\" && \"$PUB_CACHE/hosted/tool\" && cat deps/link && echo found again\n\
                     mkdir -p \"$PUB_CACHE/hosted\" deps\n\
                     printf '#!/bin/sh\\necho it runs' > \"$PUB_CACHE/hosted/tool\"\n\
                     chmod 755 \"$PUB_CACHE/hosted/tool\"\n\
                     echo secret-of-a-tool > \"$PUB_CACHE/credentials.json\"\n\
                     echo own content > deps/file; ln -sf file deps/link";

#[tokio::test]
async fn a_build_finds_what_an_earlier_one_saved() {
    let rig = Rig::start(&[]).await;
    let caches = "[pub, {name: own, paths: [deps], key: [deps.lock]}]";
    let text = file(caches, &format!("({USING}) || ({})", USING.split_once('\n').unwrap().1));
    let repository =
        Repository::with(&[(".oore.yaml", &text), ("pubspec.lock", "1"), ("deps.lock", "1"), ("other", "1")]);
    let pipeline = rig.pipeline(&repository).await;

    let (build, log) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!(outcomes(&build), [outcome("pub", "miss", true), outcome("own", "miss", true)]);
    assert_eq!(steps(&build), ["checkout", "restore caches", "Work", "save caches"]);
    assert!(log.contains("[oore] cache pub: miss\n") && log.contains("[oore] cache pub: saved "), "{log}");
    assert!(!log.lines().any(|line| line == "found again"), "{log}");

    repository.commit("something else", &[("other", "2")]);
    let (build, log) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!(outcomes(&build), [outcome("pub", "hit", false), outcome("own", "hit", false)]);
    assert_eq!(steps(&build), ["checkout", "restore caches", "Work"], "there is nothing new to save");
    assert!(log.contains("\nit runs\nown content\nfound again\n"), "{log}");
    assert!(log.contains("[oore] cache pub: hit, ") && log.contains(" restored in "), "{log}");
    assert!(build["caches"][0]["bytes"].as_i64().unwrap() > 0, "{build}");

    repository.commit("a new package", &[("pubspec.lock", "2")]);
    let (build, log) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!(outcomes(&build), [outcome("pub", "partial", true), outcome("own", "hit", false)]);
    assert!(log.contains("[oore] cache pub: restored from what build 1 saved\n"), "{log}");
    assert!(log.contains("[oore] cache pub: partial hit, "), "{log}");
    let (build, _) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!(outcomes(&build)[0], outcome("pub", "hit", false));

    assert!(is_in_a_pack(&rig, b"it runs"), "packages are kept");
    assert!(!is_in_a_pack(&rig, b"secret-of-a-tool"), "and nothing else is");
    rig.tidy().await;
}

#[tokio::test]
async fn builds_that_fail_and_other_projects_leave_nothing_to_find() {
    let rig = Rig::start(&[]).await;
    let caches = "[{name: own, paths: [deps], key: [deps.lock]}]";
    let text = |script: &str| file(caches, script);
    let failing =
        Repository::with(&[(".oore.yaml", &text("mkdir deps; touch deps/a; exit 1")), ("deps.lock", "1")]);
    let pipeline = rig.pipeline(&failing).await;
    let (build, _) = again(&rig, &pipeline, "failed").await;
    assert_eq!((outcomes(&build), packs(&rig).len()), (vec![outcome("own", "miss", false)], 0));

    failing.commit("works", &[(".oore.yaml", &text("mkdir deps; touch deps/a"))]);
    let (build, _) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!(outcomes(&build), [outcome("own", "miss", true)]);

    let other = Repository::with(&[(".oore.yaml", &text("test ! -e deps")), ("deps.lock", "1")]);
    let (build, log) = rig.built(&other, "succeeded").await;
    assert_eq!(outcomes(&build), [outcome("own", "miss", false)]);
    assert!(log.contains("[oore] cache own: nothing to save"), "{log}");
}

#[tokio::test]
async fn a_build_that_is_not_whole_saves_nothing() {
    let rig = Rig::start(&[]).await;
    let outside = tempfile::tempdir().unwrap();
    let flag = outside.path().join("flag");
    let text = |first: &str| {
        format!(
            "version: 2\nplatforms: [android]\ncaches: [{{name: own, paths: [deps], key: [deps.lock]}}]\n\
             artifacts: {{patterns: []}}\nsteps:\n  - {{name: Fetch, run: mkdir deps; touch deps/a; {first}}}\n  \
             - {{name: Use, run: mkdir -p deps; touch deps/b; test -e {}}}\n",
            flag.display()
        )
    };
    let repository = Repository::with(&[(".oore.yaml", &text("true")), ("deps.lock", "1")]);
    let pipeline = rig.pipeline(&repository).await;
    let (failed, _) = again(&rig, &pipeline, "failed").await;
    std::fs::write(&flag, "").unwrap();
    let path = format!("/v1/builds/{}/rerun", failed["id"].as_str().unwrap());
    let rerun = rig.owner.post(&path, json!({"from": "failed_step"})).await.created()["build"].clone();
    let rerun = build_in(&rig.owner, &rerun, "succeeded").await;
    let log = String::from_utf8_lossy(&rig.owner.raw_log(&rerun).await).into_owned();
    assert!(
        log.contains("[oore] nothing of this build is saved: it does not run all of its steps\n"),
        "{log}"
    );
    assert_eq!((outcomes(&rerun), packs(&rig).len()), (vec![outcome("own", "miss", false)], 0));

    let tolerated = text("exit 1").replace("exit 1}", "exit 1, continue_on_error: true}");
    repository.commit("half of it", &[(".oore.yaml", &tolerated)]);
    let (build, log) = again(&rig, &pipeline, "succeeded").await;
    assert!(log.contains("[oore] nothing of this build is saved: one of its steps failed\n"), "{log}");
    assert_eq!((outcomes(&build), packs(&rig).len()), (vec![outcome("own", "miss", false)], 0));

    repository.commit("all of it", &[(".oore.yaml", &text("true"))]);
    let (build, _) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!((outcomes(&build), packs(&rig).len()), (vec![outcome("own", "miss", true)], 1));
}

#[tokio::test]
async fn a_damaged_entry_is_a_miss_that_says_so_and_is_made_anew() {
    let rig = Rig::start(&[]).await;
    let text = file(
        "[{name: own, paths: [deps], key: [deps.lock]}]",
        "test ! -e deps && mkdir deps && echo aaaa > deps/a || cat deps/a",
    );
    let repository = Repository::with(&[(".oore.yaml", &text), ("deps.lock", "1")]);
    let pipeline = rig.pipeline(&repository).await;
    again(&rig, &pipeline, "succeeded").await;
    let pack = packs(&rig).pop().unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    let at = bytes.windows(4).position(|part| part == b"aaaa").unwrap();
    bytes[at] = b'b';
    std::fs::write(&pack, bytes).unwrap();
    let (build, log) = again(&rig, &pipeline, "succeeded").await;
    let said = "[oore] cache own: what build 1 saved can't be used, it is damaged: its content is not what its name says; \
                it was removed\n[oore] cache own: miss\n";
    assert!(log.contains(said) && !log.contains("baaa"), "{log}");
    assert_eq!(outcomes(&build), [outcome("own", "miss", true)]);
    std::fs::remove_file(&packs(&rig)[0]).unwrap();
    let (build, log) = again(&rig, &pipeline, "succeeded").await;
    assert!(log.contains("its content is gone"), "{log}");
    assert_eq!(outcomes(&build), [outcome("own", "miss", true)]);
    let (build, log) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!(outcomes(&build), [outcome("own", "hit", false)]);
    assert!(log.contains("\naaaa\n"), "{log}");
}

#[tokio::test]
async fn nothing_outside_of_the_checkout_is_saved_or_overwritten() {
    let rig = Rig::start(&[]).await;
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("key"), "private-key").unwrap();
    let link = outside.path().display();
    let script = format!(
        "rm -rf app && ln -s {link} app\nmkdir deps && ln -s {link}/key deps/absolute && ln -s ../../../../x deps/up && touch deps/good"
    );
    let caches = "[{name: moved, paths: [app/key], key: [lock]}, {name: own, paths: [deps], key: [lock]}]";
    let text = file(caches, &script);
    let repository = Repository::with(&[(".oore.yaml", &text), ("lock", "1"), ("app/a", "1")]);
    let (build, log) = rig.built(&repository, "succeeded").await;
    assert_eq!(outcomes(&build), [outcome("moved", "miss", false), outcome("own", "miss", true)]);
    assert!(log.contains("left out 2 links that lead outside, or special files"), "{log}");
    assert!(!is_in_a_pack(&rig, b"private-key"));

    // Neither is what the repository has, nor what a link of it leads to.
    let caches =
        "[{name: tracked, paths: [app], key: [lock]}, {name: through, paths: [link/new], key: [lock]}]";
    let repository =
        Repository::with(&[(".oore.yaml", &file(caches, "true")), ("lock", "1"), ("app/a", "1")]);
    std::os::unix::fs::symlink(outside.path(), repository.folder().join("link")).unwrap();
    repository.commit("link", &[]);
    let (build, log) = rig.built(&repository, "succeeded").await;
    assert_eq!(
        outcomes(&build),
        [outcome("tracked", "skipped", false), outcome("through", "skipped", false)]
    );
    assert!(log.contains("[oore] cache tracked: app is in the repository\n"), "{log}");
    assert!(log.contains("link/new leads through something that is no folder"), "{log}");
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn the_budget_ends_what_was_used_longest_ago() {
    let rig = Rig::without_runner(&[]).await;
    let rig = rig.with_runner(&[("OORE_RUNNER_CACHE_BUDGET_BYTES", "250000")]);
    let text = file(
        "[{name: own, paths: [deps], key: [lock]}]",
        "mkdir -p deps; head -c $(cat lock) /dev/zero | tr '\\0' \"$OORE_BUILD_NUMBER\" > deps/a",
    );
    let repository = Repository::with(&[(".oore.yaml", &text), ("lock", "100001")]);
    let pipeline = rig.pipeline(&repository).await;
    for lock in ["100002", "100003"] {
        again(&rig, &pipeline, "succeeded").await;
        repository.commit("change", &[("lock", lock)]);
    }
    let (build, _) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!((outcomes(&build), packs(&rig).len()), (vec![outcome("own", "partial", true)], 2));
    repository.commit("large", &[("lock", "300000")]);
    let (build, log) = again(&rig, &pipeline, "succeeded").await;
    assert!(
        log.contains("[oore] cache own: not saved: ") && log.contains("is more than the budget of 250.0 kB"),
        "{log}"
    );
    assert_eq!((outcomes(&build), packs(&rig).len()), (vec![outcome("own", "partial", false)], 2));
    repository.commit("first again", &[("lock", "100001")]);
    let (build, _) = again(&rig, &pipeline, "succeeded").await;
    assert_eq!(outcomes(&build)[0].1, "partial", "it was the oldest");
}

#[tokio::test]
async fn a_runner_without_caches_leaves_the_tools_alone() {
    let rig = Rig::without_runner(&[]).await;
    let rig = rig.with_runner(&[("OORE_RUNNER_CACHE_BUDGET_BYTES", "0"), ("PUB_CACHE", "/the/runners/own")]);
    let text = file("[pub]", "echo \"it is $PUB_CACHE\"");
    let (build, log) = rig.built(&Repository::with(&[(".oore.yaml", &text)]), "succeeded").await;
    assert_eq!(outcomes(&build), [outcome("pub", "skipped", false)]);
    assert!(log.contains("\nit is /the/runners/own\n"), "{log}");
    assert!(log.contains("[oore] cache pub: this runner keeps no caches\n"), "{log}");
}

#[tokio::test]
async fn what_a_runner_of_an_old_attempt_or_protocol_says_of_caches_is_not_kept() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let cache = json!({"name": "pub", "outcome": "hit", "bytes": 5, "duration_ms": 7});
    let last = json!({"status": "succeeded", "caches": [cache, {"name": "", "outcome": "hit", "bytes": 0, "duration_ms": 0}]});
    let shown = async |owner: &Client, job: &Value| {
        let path = format!("/v1/builds/{}", job["build_id"].as_str().unwrap());
        owner.get(&path).await.ok()["build"]["caches"].clone()
    };
    let new = Agent::register(&owner, "new", 5).await;
    owner.build(&pipeline).await;
    let job = new.begin().await;
    let stale = json!({"build_id": job["build_id"], "attempt": job["attempt"].as_i64().unwrap() + 1});
    new.report(&stale, last.clone()).await.error(409, "attempt_superseded");
    assert_eq!(shown(&owner, &job).await, Value::Null);
    new.report(&job, last.clone()).await.ok();
    assert_eq!(shown(&owner, &job).await, json!([cache]));
    new.beat("offline").await.expect(204);

    let old = Agent::register(&owner, "old", 4).await;
    owner.build(&pipeline).await;
    let job = old.begin().await;
    old.report(&job, last).await.ok();
    assert_eq!(shown(&owner, &job).await, Value::Null);
}
