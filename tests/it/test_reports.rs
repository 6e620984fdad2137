//! What the tests of a build found: from the reports its steps leave, through a real runner, to who asks;
//! and from runners worked by hand.

use reqwest::Method;
use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::{Agent, Answer, Client, Repository, Server, build_in};

/// Does what the SDK does: the same events to a file or to standard output, and findings for people.
const SDK: &str = r##"
run() {
cat <<END
{"protocolVersion":"0.1.1","runnerVersion":"1.26.3","pid":$1,"type":"start","time":0}
{"suite":{"id":0,"platform":"vm","path":"$PWD/test/cart_test.dart"},"type":"suite","time":0}
{"test":{"id":1,"name":"loading $PWD/test/cart_test.dart","suiteID":0,"groupIDs":[],"line":null,"column":null,"url":null},"type":"testStart","time":1}
{"count":1,"time":5,"type":"allSuites"}
{"testID":1,"result":"success","skipped":false,"hidden":true,"type":"testDone","time":900}
{"group":{"id":2,"suiteID":0,"parentID":null,"name":"","testCount":4,"line":null,"column":null,"url":null},"type":"group","time":901}
{"test":{"id":3,"name":"cart adds","suiteID":0,"groupIDs":[2],"line":8,"column":3,"url":"file://$PWD/test/cart_test.dart"},"type":"testStart","time":902}
{"testID":3,"result":"success","skipped":false,"hidden":false,"type":"testDone","time":932}
{"test":{"id":4,"name":"cart shows the total","suiteID":0,"groupIDs":[2],"line":175,"column":5,"url":"package:flutter_test/src/widget_tester.dart","root_line":15,"root_column":3,"root_url":"file://$PWD/test/cart_test.dart"},"type":"testStart","time":932}
{"testID":4,"messageType":"print","message":"The following TestFailure was thrown:\nExpected: exactly one widget\n  Actual: none, with ${TOKEN:-no token}","type":"print","time":990}
{"testID":4,"error":"Test failed. See exception logs above.","stackTrace":"#4      main.<anonymous closure> (file://$PWD/test/cart_test.dart:19:5)\n","isFailure":false,"type":"error","time":991}
{"testID":4,"result":"error","skipped":false,"hidden":false,"type":"testDone","time":1432}
{"test":{"id":5,"name":"cart is for later","suiteID":0,"groupIDs":[2],"line":30,"column":3,"url":"file://$PWD/test/cart_test.dart"},"type":"testStart","time":1432}
{"testID":5,"result":"success","skipped":true,"hidden":false,"type":"testDone","time":1433}
{"test":{"id":6,"name":"cart counts","suiteID":0,"groupIDs":[2],"line":40,"column":3,"url":"file://$PWD/test/cart_test.dart"},"type":"testStart","time":1433}
{"testID":6,"error":"Expected: <3>\n  Actual: <2>\n","stackTrace":"package:matcher expect\ntest/cart_test.dart 44:5  main.<fn>\n","isFailure":true,"type":"error","time":1440}
{"testID":6,"result":"failure","skipped":false,"hidden":false,"type":"testDone","time":1442}
{"success":false,"type":"done","time":1500}
END
}
case "$1" in
  test) case "$2" in
    --machine) run 41;;
    --file-reporter) run 42 > "${3#json:}"; echo "00:01 +1 ~1 -2: Some tests failed.";;
  esac; exit 1;;
  analyze) mkdir -p lib; touch lib/cart.dart
    printf 'Analyzing app...\n\n  error • Undefined name '"'x'"' • lib/cart.dart:3:7 • undefined_identifier\n'
    printf '   info • Avoid print • lib/cart.dart:9:1 • avoid_print\n\n2 issues found.\n'; exit 1;;
esac
"##;

/// A repository of version 2 with the stand-in for the SDK and these steps.
fn repository(steps: &str) -> Repository {
    let file = format!("version: 2\nplatforms: [android]\nartifacts: {{patterns: []}}\nsteps:\n{steps}");
    Repository::with(&[(".oore.yaml", &file), ("tool/sdk.sh", SDK), ("packages/app/sdk.sh", SDK)])
}

async fn tests_of(owner: &Client, build: &Value) -> Value {
    owner.get(&format!("/v1/builds/{}/tests", build["id"].as_str().unwrap())).await.ok()
}

async fn cases_of(owner: &Client, build: &Value, query: &str) -> Answer {
    owner.get(&format!("/v1/builds/{}/tests/cases{query}", build["id"].as_str().unwrap())).await
}

fn names(cases: &Value) -> Vec<&str> {
    cases.as_array().unwrap().iter().map(|case| case["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_failed_build_shows_which_tests_failed_and_what_the_analysis_found() {
    let rig = Rig::start(&[]).await;
    let steps = "  - {name: Analyze, run: sh tool/sdk.sh analyze, continue_on_error: true}\n  \
                 - {name: Test, run: 'sh tool/sdk.sh test --file-reporter \"json:$OORE_REPORTS/tests.json\"'}\n";
    let repository = repository(steps);
    let pipeline = rig.pipeline(&repository).await;
    let path = format!("/v1/pipelines/{}/variables/TOKEN", pipeline["id"].as_str().unwrap());
    rig.owner.put(&path, json!({"value": "tok-123456", "kind": "secret"})).await.ok();
    let build = build_in(&rig.owner, &rig.owner.build(&pipeline).await, "failed").await;
    assert_eq!(build["tests"], json!({"passed": 1, "failed": 2, "skipped": 1}));
    let found = tests_of(&rig.owner, &build).await;
    let counts = json!({"passed": 1, "failed": 1, "errors": 1, "skipped": 1});
    let expected = json!({"counts": counts, "duration_ms": 1500, "is_cut_off": false, "left_out": 0});
    assert_eq!(found["tests"], expected);
    assert_eq!(names(&found["failures"]), ["cart shows the total", "cart counts"]);
    let widget = &found["failures"][0];
    assert_eq!((&widget["file"], &widget["line"]), (&json!("test/cart_test.dart"), &json!(19)));
    let output = widget["failure"]["output"].as_str().unwrap();
    assert!(output.contains("exactly one widget") && output.ends_with("with ***"), "{output}");
    let counted = &found["failures"][1];
    assert_eq!(
        (&counted["line"], &counted["failure"]["message"]),
        (&json!(44), &json!("Expected: <3>\n  Actual: <2>"))
    );
    assert_eq!(names(&found["slowest"])[0], "cart shows the total");
    let analysis = &found["analysis"];
    assert_eq!(analysis["counts"], json!({"errors": 1, "warnings": 0, "infos": 1}));
    let finding = json!({"severity": "error", "file": "lib/cart.dart", "line": 3, "column": 7,
        "message": "Undefined name 'x'", "code": "undefined_identifier"});
    assert_eq!(analysis["findings"][0], finding);
    let log = String::from_utf8(rig.owner.raw_log(&build).await).unwrap();
    let told = "[oore] tests: 1 passed, 1 failed, 1 with errors, 1 skipped; analysis: 1 errors, 1 infos\n";
    assert!(log.contains(told), "{log}");

    let all = cases_of(&rig.owner, &build, "").await.ok();
    assert_eq!(
        names(&all["cases"]),
        ["cart shows the total", "cart counts", "cart adds", "cart is for later"]
    );
    assert!(all["cases"].as_array().unwrap().iter().all(|case| case.get("failure").is_none()));
    let bad = cases_of(&rig.owner, &build, "?outcome=failed,error&limit=1&offset=1").await.ok();
    assert_eq!((names(&bad["cases"]), &bad["total"]), (vec!["cart counts"], &json!(2)));
    let named = cases_of(&rig.owner, &build, "?q=ADDS").await.ok();
    assert_eq!((names(&named["cases"]), &named["total"]), (vec!["cart adds"], &json!(1)));
    cases_of(&rig.owner, &build, "?outcome=good").await.error(400, "invalid_input");
    cases_of(&rig.owner, &build, "?limit=0").await.error(400, "invalid_input");
}

#[tokio::test]
async fn what_a_step_prints_is_a_report_too_and_counts_once() {
    let rig = Rig::start(&[]).await;
    let steps = "  - name: Test\n    working_directory: packages/app\n    run: |\n      \
                 sh sdk.sh test --machine | tee \"$OORE_REPORTS/again.json\"\n      sh sdk.sh analyze || true\n";
    let (build, log) = rig.built(&repository(steps), "succeeded").await;
    let found = tests_of(&rig.owner, &build).await;
    assert_eq!(found["tests"]["counts"]["passed"], 1, "{found} {log}");
    assert_eq!(found["failures"][0]["file"], "packages/app/test/cart_test.dart");
    assert_eq!(found["analysis"]["findings"][0]["file"], "packages/app/lib/cart.dart");
    // Without reports there is nothing, and nothing is said.
    let (build, log) = rig.built(&repository("  - {name: Say, run: echo hello}\n"), "succeeded").await;
    assert_eq!(tests_of(&rig.owner, &build).await, json!({"failures": [], "slowest": []}));
    assert_eq!(build.get("tests"), None);
    assert!(!log.contains("tests:"), "{log}");
}

#[tokio::test]
async fn a_report_that_is_broken_or_a_trap_changes_no_outcome() {
    let rig = Rig::start(&[]).await;
    let steps = "  - name: Traps\n    run: |\n      \
                 sh tool/sdk.sh test --machine > run.json || true\n      \
                 head -c 1500 run.json > \"$OORE_REPORTS/cut.json\"\n      \
                 printf '{\"protocolVersion\":\"0.1.1\",\"pid\":1,\"type\":\"start\"}\\n\\377\\376{\"type\":\\n{\"type\":1}\\n' > \"$OORE_REPORTS/odd.json\"\n      \
                 printf '<testsuites><testsuite><testcase name=\"x\"/><testcase' > \"$OORE_REPORTS/cut.xml\"\n      \
                 head -c 3000000 /dev/zero | tr '\\0' x > \"$OORE_REPORTS/line.json\"\n      \
                 ln -s /etc/passwd \"$OORE_REPORTS/link.txt\"\n      \
                 ln -s / \"$OORE_REPORTS/root\"\n      \
                 mkfifo \"$OORE_REPORTS/pipe\"\n";
    let (build, log) = rig.built(&repository(steps), "succeeded").await;
    for (name, why) in [
        ("cut.json", "1 lines that make no sense"),
        ("odd.json", "lines that make no sense"),
        ("cut.xml", "breaks off"),
        ("line.json", "1 lines that make no sense"),
        ("link.txt", "is a symbolic link"),
        ("root", "is a symbolic link"),
        ("pipe", "is not a regular file"),
    ] {
        let said = log
            .lines()
            .any(|line| line.starts_with("[oore] the report ") && line.contains(name) && line.contains(why));
        assert!(said, "{name} {why}: {log}");
    }
    assert!(log.contains("; a report ends before its tests did\n"), "{log}");
    let found = tests_of(&rig.owner, &build).await;
    assert_eq!(found["tests"]["is_cut_off"], true);
    assert_eq!(found["tests"]["counts"]["passed"], 2, "{found}");
}

#[tokio::test]
async fn a_build_that_hangs_in_a_test_names_it() {
    let rig = Rig::start(&[]).await;
    let steps = "  - name: Test\n    timeout: 1s\n    run: \"sh tool/sdk.sh test --machine | head -n 7; sleep 300\"\n";
    let (build, _) = rig.built(&repository(steps), "failed").await;
    assert_eq!(build["failure_reason"], "timed_out");
    let found = tests_of(&rig.owner, &build).await;
    assert_eq!(names(&found["failures"]), ["cart adds"]);
    let why = found["failures"][0]["failure"]["message"].as_str().unwrap();
    assert!(why.contains("ends before this test does"), "{why}");
}

fn report(passed: u32) -> Value {
    let cases: Vec<Value> = (0..passed)
        .map(|number| json!({"name": format!("t{number}"), "outcome": "passed", "duration_ms": number}))
        .collect();
    let counts = json!({"passed": passed, "failed": 0, "errors": 0, "skipped": 0});
    json!({"tests": {"counts": counts, "duration_ms": 9, "cases": cases}})
}

async fn put(agent: &Agent, job: &Value, body: &Value) -> Answer {
    agent.client.send(agent.about(Method::PUT, job, "/tests").json(body)).await
}

#[tokio::test]
async fn a_runner_tells_of_its_attempt_before_the_end_and_as_often_as_it_likes() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let agent = Agent::register(&owner, "mac", 5).await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let build = owner.build(&pipeline).await;
    let job = agent.begin().await;
    for _ in 0..2 {
        put(&agent, &job, &report(2)).await.expect(204);
    }
    put(&agent, &job, &report(3)).await.expect(204);
    let newest = owner.get("/v1/builds").await.ok()["builds"][0].clone();
    assert_eq!(newest["tests"], json!({"passed": 3, "failed": 0, "skipped": 0}));
    let found = tests_of(&owner, &build).await;
    assert_eq!(names(&found["slowest"]), ["t2", "t1", "t0"]);

    let mut stale = job.clone();
    stale["attempt"] = json!(7);
    put(&agent, &stale, &report(9)).await.error(409, "attempt_superseded");
    let other = Agent::register(&owner, "other", 5).await;
    put(&other, &job, &report(9)).await.error(403, "runner_mismatch");
    let nameless = agent.client.put(&agent.path(&job, "/tests"), report(9)).await;
    nameless.error(400, "invalid_request");
    put(&agent, &job, &report(20_001)).await.error(400, "invalid_request");
    put(&agent, &job, &json!({"tests": 7})).await.error(400, "invalid_request");
    let mut large = report(1);
    large["tests"]["cases"][0]["name"] = "x".repeat(5 * 1024 * 1024).into();
    put(&agent, &job, &large).await.error(413, "payload_too_large");
    agent.report(&job, json!({"status": "succeeded"})).await.ok();
    put(&agent, &job, &report(9)).await.error(403, "runner_mismatch");
    assert_eq!(tests_of(&owner, &build).await, found);
}

#[tokio::test]
async fn findings_come_page_by_page() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let agent = Agent::register(&owner, "mac", 5).await;
    let repository = Repository::running(&["true"]);
    let build = owner.build(&owner.pipeline(&owner.project("App", &repository).await, "Main").await).await;
    let job = agent.begin().await;
    let finding = |line: u32| json!({"severity": "info", "file": "lib/a.dart", "line": line, "column": 1, "message": "m", "code": "c"});
    let findings: Vec<Value> = (1..=450).map(finding).collect();
    let counts = json!({"errors": 0, "warnings": 0, "infos": 457});
    let told = json!({"analysis": {"counts": counts, "findings": findings, "left_out": 7}});
    put(&agent, &job, &told).await.expect(204);
    let found = tests_of(&owner, &build).await["analysis"].clone();
    assert_eq!(found["findings"].as_array().unwrap().len(), 200);
    assert_eq!((&found["total"], &found["left_out"], &found["counts"]), (&json!(450), &json!(257), &counts));
    let page = async |query: &str| {
        let path = format!("/v1/builds/{}/tests/findings{query}", build["id"].as_str().unwrap());
        owner.get(&path).await
    };
    let second = page("?limit=200&offset=400").await.ok();
    assert_eq!((second["findings"].as_array().unwrap().len(), &second["total"]), (50, &json!(450)));
    assert_eq!(second["findings"][0]["line"], 401);
    page("?limit=0").await.error(400, "invalid_input");
}

#[tokio::test]
async fn a_report_goes_with_the_log_and_its_counts_stay() {
    let server = Server::start_with(&["--log-retention-days", "30"]).await;
    let owner = server.owner().await;
    let agent = Agent::register(&owner, "mac", 5).await;
    let repository = Repository::running(&["true"]);
    let build = owner.build(&owner.pipeline(&owner.project("App", &repository).await, "Main").await).await;
    let job = agent.begin().await;
    put(&agent, &job, &report(3)).await.expect(204);
    agent.report(&job, json!({"status": "succeeded"})).await.ok();
    server.advance(31 * 24 * 3600);
    let owner = server.owner().await;
    oored::builds::log_keeping::remove_old(&server.app).await.unwrap();
    let counts = json!({"passed": 3, "failed": 0, "errors": 0, "skipped": 0});
    let left = json!({"counts": counts, "duration_ms": 0, "is_cut_off": false, "left_out": 3});
    assert_eq!(tests_of(&owner, &build).await, json!({"tests": left, "failures": [], "slowest": []}));
    assert_eq!(cases_of(&owner, &build, "").await.ok(), json!({"cases": [], "total": 0}));
    let listed = owner.get("/v1/builds").await.ok()["builds"][0]["tests"].clone();
    assert_eq!(listed, json!({"passed": 3, "failed": 0, "skipped": 0}));
}

#[tokio::test]
async fn what_an_older_attempt_found_is_not_shown() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let agent = Agent::register(&owner, "mac", 5).await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let build = owner.build(&owner.pipeline(&project, "Main").await).await;
    let job = agent.begin().await;
    put(&agent, &job, &report(2)).await.expect(204);
    assert_eq!(names(&tests_of(&owner, &build).await["slowest"]), ["t1", "t0"], "the present one's is");
    let sql = "UPDATE builds SET attempt = attempt + 1";
    let again = async |tx: &oored::db::Tx| {
        use sea_orm::ConnectionTrait;
        Ok(tx.execute_unprepared(sql).await?)
    };
    server.app.db.write(again).await.unwrap();
    assert_eq!(tests_of(&owner, &build).await, json!({"failures": [], "slowest": []}));
    let shown = owner.get(&format!("/v1/builds/{}", build["id"].as_str().unwrap())).await.ok();
    assert_eq!(shown["build"].get("tests"), None);
}
