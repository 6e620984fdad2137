//! The first build: what the machine has, which applications are on it, and one call from a folder to a build that waits.

use std::path::Path;

use oored::domain::role::UserRole;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::program::{Daemon, free_port};
use crate::support::setting_up::behind_proxy;
use crate::support::{Agent, Repository, Server};

const PUBSPEC: &str = "dependencies:\n  flutter:\n    sdk: flutter\n";

fn pubspec(name: &str) -> String {
    format!("name: {name}\n{PUBSPEC}")
}

/// A work tree at `path` with these files, committed.
fn work_tree(path: &Path, files: &[(&str, &str)]) {
    std::fs::create_dir_all(path).unwrap();
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git").arg("-C").arg(path).args(arguments).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    for (name, content) in files {
        let file = path.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
    }
    git(&["add", "--all"]);
    git(&[
        "-c",
        "user.name=Ana",
        "-c",
        "user.email=a@b",
        "-c",
        "commit.gpgsign=false",
        "commit",
        "-qm",
        "First",
    ]);
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn applications_in_the_usual_folders_are_found_and_nothing_else_is_looked_at() {
    let machine = tempfile::tempdir().unwrap();
    let home = machine.path().join("home");
    let shop = [("pubspec.yaml", pubspec("shop")), ("android/app/x", "x".to_owned())];
    let shop: Vec<(&str, &str)> = shop.iter().map(|(name, text)| (*name, text.as_str())).collect();
    work_tree(&home.join("Projects/clients/shop"), &shop);
    let (app, ui, example, made) = (pubspec("app"), pubspec("ui"), pubspec("ui_example"), pubspec("made"));
    work_tree(
        &home.join("dev/mono"),
        &[
            ("apps/app/pubspec.yaml", &app),
            ("apps/app/ios/Runner/x", "x"),
            ("packages/ui/pubspec.yaml", &ui),
            ("packages/ui/example/pubspec.yaml", &example),
            ("packages/ui/example/android/x", "x"),
            ("build/made/pubspec.yaml", &made),
            ("packages/cli/pubspec.yaml", "name: cli\n"),
        ],
    );
    work_tree(&home.join("in_home"), &shop);
    // None of these counts: no git, no Flutter, too deep, hidden, guarded by the system, or only a link.
    std::fs::create_dir_all(home.join("dev/plain")).unwrap();
    std::fs::write(home.join("dev/plain/pubspec.yaml"), pubspec("plain")).unwrap();
    work_tree(&home.join("dev/rust"), &[("Cargo.toml", "[package]\n")]);
    work_tree(&home.join("dev/a/b/c/d/deep"), &shop);
    work_tree(&home.join("dev/.cache/hidden"), &shop);
    work_tree(&home.join("Documents"), &shop);
    work_tree(&machine.path().join("elsewhere/linked"), &shop);
    std::os::unix::fs::symlink(machine.path().join("elsewhere/linked"), home.join("dev/linked")).unwrap();
    std::os::unix::fs::symlink(machine.path().join("elsewhere"), home.join("src")).unwrap();

    let data = machine.path().join("data");
    let environment = [("HOME", home.to_str().unwrap()), ("OORED_RUNNER_MODE", "external")];
    let daemon = Daemon::start_in(&data, free_port(), &environment).await;
    let owner = daemon.client().sign_in(None).await;
    let found = owner.get("/v1/start/apps").await.ok();
    let mut names = texts(&found["apps"], "name");
    names.sort_unstable();
    assert_eq!(names, ["in_home", "mono", "shop"], "{found}");
    assert_eq!(found["truncated"], false);
    let apps = found["apps"].as_array().unwrap();
    let of = |name: &str| apps.iter().find(|app| app["name"] == name).unwrap();
    let roots = &of("mono")["roots"];
    assert_eq!(texts(roots, "path"), ["apps/app", "packages/ui", "packages/ui/example"]);
    assert_eq!((&roots[0]["is_app"], &roots[1]["is_app"]), (&json!(true), &json!(false)));
    assert!(of("shop")["used_at"].is_i64() && of("shop").get("project_id").is_none());

    let path = of("shop")["path"].clone();
    let made = owner.post("/v1/start", json!({"local_repository_path": path})).await.created();
    assert_eq!(made["project"]["name"], "shop");
    assert!(!made["pipelines"].as_array().unwrap().is_empty());
    assert_eq!((&made["build"]["status"], made.get("problem")), (&json!("queued"), None));
    assert_eq!(made["build"]["pipeline_id"], made["pipelines"][0]["id"]);
    let again = owner.get("/v1/start/apps").await.ok();
    let shop = again["apps"].as_array().unwrap().iter().find(|app| app["name"] == "shop").unwrap();
    assert_eq!(shop["project_id"], made["project"]["id"]);
}

#[tokio::test]
async fn the_checks_are_those_of_the_runner_that_would_build() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let nothing = owner.get("/v1/start").await.ok();
    assert_eq!((&nothing["place"], &nothing["has_projects"]), (&json!("here"), &json!(false)));
    assert_eq!((nothing.get("runner"), &nothing["checks"]), (None, &json!([])));
    let said =
        json!({"os": "linux", "protocol_version": 5, "tools": {"git": "2.4", "java": null}, "android": null});
    Agent::with(&owner, "here", said, &[]).await;
    let found = owner.get("/v1/start").await.ok();
    assert_eq!((&found["runner"]["name"], &found["runner"]["status"]), (&json!("here"), &json!("online")));
    let checks = found["checks"].as_array().unwrap();
    let of = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap();
    assert_eq!((&of("git")["status"], &of("git")["platforms"]), (&json!("ok"), &json!([])));
    assert_eq!((&of("jdk")["status"], &of("jdk")["platforms"]), (&json!("missing"), &json!(["android"])));
    assert!(of("jdk")["fix"].is_string());
}

#[tokio::test]
async fn a_project_stands_also_if_its_first_build_can_not_start() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::with(&[("README.md", "no application")]);
    let path = repository.path();
    let none = owner.post("/v1/start", json!({"local_repository_path": path})).await;
    assert!(none.error(409, "nothing_to_build")["hint"].is_string());
    assert_eq!(owner.get("/v1/projects").await.ok()["total"], 0);
    // Nothing is committed on the branch that is checked out: there is nothing to build.
    repository.git(&["switch", "--quiet", "--orphan", "empty"]);
    let body = json!({"local_repository_path": path, "name": "Mine", "pipelines": [{"name": "Main"}]});
    let made = owner.post("/v1/start", body).await.created();
    assert_eq!((&made["project"]["name"], made.get("build")), (&json!("Mine"), None));
    assert_eq!(made["problem"]["code"], "invalid_ref");
    assert_eq!(owner.get("/v1/projects").await.ok()["total"], 1);
}

#[tokio::test]
async fn only_operators_at_the_machine_itself_look_through_its_folders() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let proxied = owner.request(Method::GET, "/v1/start/apps").header("x-forwarded-for", "10.0.0.1");
    owner.send(proxied).await.error(403, "loopback_required");
    let proxied = owner.request(Method::GET, "/v1/start").header("x-forwarded-for", "10.0.0.1");
    assert_eq!(owner.send(proxied).await.ok()["place"], "elsewhere");
    let developer = server.person("dev@x", UserRole::Developer).await;
    developer.get("/v1/start/apps").await.error(403, "insufficient_role");
    server.anonymous().get("/v1/start/apps").await.error(401, "missing_auth");
    owner
        .post("/v1/start", json!({"local_repository_path": "/x", "pipeline": []}))
        .await
        .error(400, "invalid_request");
    owner.post("/v1/start", json!({"local_repository_path": "x"})).await.error(400, "invalid_repository");

    let team = Server::start().await;
    let owner = behind_proxy(&team, "ana@example.com").await;
    assert_eq!(owner.get("/v1/start").await.ok()["place"], "remote_mode");
    owner.get("/v1/start/apps").await.error(403, "mode_restricted");
    let repository = Repository::running(&["true"]);
    owner
        .post("/v1/start", json!({"local_repository_path": repository.path()}))
        .await
        .error(403, "mode_restricted");
}
