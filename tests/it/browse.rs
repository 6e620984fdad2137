//! Looking for a repository with the folder picker.

use crate::support::{Repository, Server};

#[tokio::test]
async fn folders_are_listed_with_a_mark_on_repositories() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let root = tempfile::tempdir().unwrap();
    for name in ["beta", "Alpha", ".hidden"] {
        std::fs::create_dir(root.path().join(name)).unwrap();
    }
    std::fs::create_dir(root.path().join("beta/.git")).unwrap();
    std::fs::write(root.path().join("file.txt"), "").unwrap();
    let path = root.path().canonicalize().unwrap();
    let shown =
        owner.get(&format!("/v1/integrations/local-git/directories?path={}", path.display())).await.ok();
    let names: Vec<_> =
        shown["directories"].as_array().unwrap().iter().map(|entry| entry["name"].clone()).collect();
    assert_eq!(names, ["Alpha", "beta"]);
    assert_eq!(shown["directories"][1]["is_git_repository"], true);
    assert_eq!(shown["current_path"], path.display().to_string());
    assert_eq!(shown["parent_path"], path.parent().unwrap().display().to_string());
}

#[tokio::test]
async fn a_repository_is_recognised_when_one_stands_in_it() {
    let server = Server::start().await;
    let repository = Repository::with(&[("a", "b")]);
    let path = format!("/v1/integrations/local-git/directories?path={}", repository.path());
    assert_eq!(server.owner().await.get(&path).await.ok()["current_is_git_repository"], true);
}

#[tokio::test]
async fn folders_are_shown_only_on_the_machine_and_only_real_ones() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let path = "/v1/integrations/local-git/directories";
    let proxied = owner.request(reqwest::Method::GET, path).header("x-forwarded-for", "10.0.0.1");
    owner.send(proxied).await.error(403, "loopback_required");
    owner.get(&format!("{path}?path=relative")).await.error(400, "invalid_input");
    owner.get(&format!("{path}?path=/does/not/exist")).await.error(400, "invalid_input");
    server.anonymous().get(path).await.error(401, "missing_auth");
}
