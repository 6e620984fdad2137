//! Files of `version: 2` from the trigger to the last step: inputs, conditions, limits, who may execute
//! them, and what they say about other builds.

use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::{Agent, Client, Repository, Server, build_in, log_shows};

/// A file with these steps, and these lines above them.
fn file(above: &str, steps: &str) -> String {
    format!("version: 2\nplatforms: [android]\n{above}artifacts: {{patterns: []}}\nsteps:\n{steps}")
}

fn repository(above: &str, steps: &str) -> Repository {
    Repository::with(&[(".oore.yaml", &file(above, steps))])
}

/// Name, status and exit code of every step.
fn steps(build: &Value) -> Vec<(String, String, Option<i64>)> {
    let each = build["step_results"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    each.map(|step| (text(&step["name"]), text(&step["status"]), step["exit_code"].as_i64())).collect()
}

fn step(name: &str, status: &str, exit_code: Option<i64>) -> (String, String, Option<i64>) {
    (name.to_owned(), status.to_owned(), exit_code)
}

async fn trigger(owner: &Client, pipeline: &Value, more: Value) -> crate::support::Answer {
    let mut body = json!({"pipeline_id": pipeline["id"]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let path = format!("/v1/projects/{}/builds", pipeline["project_id"].as_str().unwrap());
    owner.post(&path, body).await
}

#[tokio::test]
async fn steps_run_where_and_with_what_the_file_says() {
    let rig = Rig::start(&[]).await;
    let above = "env: {CHANNEL: beta, LEVEL: 1}\ninputs:\n  - {name: flavor, type: choice, options: [dev, prod], \
                 default: dev}\n  - {name: signed, type: boolean}\n";
    let steps_text = "  - name: Prepare\n    run: mkdir -p app/tool\n  - name: Show all\n    working_directory: \
                      app/tool\n    env: {LEVEL: 2}\n    run: |\n      \
                      echo \"in ${PWD##*/} $CHANNEL $LEVEL $OORE_INPUT_FLAVOR $OORE_INPUT_SIGNED $OORE_PLATFORMS\"\n      \
                      false | true\n      echo second line\n  - name: Only signed\n    if: inputs.signed\n    run: echo signed\n  \
                      - name: Only prod\n    if: inputs.flavor == 'prod' && branch == 'main' && env.CHANNEL == 'beta'\n    run: echo prod\n";
    let repository = repository(above, steps_text);
    let pipeline = rig.pipeline(&repository).await;
    let more = json!({"inputs": {"flavor": "prod"}, "platforms": ["android"]});
    let build = trigger(&rig.owner, &pipeline, more).await.created()["build"].clone();
    assert_eq!(build["config_snapshot"]["inputs"], json!({"flavor": "prod", "signed": "false"}));
    let build = build_in(&rig.owner, &build, "succeeded").await;
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    assert!(
        log.contains("\nin tool beta 2 prod false android\n") && log.contains("\nsecond line\n"),
        "{log}"
    );
    assert!(log.contains("[oore] skipped: its condition is not met: inputs.signed\n"), "{log}");
    let expected = [
        step("checkout", "succeeded", Some(0)),
        step("Prepare", "succeeded", Some(0)),
        step("Show all", "succeeded", Some(0)),
        step("Only signed", "skipped", None),
        step("Only prod", "succeeded", Some(0)),
    ];
    assert_eq!(steps(&build), expected);
    // The same inputs count when the build runs again.
    let path = format!("/v1/builds/{}/rerun", build["id"].as_str().unwrap());
    let again = rig.owner.post(&path, json!({})).await.created()["build"].clone();
    assert_eq!(steps(&build_in(&rig.owner, &again, "succeeded").await), expected);
    rig.tidy().await;
}

#[tokio::test]
async fn a_failed_step_may_be_tolerated_and_is_still_shown_as_failed() {
    let rig = Rig::start(&[]).await;
    let text = "  - {name: Lint, run: exit 3, continue_on_error: true}\n  - {name: After, run: echo on}\n  \
                - {name: Only after a failure, run: echo no, if: failure()}\n";
    let (build, log) = rig.built(&repository("", text), "succeeded").await;
    assert_eq!(
        steps(&build)[1..],
        [
            step("Lint", "failed", Some(3)),
            step("After", "succeeded", Some(0)),
            step("Only after a failure", "skipped", None)
        ]
    );
    assert!(log.contains("[oore] the build goes on: this step may fail"), "{log}");
    assert_eq!((&build["exit_code"], &build["failure_reason"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn after_a_failure_only_the_steps_that_ask_for_it_run() {
    let rig = Rig::start(&[]).await;
    let text = "  - {name: Break, run: \"false\\necho never\"}\n  - {name: Next, run: echo never}\n  \
                - {name: On main, run: echo never, if: branch == 'main'}\n  \
                - {name: Report, run: echo reported; exit 9, if: failure()}\n  - {name: Clean, run: echo cleaned, if: always()}\n";
    let (build, log) = rig.built(&repository("", text), "failed").await;
    assert_eq!(
        steps(&build)[1..],
        [
            step("Break", "failed", Some(1)),
            step("Next", "skipped", None),
            step("On main", "skipped", None),
            step("Report", "failed", Some(9)),
            step("Clean", "succeeded", Some(0)),
        ]
    );
    assert!(log.contains("\ncleaned\n") && log.contains("skipped: an earlier step failed"), "{log}");
    assert!(!log.lines().any(|line| line == "never"), "{log}");
    assert_eq!(build["error_message"], "step Break failed with exit code 1", "the first failure counts");
    assert_eq!((&build["exit_code"], &build["failure_reason"]), (&json!(1), &json!("step_failed")));
}

#[tokio::test]
async fn a_step_that_takes_too_long_is_ended_and_says_so() {
    let rig = Rig::start(&[]).await;
    let text = "  - {name: Slow, run: \"(setsid sleep 300 &); trap '' TERM; sleep 300\", timeout: 1s}\n  \
                - {name: Clean, run: echo cleaned, if: always()}\n";
    let (build, log) = rig.built(&repository("", text), "failed").await;
    assert_eq!(steps(&build)[1..], [step("Slow", "failed", None), step("Clean", "succeeded", Some(0))]);
    let why = "step Slow ran longer than its time-out and was stopped";
    assert!(log.contains(why) && log.contains("\ncleaned\n"), "{log}");
    assert_eq!((&build["error_message"], &build["failure_reason"]), (&json!(why), &json!("timed_out")));
    rig.tidy().await;
}

#[tokio::test]
async fn cancelling_cuts_also_the_steps_that_always_run() {
    let rig = Rig::start(&[]).await;
    let text = "  - {name: Break, run: exit 1}\n  - {name: Clean, run: echo cleaning; sleep 300, if: always()}\n  \
                - {name: More, run: echo never, if: always()}\n";
    let repository = repository("", text);
    let pipeline = rig.pipeline(&repository).await;
    let build = rig.owner.build(&pipeline).await;
    log_shows(&rig.owner, &build, "\ncleaning\n").await;
    let path = format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap());
    rig.owner.post(&path, json!({})).await.ok();
    rig.tidy().await;
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    assert!(!log.lines().any(|line| line == "never"), "{log}");
}

#[tokio::test]
async fn no_step_runs_outside_of_the_repository() {
    let rig = Rig::start(&[]).await;
    let text = "  - {name: Link, run: ln -s /etc out; ln -s sub inside; mkdir sub; touch file}\n  \
                - {name: Within, run: pwd, working_directory: inside}\n  \
                - {name: Out, run: echo never, working_directory: out, continue_on_error: true}\n  \
                - {name: Missing, run: echo never, working_directory: gone, continue_on_error: true}\n  \
                - {name: File, run: echo never, working_directory: file, continue_on_error: true}\n";
    let (build, log) = rig.built(&repository("", text), "succeeded").await;
    let statuses: Vec<String> = steps(&build).into_iter().skip(2).map(|(_, status, _)| status).collect();
    assert_eq!(statuses, ["succeeded", "failed", "failed", "failed"], "{log}");
    for why in
        ["'out' of step Out leads out of", "'gone' of step Missing does not", "'file' of step File is not"]
    {
        assert!(log.contains(why), "{log}");
    }
    assert!(!log.lines().any(|line| line == "never"), "{log}");
}

#[tokio::test]
async fn inputs_are_checked_against_the_file_of_the_commit() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let above = "inputs:\n  - {name: notes, type: string, required: true, description: For testers}\n  \
                 - {name: count, type: number, default: 3}\n";
    let repository = repository(above, "  - {name: A, run: make}\n");
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let offered = owner.get(&format!("/v1/pipelines/{}/inputs", pipeline["id"].as_str().unwrap())).await.ok();
    assert_eq!((&offered["platforms"], offered.get("problems")), (&json!(["android"]), None));
    assert_eq!(
        offered["inputs"][0],
        json!({"name": "notes", "type": "string", "required": true, "description": "For testers"})
    );
    for (inputs, field, why) in [
        (json!({}), "inputs.notes", "must be given"),
        (json!({"notes": "x", "count": "many"}), "inputs.count", "must be a number"),
        (json!({"notes": "x", "cuont": 1}), "inputs.cuont", "did you mean 'count'?"),
        (json!({"notes": ["x"]}), "inputs.notes", "must be a text, a number or a truth value"),
    ] {
        let refused = trigger(&owner, &pipeline, json!({"inputs": inputs})).await.error(400, "invalid_input");
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
        assert!(refused["fields"][0]["message"].as_str().unwrap().contains(why), "{refused}");
    }
    trigger(&owner, &pipeline, json!({"inputs": {"notes": "x"}, "platforms": ["macos"]}))
        .await
        .error(400, "invalid_input");
    let good = trigger(&owner, &pipeline, json!({"inputs": {"notes": "x", "count": 4.5}})).await.created();
    assert_eq!(good["build"]["config_snapshot"]["inputs"], json!({"notes": "x", "count": "4.5"}));
    let number = good["build"]["id"].as_str().unwrap();
    owner.post(&format!("/v1/builds/{number}/cancel"), json!({})).await.ok();
    let rerun = async |inputs: Value| {
        owner.post(&format!("/v1/builds/{number}/rerun"), json!({ "inputs": inputs })).await
    };
    let again = rerun(json!({"count": 7})).await.created();
    assert_eq!(
        again["build"]["config_snapshot"]["inputs"],
        json!({"notes": "x", "count": "7"}),
        "the others stay"
    );
    assert_eq!(again["build"]["source_build_id"], good["build"]["id"]);
    let refused = rerun(json!({"count": "many"})).await.error(400, "invalid_input");
    assert_eq!(refused["fields"][0]["field"], "inputs.count");
    let refused = rerun(json!({"cuont": 1})).await.error(400, "invalid_input");
    assert_eq!(refused["fields"][0]["field"], "inputs.cuont");
    repository.commit("break it", &[(".oore.yaml", "version: 2\nplatforms: [ios]\nsteps: [{}]\n")]);
    let refused =
        trigger(&owner, &pipeline, json!({"inputs": {"notes": "x"}})).await.error(400, "invalid_input");
    let message = refused["fields"][0]["message"].as_str().unwrap();
    assert!(message.starts_with(".oore.yaml is not valid: line 3, column "), "{message}");
    let offered = owner.get(&format!("/v1/pipelines/{}/inputs", pipeline["id"].as_str().unwrap())).await.ok();
    assert_eq!(
        (&offered["problems"]["path"], &offered["problems"]["diagnostics"][0]["line"]),
        (&json!(".oore.yaml"), &json!(3))
    );
    // A file with mistakes is for the runner to report: the build is made.
    trigger(&owner, &pipeline, json!({})).await.created();
}

#[tokio::test]
async fn a_version_1_file_has_no_inputs() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let refused = trigger(&owner, &pipeline, json!({"inputs": {"a": "x"}})).await.error(400, "invalid_input");
    assert!(refused["fields"][0]["message"].as_str().unwrap().contains("declares no inputs"), "{refused}");
    let build = trigger(&owner, &pipeline, json!({"inputs": {}})).await.created()["build"].clone();
    assert_eq!(build["config_snapshot"].get("inputs"), None);
}

#[tokio::test]
async fn an_older_runner_gets_no_build_of_version_2_not_even_a_broken_one() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = repository("", "  - {name: A, run: make}\n");
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let good = owner.build(&pipeline).await;
    repository.commit("break it", &[(".oore.yaml", "version: 2\nplatforms: [ios]\nmatrix: []\n")]);
    let broken = owner.build(&pipeline).await;
    repository.commit("back", &[(".oore.yaml", "version: 1\nplatforms: [ios]\n")]);
    let first = owner.build(&pipeline).await;
    let old = Agent::register(&owner, "old", 4).await;
    assert_eq!(old.begin().await["build_id"], first["id"], "version 1 passes the others by");
    let waiting = owner.get(&format!("/v1/builds/{}", good["id"].as_str().unwrap())).await.ok();
    let why = waiting["build"]["waiting_reason"].as_str().unwrap();
    assert!(why.contains("lacks protocol:5"), "{why}");
    let new = Agent::register(&owner, "new", 5).await;
    let job = new.begin().await;
    assert_eq!(job["build_id"], good["id"]);
    new.report(&job, json!({"status": "succeeded"})).await.ok();
    assert_eq!(new.begin().await["build_id"], broken["id"]);
}

#[tokio::test]
async fn what_the_file_says_about_other_builds_wins_over_the_settings() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let steps = "  - {name: A, run: make}\n";
    let repository = repository("concurrency: {max_concurrent: 1}\n", steps);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
    let settings = json!({"concurrency": {"cancel_previous": true, "max_concurrent": 2}});
    owner.patch(&path, settings).await.ok();
    let first = owner.build(&pipeline).await;
    let second = owner.build(&pipeline).await;
    let (one, other) = (Agent::register(&owner, "one", 5).await, Agent::register(&owner, "other", 5).await);
    assert_eq!(one.begin().await["build_id"], first["id"], "the file does not cancel what is older");
    assert_eq!(other.try_claim(0).await.ok(), json!({}), "the file allows one at a time");
    let waiting = owner.get(&format!("/v1/builds/{}", second["id"].as_str().unwrap())).await.ok();
    assert!(
        waiting["build"]["waiting_reason"].as_str().unwrap().contains("may run 1 at a time"),
        "{waiting}"
    );
    repository.commit("more", &[(".oore.yaml", &file("concurrency: {cancel_previous: true}\n", steps))]);
    let third = owner.build(&pipeline).await;
    for older in [&first, &second] {
        let path = format!("/v1/builds/{}", older["id"].as_str().unwrap());
        assert_eq!(owner.get(&path).await.ok()["build"]["status"], "canceled");
    }
    assert_eq!(other.begin().await["build_id"], third["id"]);
}

#[tokio::test]
async fn the_schema_of_files_is_served_to_editors() {
    let server = Server::start().await;
    let answer = server.anonymous().get("/schema/oore-pipeline.json").await;
    assert_eq!(answer.header("content-type"), Some("application/schema+json"));
    assert_eq!(answer.ok()["title"], "Oore CI pipeline");
}

#[tokio::test]
async fn files_of_version_2_are_previewed_with_their_steps() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let above = "env: {KEY: hidden-value}\ninputs: [{name: a, type: boolean}]\n";
    let repository = repository(above, "  - {name: Pack, run: make}\n");
    let project = owner.project("App", &repository).await;
    let path = format!("/v1/projects/{}/repository-workflows", project["id"].as_str().unwrap());
    let answer = owner.get(&path).await;
    let execution = answer.ok()["workflows"][0]["execution"].clone();
    assert_eq!((&execution["version"], &execution["env_keys"]), (&json!(2), &json!(["KEY"])));
    assert_eq!(execution["steps"], json!([{"name": "Pack", "run": "make"}]));
    assert_eq!(execution["inputs"][0]["name"], "a");
    assert!(!answer.text.contains("hidden-value"));
}
