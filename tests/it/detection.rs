//! What a repository holds for pipelines before there is a project, and making a project with its pipelines at once.

use serde_json::{Value, json};

use crate::support::connected::Connected;
use crate::support::fault::Fault;
use crate::support::with_gitlab::Site;
use crate::support::{Answer, Client, Repository, Server};

const FLUTTER: &str = "dependencies:\n  flutter:\n    sdk: flutter\n";
const GRADLE: &str =
    "android {\n  productFlavors {\n    create(\"dev\") {}\n    create(\"prod\") {}\n  }\n}\n";

fn pubspec(name: &str) -> String {
    format!("name: {name}\n{FLUTTER}")
}

/// A monorepo with an application, a package with an example, a plain Dart package and what is made.
fn monorepo() -> Repository {
    Repository::with(&[
        ("apps/shop/pubspec.yaml", &pubspec("shop")),
        ("apps/shop/android/app/build.gradle.kts", GRADLE),
        ("apps/shop/ios/Runner.xcodeproj/xcshareddata/xcschemes/prod.xcscheme", "<Scheme/>"),
        ("apps/shop/ios/Runner/Info.plist", "<plist/>"),
        ("apps/shop/.fvm/fvm_config.json", "{\"flutterSdkVersion\": \"3.35.1\"}"),
        ("apps/shop/test/a_test.dart", "void main() {}"),
        ("packages/ui/pubspec.yaml", &pubspec("ui")),
        ("packages/ui/example/pubspec.yaml", &pubspec("ui_example")),
        ("packages/ui/example/web/index.html", "<html></html>"),
        ("packages/cli/pubspec.yaml", "name: cli\n"),
        ("apps/shop/build/x/pubspec.yaml", &pubspec("made")),
        (".oore/release.yaml", "version: 1\nplatforms: [ios]\n"),
        (".oore/broken.yaml", "version: 9\n"),
    ])
}

fn texts(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap_or_default().to_owned()).collect()
}

async fn detect(owner: &Client, body: Value) -> Answer {
    owner.post("/v1/projects/detect", body).await
}

fn assert_monorepo(found: &Value, repository: &Repository) {
    assert_eq!(found["commit_sha"], repository.git(&["rev-parse", "HEAD"]));
    assert_eq!(texts(&found["roots"], "path"), ["apps/shop", "packages/ui", "packages/ui/example"]);
    let shop = &found["roots"][0];
    assert_eq!((&shop["name"], &shop["platforms"]), (&json!("shop"), &json!(["android", "ios"])));
    assert_eq!(
        shop["flavors"],
        json!([{"name": "dev", "platforms": ["android"]}, {"name": "prod", "platforms": ["android", "ios"]}])
    );
    assert_eq!((&shop["flutter_version"], &shop["has_tests"]), (&json!("3.35.1"), &json!(true)));
    assert_eq!((&found["roots"][2]["is_example"], &found["truncated"]), (&json!(true), &json!(false)));
    assert_eq!(texts(&found["workflows"], "path"), [".oore/broken.yaml", ".oore/release.yaml"]);
    let names: Vec<String> = found["proposals"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["pipeline"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "broken",
            "release",
            "shop: Tests & analysis",
            "shop: Debug APK (dev)",
            "shop: Debug APK (prod)",
            "shop: Release Android (dev)",
            "shop: Release Android (prod)",
            "shop: iOS (prod)",
            "ui: Tests & analysis",
            "ui_example: Tests & analysis"
        ]
    );
    assert_eq!(
        (&found["proposals"][0]["suggested"], &found["proposals"][1]["suggested"]),
        (&json!(false), &json!(true))
    );
    let ios = &found["proposals"][7]["pipeline"]["execution_config"];
    assert_eq!(ios["platforms"], json!(["ios"]));
    assert_eq!(
        ios["platform_commands"]["ios"],
        "cd apps/shop && flutter build ios --release --no-codesign --flavor prod"
    );
    assert_eq!((&ios["flutter_version"], &found["problems"]), (&json!("3.35.1"), &json!([])));
}

#[tokio::test]
async fn the_roots_of_a_local_monorepo_are_found_and_a_project_is_made_with_the_chosen_pipelines() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = monorepo();
    let path = repository.path();
    let found = detect(&owner, json!({ "local_repository_path": path })).await.ok();
    assert_monorepo(&found, &repository);
    assert_eq!(owner.get("/v1/integrations").await.ok()["total"], 0, "looking connects nothing");
    let chosen: Vec<Value> = [1, 2, 7].iter().map(|n| found["proposals"][n]["pipeline"].clone()).collect();
    let body = json!({"name": "Shop", "local_repository_path": path, "pipelines": chosen});
    let made = owner.post("/v1/projects", body).await.created();
    assert_eq!(texts(&made["pipelines"], "name"), ["release", "shop: Tests & analysis", "shop: iOS (prod)"]);
    let project = made["project"]["id"].as_str().unwrap();
    let listed = owner.get(&format!("/v1/projects/{project}/pipelines?sort=name")).await.ok();
    assert_eq!(listed["total"], 3);
    assert_eq!(made["pipelines"][0]["config_path"], ".oore/release.yaml");
    let log = owner.get("/v1/audit-logs?action=pipeline_created").await.ok();
    assert_eq!(log["total"], 3);
}

#[tokio::test]
async fn nothing_is_made_when_one_of_the_pipelines_is_refused() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = monorepo();
    let good = json!({"name": "Good"});
    for (code, field, bad) in [
        ("invalid_input", "pipelines[1].name", json!({"name": " "})),
        (
            "invalid_execution_config",
            "pipelines[1].platforms",
            json!({"name": "x", "execution_config": {"platforms": []}}),
        ),
        ("invalid_config_path", "pipelines[1].config_path", json!({"name": "x", "config_path": "../x.yaml"})),
        (
            "invalid_trigger_config",
            "pipelines[1].trigger_config.events[0]",
            json!({"name": "x", "trigger_config": {"events": ["merge"], "branches": []}}),
        ),
    ] {
        let body =
            json!({"name": "Shop", "local_repository_path": repository.path(), "pipelines": [good, bad]});
        let refused = owner.post("/v1/projects", body).await.error(400, code);
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
    }
    let many: Vec<Value> = (0..65).map(|_| good.clone()).collect();
    let body = json!({"name": "Shop", "local_repository_path": repository.path(), "pipelines": many});
    owner.post("/v1/projects", body).await.error(400, "invalid_input");
    assert_eq!(owner.get("/v1/projects").await.ok()["total"], 0);
    assert_eq!(owner.get("/v1/integrations").await.ok()["total"], 0, "the folder is not connected either");
}

#[tokio::test]
async fn a_hostile_repository_is_looked_at_within_bounds() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let big = format!("name: big\n# {}\n{FLUTTER}", "x".repeat(200 * 1024));
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n\
        d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]\n";
    let repository = Repository::with(&[
        ("pubspec.yaml", &pubspec("top")),
        ("android/app/build.gradle", "productFlavors { \"$(touch pwned)\" {}\n ok {} }"),
        ("big/pubspec.yaml", &big),
        ("bomb/pubspec.yaml", bomb),
        ("list/pubspec.yaml", "- a\n"),
        ("it's $(x)/`id`/pubspec.yaml", &format!("name: $(id)\n{FLUTTER}")),
        ("new\nline/pubspec.yaml", &pubspec("odd")),
        (".fvmrc", "{\"flutter\": \"--help\"}"),
    ]);
    // Links in a circle, and one in place of a description.
    std::os::unix::fs::symlink("..", repository.folder().join("big/up")).unwrap();
    std::os::unix::fs::symlink("loop", repository.folder().join("loop")).unwrap();
    std::fs::create_dir(repository.folder().join("linked")).unwrap();
    std::os::unix::fs::symlink("../pubspec.yaml", repository.folder().join("linked/pubspec.yaml")).unwrap();
    repository.commit("links", &[]);
    let found = detect(&owner, json!({"local_repository_path": repository.path()})).await.ok();
    assert_eq!(texts(&found["roots"], "path"), ["", "it's $(x)/`id`"]);
    assert_eq!(found["roots"][0]["flavors"], json!([{"name": "ok", "platforms": ["android"]}]));
    assert!(found["roots"][0].get("flutter_version").is_none(), "{found}");
    assert_eq!(found["roots"][1]["name"], "`id`", "no name that Dart allows: that of the folder");
    let mut problems: Vec<(String, String)> = found["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["path"].as_str().unwrap().to_owned(), one["message"].as_str().unwrap().to_owned()))
        .collect();
    problems.sort();
    let paths: Vec<&str> = problems.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["big/pubspec.yaml", "bomb/pubspec.yaml", "list/pubspec.yaml", "new\u{fffd}line"]);
    assert!(problems[0].1.contains("larger than 128 KiB"), "{problems:?}");
    // What is proposed can be made as it is.
    let pipelines: Vec<Value> =
        found["proposals"].as_array().unwrap().iter().map(|one| one["pipeline"].clone()).collect();
    let body = json!({"name": "Odd", "local_repository_path": repository.path(), "pipelines": pipelines});
    owner.post("/v1/projects", body).await.created();
}

#[tokio::test]
async fn of_many_packages_some_are_shown_and_the_rest_is_told_of() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let files: Vec<(String, String)> =
        (0..70).map(|n| (format!("packages/p{n:02}/pubspec.yaml"), pubspec(&format!("p{n:02}")))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let repository = Repository::with(&files);
    let found = detect(&owner, json!({"local_repository_path": repository.path()})).await.ok();
    assert_eq!((found["roots"].as_array().unwrap().len(), &found["truncated"]), (24, &json!(true)));
    let empty = Repository::with(&[("README.md", "x")]);
    let found = detect(&owner, json!({"local_repository_path": empty.path()})).await.ok();
    assert_eq!((&found["roots"], &found["proposals"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn what_cannot_be_looked_at_says_why() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = monorepo();
    let path = repository.path();
    detect(&owner, json!({})).await.error(400, "invalid_input");
    detect(&owner, json!({"local_repository_path": path, "repository_id": "x"}))
        .await
        .error(400, "invalid_input");
    detect(&owner, json!({"repository_id": "x"})).await.error(400, "invalid_repository");
    detect(&owner, json!({"local_repository_path": "/nowhere"})).await.error(400, "invalid_repository");
    for branch in ["none", "--help", "a..b"] {
        let body = json!({"local_repository_path": path, "branch": branch});
        let refused = detect(&owner, body).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
    }
}

#[tokio::test]
async fn the_roots_of_a_repository_at_github_are_found() {
    let repository = monorepo();
    let site = Connected::with(&[("acme/shop", &repository)]).await;
    let id = site.repository("acme/shop").await["id"].clone();
    let found = detect(&site.owner, json!({ "repository_id": id })).await.ok();
    assert_monorepo(&found, &repository);
    assert_eq!((&found["provider"], &found["branch"]), (&json!("github"), &json!("main")));
    let release = &found["proposals"][5]["pipeline"]["trigger_config"];
    assert_eq!(release["branches"], json!(["main"]), "releases are built when something is pushed there");
    let pipelines = json!([found["proposals"][5]["pipeline"]]);
    let body = json!({"name": "Shop", "repository_id": id, "pipelines": pipelines});
    let made = site.owner.post("/v1/projects", body).await.created();
    assert_eq!(made["pipelines"][0]["trigger_config"]["events"], json!(["push"]));
    site.owner
        .post("/v1/projects/detect", json!({"repository_id": id, "branch": "none"}))
        .await
        .error(400, "invalid_ref");
    site.github.break_down("/api/v3/repos/acme/shop/git/trees", Fault::status(500));
    detect(&site.owner, json!({ "repository_id": id })).await.error(502, "github_api_error");
    // A tree without end is refused.
    site.github.recover();
    site.github.break_down("/api/v3/repos/acme/shop/git/trees", Fault::Endless);
    detect(&site.owner, json!({ "repository_id": id })).await.error(413, "repository_tree_too_large");
}

#[tokio::test]
async fn the_roots_of_a_project_at_gitlab_are_found_page_by_page() {
    let repository = monorepo();
    let site = Site::with_token(None, &[("group/shop", &repository)]).await;
    let id = site.repository("group/shop").await["id"].clone();
    site.gitlab.pages_of(7);
    let found = detect(&site.owner, json!({ "repository_id": id })).await.ok();
    assert_monorepo(&found, &repository);
    site.gitlab.pages_of(1);
    let many: Vec<(String, &str)> = (0..70).map(|n| (format!("docs/{n:02}"), "x")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    repository.commit("many files", &many);
    let cut = detect(&site.owner, json!({ "repository_id": id })).await.ok();
    assert_eq!(cut["truncated"], true);
}
