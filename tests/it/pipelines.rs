//! Pipelines.

use serde_json::{Value, json};

use crate::support::{Agent, Client, Repository, Server};

async fn shop(owner: &Client) -> Value {
    owner.project("Shop", &Repository::with(&[("a", "b")])).await
}

fn pipelines_of(project: &Value) -> String {
    format!("/v1/projects/{}/pipelines", project["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_pipeline_is_created_with_defaults_changed_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let project = shop(&owner).await;
    let pipeline = owner.pipeline(&project, "Android").await;
    assert_eq!(pipeline["config_path"], ".oore.yaml");
    assert_eq!(pipeline["config_path_explicit"], false);
    assert_eq!(pipeline["execution_config"]["platforms"], json!(["android"]));
    assert_eq!(pipeline["concurrency"], json!({"cancel_previous": false, "max_concurrent": null}));
    let path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
    let change = json!({"name": "Release", "enabled": false, "execution_config": {"platforms": ["ios"],
        "env": [{"key": "FLAVOR", "value": "prod"}], "artifact_patterns": ["*.ipa"]}});
    let changed = owner.patch(&path, change).await.ok()["pipeline"].clone();
    assert_eq!((changed["name"].as_str(), changed["enabled"].as_bool()), (Some("Release"), Some(false)));
    assert_eq!(changed["execution_config"]["env"][0]["value"], "prod");
    assert_eq!(owner.get(&path).await.ok()["build_count"], 0);
    owner.delete(&path).await.ok();
    owner.get(&path).await.error(404, "not_found");
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_own_code_and_field() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let project = shop(&owner).await;
    for (body, code, field) in [
        (json!({"name": " "}), "invalid_input", "name"),
        (json!({"name": "a", "config_path": "../x.yaml"}), "invalid_config_path", "config_path"),
        (
            json!({"name": "a", "execution_config": {"artifact_patterns": ["../*"]}}),
            "invalid_execution_config",
            "artifact_patterns[0]",
        ),
        (
            json!({"name": "a", "trigger_config": {"events": ["merge"]}}),
            "invalid_trigger_config",
            "trigger_config.events[0]",
        ),
        (
            json!({"name": "a", "concurrency": {"max_concurrent": 0}}),
            "invalid_concurrency",
            "concurrency.max_concurrent",
        ),
    ] {
        let refused = owner.post(&pipelines_of(&project), body).await.error(400, code);
        assert_eq!(refused["fields"][0]["field"], field);
    }
    assert_eq!(owner.get(&pipelines_of(&project)).await.ok()["total"], 0);
}

#[tokio::test]
async fn pipelines_are_listed_by_name_with_search_and_paging() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let project = shop(&owner).await;
    for name in ["charlie", "Alpha", "bravo 100%"] {
        owner.pipeline(&project, name).await;
    }
    let names = |answer: Value| -> Vec<String> {
        let rows = answer["pipelines"].as_array().unwrap().clone();
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let list = async |query: &str| owner.get(&format!("{}?{query}", pipelines_of(&project))).await.ok();
    assert_eq!(names(list("sort=name").await), ["Alpha", "bravo 100%", "charlie"]);
    assert_eq!(names(list("sort=name&direction=desc&limit=1&offset=1").await), ["bravo 100%"]);
    assert_eq!(names(list("search=ALPHA").await), ["Alpha"]);
    assert_eq!(names(list("search=0%25").await), ["bravo 100%"]);
    assert_eq!(list("limit=1").await["total"], 3);
}

#[tokio::test]
async fn a_configuration_can_be_checked_before_it_is_saved() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let check = async |body: Value| owner.post("/v1/pipelines/validate", body).await.ok();
    assert_eq!(check(json!({})).await, json!({"valid": true, "errors": [], "diagnostics": []}));
    let names = |plan: &Value| -> Vec<String> {
        let steps = plan["steps"].as_array().unwrap().iter();
        steps.map(|step| step["name"].as_str().unwrap().to_owned()).collect()
    };
    let config = json!({"platforms": ["android", "ios"], "commands": {"post_build": ["echo done"]}});
    let plan = check(json!({"execution_config": config, "runner_labels": ["BIG"]})).await["plan"].clone();
    let steps = ["checkout", "flutter", "pre_build-1", "build-1", "build-2", "post_build-1", "artifacts"];
    assert_eq!(
        (names(&plan), &plan["requirements"]),
        (steps.map(str::to_owned).to_vec(), &json!(["big", "os:macos"]))
    );
    assert_eq!((&plan["runners"], &plan["builds"]), (&json!([]), &json!(1)));
    let file = "version: 2\nplatforms: [android]\ninputs: [{name: notes, type: string, required: true}]\nmatrix: {flavor: [a, b]}\n\
                artifacts: {patterns: ['out/*']}\nsteps:\n  - {name: Go, run: make, if: branch == 'main'}\n";
    Agent::register(&owner, "old", 4).await;
    let fits = Agent::register(&owner, "own", 5).await;
    let plan = check(json!({ "repository_yaml": file })).await["plan"].clone();
    assert_eq!(names(&plan), ["checkout", "Go", "artifacts"]);
    assert_eq!(plan["steps"][1], json!({"name": "Go", "command": "make", "condition": "branch == 'main'"}));
    assert_eq!((&plan["requirements"], &plan["builds"]), (&json!(["protocol:5"]), &json!(2)));
    assert_eq!(
        (&plan["runners"][0]["id"], &plan["runners"][0]["missing"]),
        (&json!(fits.id), &json!([])),
        "{plan}"
    );
    assert_eq!(plan["runners"][1]["missing"], json!(["protocol:5"]));
    let yaml = "version: 1\nplatforms: [android]\nstages: []\n";
    let found = check(json!({"repository_yaml": yaml, "concurrency": {"max_concurrent": 101}})).await;
    assert_eq!((&found["valid"], found.get("plan")), (&json!(false), None));
    let errors = found["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[1].as_str().unwrap().starts_with("line 3, column 1: stages: unknown key"), "{errors:?}");
    let place = &found["diagnostics"][1];
    assert_eq!((&place["line"], &place["column"]), (&json!(3), &json!(1)));
    assert_eq!(place["message"], "stages: unknown key");
    assert!(place["hint"].as_str().unwrap().starts_with("known here: version"));
}

#[tokio::test]
async fn a_key_that_settings_do_not_have_is_refused_and_changes_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let project = shop(&owner).await;
    let made = owner.pipeline(&project, "Main").await;
    let pipeline = format!("/v1/pipelines/{}", made["id"].as_str().unwrap());
    let commands = json!({"execution_config": {"commands": {"build": ["make"]}}});
    let before = owner.patch(&pipeline, commands).await.ok()["pipeline"].clone();
    for settings in [
        json!({"commands": {"biuld": []}}),
        json!({"platform_commands": {"web": "make"}}),
        json!({"platform_build_args": {"web": []}}),
        json!({"env": [{"key": "A", "value": "b", "secret": true}]}),
    ] {
        let change = json!({"execution_config": settings});
        owner.patch(&pipeline, change).await.error(400, "invalid_request");
    }
    assert_eq!(before["execution_config"]["commands"]["build"], json!(["make"]));
    assert_eq!(owner.get(&pipeline).await.ok()["pipeline"], before);
}
