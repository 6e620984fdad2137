//! Members of projects: who is one, who manages them, and what each role may do.

use oored::domain::role::UserRole::{Admin, Developer, QaViewer};
use serde_json::{Value, json};

use crate::support::stream::Stream;
use crate::support::{Answer, Client, Repository, Server};

struct Shop {
    server: Server,
    owner: Client,
    project: Value,
    path: String,
    _repository: Repository,
}

/// An instance with a project.
async fn shop() -> Shop {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("Shop", &repository).await;
    let path = format!("/v1/projects/{}", project["id"].as_str().unwrap());
    Shop { server, owner, project, path, _repository: repository }
}

impl Shop {
    async fn add(&self, user: &str, role: &str) -> Answer {
        self.owner.post(&format!("{}/members", self.path), json!({"user_id": user, "role": role})).await
    }

    async fn set(&self, user: &str, role: &str) -> Answer {
        self.owner.patch(&format!("{}/members/{user}", self.path), json!({ "role": role })).await
    }

    async fn remove(&self, user: &str) -> Answer {
        self.owner.delete(&format!("{}/members/{user}", self.path)).await
    }
}

#[tokio::test]
async fn a_member_is_added_listed_changed_and_removed() {
    let shop = shop().await;
    let dev = shop.server.person("dev@x", Developer).await;
    let id = dev.id().await;
    let candidates = shop.owner.get(&format!("{}/members/candidates", shop.path)).await.ok();
    let emails: Vec<_> =
        candidates["candidates"].as_array().unwrap().iter().map(|one| &one["email"]).collect();
    assert_eq!(emails, ["dev@x", "owner@local"]);
    let member = shop.add(&id, "viewer").await.created()["member"].clone();
    assert_eq!(
        (&member["user_email"], &member["role"], &member["user_role"]),
        (&json!("dev@x"), &json!("viewer"), &json!("developer"))
    );
    assert_eq!(member["project_id"], shop.project["id"]);
    shop.add(&id, "viewer").await.error(409, "already_member");
    assert_eq!(shop.set(&id, "developer").await.ok()["member"]["role"], "developer");
    let members = dev.get(&format!("{}/members", shop.path)).await.ok()["members"].clone();
    assert_eq!(members.as_array().unwrap().len(), 1);
    let candidates = shop.owner.get(&format!("{}/members/candidates", shop.path)).await.ok();
    assert_eq!(candidates["candidates"].as_array().unwrap().len(), 1);
    assert_eq!(shop.remove(&id).await.ok()["ok"], true);
    shop.remove(&id).await.error(404, "not_found");
    shop.set(&id, "viewer").await.error(404, "not_found");
    let log = shop.owner.get("/v1/audit-logs?resource_type=project_member").await.ok();
    assert_eq!(log["total"], 3);
}

#[tokio::test]
async fn what_is_wrong_with_a_new_member_is_said() {
    let shop = shop().await;
    let dev = shop.server.person("dev@x", Developer).await.id().await;
    shop.add(&dev, "owner").await.error(400, "invalid_project_role");
    shop.add("nobody", "viewer").await.error(400, "invalid_user");
    shop.add("00000000-0000-7000-8000-000000000000", "viewer").await.error(400, "invalid_user");
    shop.owner.delete(&format!("/v1/users/{dev}")).await.ok();
    shop.add(&dev, "viewer").await.error(400, "invalid_user");
    shop.owner
        .post("/v1/projects/nothing/members", json!({"user_id": dev, "role": "viewer"}))
        .await
        .error(404, "not_found");
}

#[tokio::test]
async fn a_project_keeps_one_maintainer() {
    let shop = shop().await;
    let one = shop.server.person("one@x", Developer).await.id().await;
    let two = shop.server.person("two@x", Developer).await.id().await;
    shop.add(&one, "maintainer").await.created();
    shop.remove(&one).await.error(409, "last_maintainer");
    shop.set(&one, "viewer").await.error(409, "last_maintainer");
    shop.set(&one, "maintainer").await.ok();
    shop.add(&two, "maintainer").await.created();
    shop.set(&one, "viewer").await.ok();
    shop.remove(&one).await.ok();
    shop.remove(&two).await.error(409, "last_maintainer");
}

#[tokio::test]
async fn what_a_person_may_do_in_a_project_follows_from_membership_and_role() {
    let shop = shop().await;
    let pipeline = shop.owner.pipeline(&shop.project, "Android").await;
    let people = [
        (shop.server.person("admin@x", Admin).await, None, "maintainer"),
        (shop.server.person("lead@x", Developer).await, Some("maintainer"), "maintainer"),
        (shop.server.person("dev@x", Developer).await, Some("developer"), "developer"),
        (shop.server.person("guest@x", Developer).await, Some("viewer"), "viewer"),
        (shop.server.person("qa@x", QaViewer).await, Some("maintainer"), "viewer"),
        (shop.server.person("stranger@x", Developer).await, None, "nothing"),
    ];
    for (client, membership, _) in &people {
        if let Some(role) = membership {
            shop.add(&client.id().await, role).await.created();
        }
    }
    for (client, _, role) in &people {
        let detail = client.get(&shop.path).await;
        let rename = client.patch(&shop.path, json!({"description": "x"})).await;
        let manage = client.get(&format!("{}/members/candidates", shop.path)).await;
        let pipeline_path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
        let edit = client.patch(&pipeline_path, json!({"name": "Droid"})).await;
        let build =
            client.post(&format!("{}/builds", shop.path), json!({"pipeline_id": pipeline["id"]})).await;
        if *role == "nothing" {
            for answer in [detail, rename, manage, edit, build] {
                answer.error(404, "not_found");
            }
            assert_eq!(client.get("/v1/projects").await.ok()["total"], 0);
            continue;
        }
        assert_eq!(detail.ok()["current_user_role"], *role);
        let allowed = |answer: &Answer, may: bool| match may {
            true => assert!(answer.status.is_success(), "{role}: {} {}", answer.asked, answer.text),
            false => drop(answer.error(403, "permission_denied")),
        };
        allowed(&rename, *role == "maintainer");
        allowed(&manage, *role == "maintainer");
        allowed(&edit, *role != "viewer");
        allowed(&build, *role != "viewer");
        assert_eq!(client.get("/v1/projects").await.ok()["total"], 1);
    }
}

#[tokio::test]
async fn a_removed_member_no_longer_hears_of_the_project() {
    let shop = shop().await;
    let dev = shop.server.person("dev@x", Developer).await;
    let id = dev.id().await;
    let other = shop.owner.project("Other", &Repository::with(&[("a", "b")])).await;
    let mut stream = Stream::open(&dev, None).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    shop.add(&id, "viewer").await.created();
    assert_eq!(stream.next().await.unwrap().name, "project");
    shop.remove(&id).await.ok();
    shop.owner.patch(&shop.path, json!({"description": "secret"})).await.ok();
    shop.owner
        .post(
            &format!("/v1/projects/{}/members", other["id"].as_str().unwrap()),
            json!({"user_id": id, "role": "viewer"}),
        )
        .await
        .created();
    assert_eq!(stream.next().await.unwrap().data["project_id"], other["id"]);
}
