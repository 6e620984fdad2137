//! `oore project`, `pipeline` and `build` against a real daemon: finding what people mean, starting, following,
//! reading and ending builds, over cut connections too.

use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::agent::{Agent, frame, marker};
use crate::support::following::Following;
use crate::support::go_between::{GoBetween, PORTAL_PAGE};
use crate::support::operator::{Operator, Session, said};
use crate::support::program::free_port;
use crate::support::{Client, Repository, Server, build_in};

struct Rig {
    server: Server,
    owner: Client,
    operator: Operator,
    runner: Agent,
    project: Value,
    pipeline: Value,
    repository: Repository,
}

impl Rig {
    /// A project `Shop` with a pipeline `Main`, a runner worked by hand, and an operator who is signed in.
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["mkdir out && echo app > out/app.apk"]);
        let project = owner.project("Shop", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        let runner = Agent::register(&owner, "r", 5).await;
        let operator = Operator::new();
        operator.json(&["login", "--daemon-url", &server.base, "--json"]).await;
        Self { server, owner, operator, runner, project, pipeline, repository }
    }

    /// A build that wrote two lines, one of them red, and ended so.
    async fn built(&self, status: &str) -> Value {
        let build = self.owner.build(&self.pipeline).await;
        let job = self.runner.begin().await;
        let frames = [marker(1, "build-1"), frame(1, "one"), frame(1, "\x1b[31mtwo\x1b[0m\x1b]0;title\x07")];
        self.runner.frames(&job, 0, &frames).await.ok();
        let step = json!({"name": "build-1", "status": status, "started_at": 1, "finished_at": 2, "duration_ms": 1000});
        self.runner.report(&job, json!({"status": status, "log_frames": 3, "steps": [step]})).await.ok();
        build
    }

    async fn fails(&self, arguments: &[&str], code: i32) -> String {
        let done = self.operator.run(arguments).await;
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
        assert!(done.stdout.is_empty(), "{arguments:?}: {}", said(&done));
        said(&done)
    }

    async fn shows(&self, arguments: &[&str]) -> String {
        let done = self.operator.run(arguments).await;
        assert!(done.status.success(), "{arguments:?}: {}", said(&done));
        String::from_utf8(done.stdout).unwrap()
    }

    async fn status(&self, build: &Value) -> Value {
        let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
        self.owner.get(&path).await.ok()["build"]["status"].clone()
    }
}

#[tokio::test]
async fn a_build_is_started_and_followed_and_its_outcome_is_the_exit_code() {
    let rig = Rig::start().await;
    for (status, code) in [("succeeded", 0), ("failed", 1), ("timed_out", 6)] {
        let trigger = ["build", "trigger", "Shop/Main", "--branch", "main", "--watch"];
        let watch = Following::start(rig.operator.command(&trigger)).shows("is queued").await;
        let job = rig.runner.begin().await;
        rig.runner.frames(&job, 0, &[marker(1, "build-1"), frame(1, "\x1b[32mgreen\x1b[0m")]).await.ok();
        let watch = watch.shows("green").await;
        rig.runner.frames(&job, 2, &[frame(1, "the end")]).await.ok();
        rig.runner.report(&job, json!({"status": status, "log_frames": 3})).await.ok();
        let (found, shown, beside) = watch.end().await;
        assert_eq!(found, Some(code), "{shown}{beside}");
        assert!(shown.contains("== build-1\ngreen\nthe end\n") && shown.contains(status), "{shown}");
        assert!(!shown.contains('\x1b') && !beside.contains('\x1b'), "no colours in a pipe: {shown:?}");
    }
}

#[tokio::test]
async fn a_build_that_is_canceled_while_somebody_watches_ends_so_for_them() {
    let rig = Rig::start().await;
    let watch = Following::start(rig.operator.command(&["build", "trigger", "Shop", "--watch"]));
    let watch = watch.shows("Shop#1 is queued").await;
    assert!(rig.shows(&["build", "cancel", "Shop#1"]).await.contains("canceled"));
    let (code, shown, beside) = watch.end().await;
    assert_eq!(code, Some(5), "{shown}{beside}");
    assert!(rig.fails(&["build", "cancel", "1"], 1).await.contains("error:"), "it is over already");
}

#[tokio::test]
async fn a_cut_stream_is_taken_up_where_it_broke() {
    let rig = Rig::start().await;
    let between = GoBetween::before(&rig.server.base).await;
    rig.owner.build(&rig.pipeline).await;
    let job = rig.runner.begin().await;
    rig.runner.frames(&job, 0, &[marker(1, "build-1"), frame(1, "line 1")]).await.ok();
    let token = rig.owner.token.clone().unwrap();
    let arguments = ["build", "watch", "Shop#1", "--daemon-url", &between.base, "--token", &token];
    let watch = Following::start(rig.operator.command(&arguments)).shows("line 1").await;
    between.answer(PORTAL_PAGE);
    between.has_answered(2).await;
    rig.runner.frames(&job, 2, &[frame(1, "line 2"), frame(1, "line 3")]).await.ok();
    between.step_aside();
    let watch = watch.shows("line 3").await;
    rig.runner.report(&job, json!({"status": "succeeded", "log_frames": 4})).await.ok();
    let (code, shown, beside) = watch.end().await;
    assert_eq!(code, Some(0), "{shown}{beside}");
    assert!(shown.contains("== build-1\nline 1\nline 2\nline 3\n"), "{shown}");
    assert!(beside.contains("trying again"), "{beside}");
}

#[tokio::test]
async fn who_stops_watching_leaves_the_build_alone() {
    let rig = Rig::start().await;
    let build = rig.owner.build(&rig.pipeline).await;
    let job = rig.runner.begin().await;
    rig.runner.frames(&job, 0, &[marker(1, "build-1"), frame(1, "at work")]).await.ok();
    let watch = Following::start(rig.operator.command(&["build", "watch", "#1"])).shows("at work").await;
    watch.interrupt();
    let (code, shown, beside) = watch.end().await;
    assert_eq!(code, Some(130), "{shown}{beside}");
    assert!(beside.contains("goes on") && beside.contains("oore build cancel Shop#1"), "{beside}");
    assert_eq!(rig.status(&build).await, "running");
}

#[tokio::test]
async fn a_session_that_ends_while_somebody_watches_ends_the_watching() {
    let rig = Rig::start().await;
    let build = rig.owner.build(&rig.pipeline).await;
    let job = rig.runner.begin().await;
    rig.runner.frames(&job, 0, &[marker(1, "build-1"), frame(1, "at work")]).await.ok();
    let made = rig.operator.json(&["token", "create", "ci", "--role", "admin", "--json"]).await;
    let token = made["token"].as_str().unwrap().to_owned();
    let arguments = ["build", "watch", "1", "--daemon-url", &rig.server.base, "--token", &token, "--json"];
    let watch = Following::start(rig.operator.command(&arguments)).shows("at work").await;
    rig.shows(&["token", "revoke", "ci"]).await;
    let (code, shown, beside) = watch.end().await;
    assert_eq!(code, Some(4), "{shown}{beside}");
    let lines: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[1]["type"], &lines[1]["content"]), (&json!("log"), &json!("at work")));
    assert_eq!(rig.status(&build).await, "running");
}

#[tokio::test]
async fn a_log_is_printed_whole_or_by_step_and_exactly_if_that_is_wanted() {
    let rig = Rig::start().await;
    let build = rig.built("succeeded").await;
    let shown = rig.shows(&["build", "logs", "Shop#1"]).await;
    assert!(shown.contains("one\ntwo") && !shown.contains('\x1b'), "{shown:?}");
    let coloured = rig.shows(&["build", "logs", "Shop#1", "--color", "always"]).await;
    assert!(coloured.contains("\x1b[31mtwo\x1b[0m"), "colours stay: {coloured:?}");
    assert!(!coloured.contains("\x1b]0;") && !coloured.contains('\x07'), "and nothing else: {coloured:?}");
    let raw = rig.operator.run(&["build", "logs", "Shop#1", "--raw"]).await.stdout;
    assert_eq!(raw, rig.owner.raw_log(&build).await);
    assert!(rig.shows(&["build", "logs", "1", "--step", "build-1"]).await.contains("one\n"));
    let unknown = rig.fails(&["build", "logs", "1", "--step", "deploy"], 1).await;
    assert!(unknown.contains("build-1"), "its steps are named: {unknown}");
    let lines = rig.shows(&["build", "logs", "1", "--json"]).await;
    let first: Value = serde_json::from_str(lines.lines().nth(1).unwrap()).unwrap();
    assert_eq!((&first["sequence"], &first["content"]), (&json!(1), &json!("one")));
}

#[tokio::test]
async fn builds_are_listed_by_filters_and_shown_with_their_steps() {
    let rig = Rig::start().await;
    rig.built("succeeded").await;
    rig.built("failed").await;
    let all = rig.operator.json(&["build", "list", "--json"]).await;
    let numbers = |list: &Value| -> Vec<i64> {
        list["builds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|build| build["build_number"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&all), [2, 1]);
    for (flags, expected) in [
        (&["--status", "failed"][..], &[2][..]),
        (&["--status", "failed", "--status", "succeeded"], &[2, 1]),
        (&["--project", "shop"], &[2, 1]),
        (&["--pipeline", "Shop/Main", "--limit", "1"], &[2]),
        (&["--branch", "other"], &[]),
        (&["--trigger", "webhook"], &[]),
        (&["--search", "#1"], &[1]),
    ] {
        let found = rig.operator.json(&[&["build", "list", "--json"][..], flags].concat()).await;
        assert_eq!(numbers(&found), expected, "{flags:?}");
    }
    let table = rig.shows(&["build", "list"]).await;
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("BUILD") && lines[1].starts_with("Shop#2") && lines.len() == 3, "{table}");
    let shown = rig.shows(&["build", "show", "Shop#2"]).await;
    assert!(shown.contains("failed") && shown.contains("build-1") && !shown.contains('\x1b'), "{shown}");
    let detail = rig.operator.json(&["build", "show", "Shop#2", "--json"]).await;
    assert!(
        detail["build"]["id"].is_string() && detail["events"].is_array() && detail["failure"].is_object()
    );
    let waiting = rig.owner.build(&rig.pipeline).await;
    rig.runner.beat("offline").await;
    let shown = rig.shows(&["build", "show", waiting["id"].as_str().unwrap()]).await;
    assert!(shown.contains("waits"), "{shown}");
}

#[tokio::test]
async fn a_table_fits_its_terminal_and_is_one_line_a_row_in_a_pipe() {
    let rig = Rig::start().await;
    let branch = format!("feature/{}", "long-".repeat(30));
    rig.repository.git(&["branch", &branch]);
    rig.operator.json(&["build", "trigger", "Shop", "--branch", &branch, "--json"]).await;
    let piped = rig.shows(&["build", "list"]).await;
    assert!(piped.lines().count() == 2 && piped.contains(&branch), "{piped}");
    let command = rig.operator.command(&["build", "list", "--color", "never"]);
    let (shown, code) = tokio::task::spawn_blocking(|| Session::start(command).end()).await.unwrap();
    let widest = shown.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
    assert!(code == Some(0) && widest <= 120 && shown.lines().count() > 2, "{widest}: {shown}");
}

#[tokio::test]
async fn a_build_is_run_again_from_its_start_or_a_step() {
    let rig = Rig::start().await;
    rig.built("failed").await;
    let answer = rig.operator.json(&["build", "rerun", "Shop#1", "--json"]).await;
    assert_eq!(answer["build"]["build_number"], 2);
    assert!(rig.shows(&["build", "rerun", "Shop#1"]).await.contains("Shop#3 is queued"));
    assert!(
        rig.fails(&["build", "rerun", "Shop#1", "--from-step", "nowhere"], 2).await.contains("from_step")
    );
    let both = ["build", "rerun", "Shop#1", "--from-step", "a", "--failed-step"];
    rig.fails(&both, 2).await;
}

#[tokio::test]
async fn inputs_and_other_choices_of_a_build_reach_it() {
    let rig = Rig::start().await;
    let file = "version: 2\nplatforms: [android]\ninputs:\n  - { name: flavor, type: choice, options: [dev, prod], default: dev }\n\
                steps:\n  - name: one\n    run: \"true\"\n";
    let commit = rig.repository.commit("inputs", &[(".oore.yaml", file)]);
    let start = ["build", "trigger", "Shop/Main", "--commit", &commit, "--input", "flavor=prod", "--json"];
    let made = rig.operator.json(&start).await;
    assert_eq!((&made["build"]["commit_sha"], &made["build"]["status"]), (&json!(commit), &json!("queued")));
    assert!(made["build"].to_string().contains("prod"), "{made}");
    rig.operator.json(&["build", "cancel", "Shop#1", "--json"]).await;
    let again = rig.operator.json(&["build", "rerun", "Shop#1", "--input", "flavor=dev", "--json"]).await;
    assert_eq!(again["build"]["config_snapshot"]["inputs"], json!({"flavor": "dev"}));
    rig.fails(&["build", "rerun", "Shop#1", "--input", "flavor=blue"], 2).await;
    let of_android =
        rig.operator.json(&["build", "list", "--platform", "android", "--author", "me", "--json"]).await;
    assert_eq!(of_android["builds"].as_array().unwrap().len(), 2);
    let of_others = rig.operator.json(&["build", "list", "--author", "nobody", "--json"]).await;
    assert_eq!(of_others["builds"], json!([]));
    let of_ios = rig.operator.json(&["build", "list", "--platform", "ios", "--json"]).await;
    assert_eq!(of_ios["builds"], json!([]));
    for wrong in [
        &["--input", "flavor=blue"][..],
        &["--input", "flavor"],
        &["--platform", "windows"],
        &["--commit", "xyz"],
    ] {
        rig.fails(&[&["build", "trigger", "Shop/Main"][..], wrong].concat(), 2).await;
    }
    let both = ["build", "trigger", "Shop", "--branch", "main", "--ref", "v1"];
    rig.fails(&both, 2).await;
}

#[tokio::test]
async fn names_are_taken_as_people_type_them_and_never_guessed() {
    let rig = Rig::start().await;
    rig.built("succeeded").await;
    let other = Repository::running(&["true"]);
    let slashed = rig.owner.project("Shop/Web", &other).await;
    rig.owner.pipeline(&slashed, "Main").await;
    let found = rig.operator.json(&["build", "trigger", "shop/web/main", "--json"]).await;
    assert_eq!(found["build"]["project_id"], slashed["id"]);
    let unknown = rig.fails(&["build", "trigger", "Nowhere"], 1).await;
    assert!(
        unknown.contains("there is no project 'Nowhere'") && unknown.contains("oore project list"),
        "{unknown}"
    );
    rig.fails(&["build", "trigger", "Shop/Nothing"], 1).await;
    rig.fails(&["build", "list", "--project", ""], 1).await;
    for wrong in ["Shop#x", "Shop#", "#", "", "Shop#-1", "Shop#99999999999999999999"] {
        rig.fails(&["build", "show", wrong], 2).await;
    }
    rig.fails(&["build", "show", "Shop#99"], 1).await;
    rig.fails(&["build", "show", "0199b0c0-0000-7000-8000-000000000000"], 1).await;

    let number = rig.fails(&["build", "show", "1"], 2).await;
    assert!(number.contains("Shop#1") && number.contains("Shop/Web#1"), "{number}");
    rig.owner.pipeline(&rig.project, "Beta").await;
    let several = rig.fails(&["build", "trigger", "Shop"], 2).await;
    assert!(several.contains("Shop/Main") && several.contains("Shop/Beta"), "{several}");
    let twin = rig.owner.project("SHOP", &other).await;
    let ambiguous = rig.fails(&["build", "list", "--project", "shop"], 2).await;
    assert!(ambiguous.contains(twin["id"].as_str().unwrap()), "{ambiguous}");
    assert!(
        rig.operator.run(&["build", "list", "--project", "Shop"]).await.status.success(),
        "the exact one wins"
    );
    let projects = rig.shows(&["project", "list"]).await;
    assert!(projects.contains("Shop/Web") && projects.lines().count() == 4, "{projects}");
    let pipelines = rig.operator.json(&["pipeline", "list", "Shop", "--json"]).await;
    assert_eq!(pipelines["pipelines"].as_array().unwrap().len(), 2);
    assert!(rig.shows(&["pipeline", "list"]).await.contains("Shop/Web/Main"));
    let page = rig.shows(&["open", "Shop#1", "--print"]).await;
    assert!(page.starts_with(&format!("{}/builds/", rig.server.base)), "{page}");
    let page = rig.operator.json(&["open", "Shop/Web", "--json"]).await;
    assert!(page["url"].as_str().unwrap().ends_with(slashed["id"].as_str().unwrap()), "{page}");
}

/// Every command that asks the daemon.
const ASKING: [&[&str]; 17] = [
    &["project", "list"],
    &["pipeline", "list"],
    &["build", "list"],
    &["build", "show", "Shop#1"],
    &["build", "trigger", "Shop"],
    &["build", "watch", "Shop#1"],
    &["build", "logs", "Shop#1"],
    &["build", "cancel", "Shop#1"],
    &["build", "rerun", "Shop#1"],
    &["artifacts", "list", "Shop#1"],
    &["artifacts", "download", "Shop#1"],
    &["user", "list"],
    &["user", "invite", "a@b"],
    &["token", "list"],
    &["token", "create", "ci", "--role", "developer"],
    &["runner", "list"],
    &["open", "Shop", "--print"],
];

#[tokio::test]
async fn a_daemon_that_is_away_and_a_session_that_is_over_have_their_exit_codes_everywhere() {
    let rig = Rig::start().await;
    rig.built("succeeded").await;
    let nobody = format!("http://127.0.0.1:{}", free_port());
    for command in ASKING {
        let away = rig.fails(&[command, &["--daemon-url", &nobody]].concat(), 3).await;
        assert!(away.contains("cannot be reached") && away.contains("hint:"), "{command:?}: {away}");
    }
    rig.server.advance(24 * 3600 + 1);
    for command in ASKING {
        let over = rig.fails(command, 4).await;
        assert!(over.contains("hint:"), "{command:?}: {over}");
    }
}

#[tokio::test]
async fn what_a_role_forbids_is_refused_with_the_exit_code_for_it() {
    let rig = Rig::start().await;
    rig.built("succeeded").await;
    rig.server.person("qa@example.com", UserRole::QaViewer).await;
    let login = ["login", "--daemon-url", &rig.server.base, "--email", "qa@example.com", "--json"];
    rig.operator.json(&login).await;
    for command in
        [&["user", "list"][..], &["user", "invite", "a@b"], &["token", "create", "x", "--role", "owner"]]
    {
        let refused = rig.fails(command, 4).await;
        assert!(refused.contains("permission_denied"), "{refused}");
    }
    assert!(rig.shows(&["build", "list"]).await.is_empty(), "it sees no project that it is no member of");
}

#[tokio::test]
async fn a_build_that_a_real_runner_executes_is_followed_from_the_queue_to_its_end() {
    let rig = Rig::start().await;
    rig.runner.beat("offline").await;
    let watch = Following::start(rig.operator.command(&["build", "trigger", "Shop", "--watch"]));
    let watch = watch.shows("is queued").await;
    let _far = crate::support::far_runner::FarRunner::start(&rig.owner, &rig.server.base, 1).await;
    let (code, shown, beside) = watch.end().await;
    assert_eq!(code, Some(0), "{shown}{beside}");
    assert!(shown.contains("== build-1") && shown.contains("succeeded"), "{shown}");
    let list = rig.operator.json(&["build", "list", "--json"]).await;
    build_in(&rig.owner, &list["builds"][0], "succeeded").await;
}
