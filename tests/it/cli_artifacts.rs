//! `oore artifacts` against a real daemon: what arrives is whole or not kept, cut downloads go on, and nothing is
//! written outside of the chosen folder.

use std::path::{Path, PathBuf};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::following::Scissors;
use crate::support::operator::{Operator, said};
use crate::support::{Client, Repository, Server};

struct Rig {
    server: Server,
    owner: Client,
    operator: Operator,
    runner: Agent,
    job: Value,
    folder: PathBuf,
    _repository: Repository,
}

impl Rig {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("Shop", &repository).await;
        owner.build(&owner.pipeline(&project, "Main").await).await;
        let runner = Agent::register(&owner, "r", 5).await;
        let job = runner.begin().await;
        let operator = Operator::new();
        operator.json(&["login", "--daemon-url", &server.base, "--json"]).await;
        let folder = operator.home.path().join("files");
        Self { server, owner, operator, runner, job, folder, _repository: repository }
    }

    async fn store(&self, name: &str, content: &[u8]) -> Value {
        self.runner.store(&self.job, name, content).await
    }

    fn download<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        [&["artifacts", "download", "Shop#1", "--dir", self.folder.to_str().unwrap()][..], more].concat()
    }

    async fn fails(&self, more: &[&str], code: i32) -> String {
        let done = self.operator.run(&self.download(more)).await;
        assert_eq!(done.status.code(), Some(code), "{}", said(&done));
        said(&done)
    }

    fn files(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn content(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap()
    }
}

fn large() -> Vec<u8> {
    (0..1_500_000_u32).map(|n| (n % 251) as u8).collect()
}

#[tokio::test]
async fn artifacts_are_listed_and_downloaded_into_a_folder() {
    let rig = Rig::start().await;
    let empty = rig.operator.run(&["artifacts", "list", "Shop#1"]).await;
    assert!(empty.status.success() && empty.stdout.is_empty(), "{}", said(&empty));
    rig.fails(&[], 1).await;
    rig.store("app.apk", &large()).await;
    rig.store("notes.txt", b"hello").await;
    rig.store("empty", b"").await;
    let listed = said(&rig.operator.run(&["artifacts", "list", "Shop#1"]).await);
    assert!(listed.contains("app.apk") && listed.contains("1.4 MiB") && listed.contains("5 B"), "{listed}");
    let only = rig.operator.json(&rig.download(&["notes.txt", "--json"])).await;
    assert_eq!(
        (&only["files"][0]["name"], &only["files"][0]["fetched"]),
        (&json!("notes.txt"), &json!(true))
    );
    assert_eq!(rig.files(), ["notes.txt"]);
    let all = rig.operator.run(&rig.download(&[])).await;
    assert!(all.status.success() && said(&all).contains("was there already"), "{}", said(&all));
    assert!(!said(&all).contains('\x1b'), "no progress bar and no colours in a pipe");
    assert_eq!(rig.files(), ["app.apk", "empty", "notes.txt"]);
    assert_eq!((rig.content("app.apk"), rig.content("notes.txt")), (large(), b"hello".to_vec()));
    let unknown = rig.fails(&["other.apk"], 1).await;
    assert!(unknown.contains("app.apk"), "those that are there are named: {unknown}");
}

#[tokio::test]
async fn another_file_of_that_name_is_replaced_only_if_that_is_wanted() {
    let rig = Rig::start().await;
    rig.store("notes.txt", b"new").await;
    std::fs::create_dir(&rig.folder).unwrap();
    std::fs::write(rig.folder.join("notes.txt"), "mine").unwrap();
    assert!(rig.fails(&[], 1).await.contains("--force"));
    assert_eq!(rig.content("notes.txt"), b"mine");
    rig.operator.json(&rig.download(&["--force", "--json"])).await;
    assert_eq!((rig.content("notes.txt"), rig.files()), (b"new".to_vec(), vec!["notes.txt".to_owned()]));
}

#[tokio::test]
async fn a_download_that_is_cut_again_and_again_goes_on_where_it_broke() {
    let rig = Rig::start().await;
    rig.store("app.apk", &large()).await;
    let scissors = Scissors::before(&rig.server.base, 400_000).await;
    let token = rig.owner.token.clone().unwrap();
    let arguments = rig.download(&["--daemon-url", &scissors.base, "--token", &token]);
    let done = rig.operator.run(&arguments).await;
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(rig.content("app.apk"), large());
    assert!(
        (3..=8).contains(&scissors.cuts()),
        "each connection brought what was missing: {}",
        scissors.cuts()
    );
    assert_eq!(rig.files(), ["app.apk"]);
}

#[tokio::test]
async fn what_an_earlier_run_left_is_gone_on_with_or_thrown_away() {
    let rig = Rig::start().await;
    let whole = large();
    rig.store("app.apk", &whole).await;
    std::fs::create_dir(&rig.folder).unwrap();
    for left in [&whole[..700_000], &[7; 700_000], &whole, &[&whole[..], &[1, 2, 3]].concat()] {
        std::fs::write(rig.folder.join("app.apk.part"), left).unwrap();
        rig.operator.json(&rig.download(&["--json"])).await;
        assert_eq!((rig.content("app.apk") == whole, rig.files()), (true, vec!["app.apk".to_owned()]));
        std::fs::remove_file(rig.folder.join("app.apk")).unwrap();
    }
    std::fs::write(rig.folder.join("app.apk.part"), &whole[..700_000]).unwrap();
    // Room for all small answers and for what is missing, and for nothing else.
    let scissors = Scissors::before(&rig.server.base, 900_000).await;
    let token = rig.owner.token.clone().unwrap();
    let arguments = rig.download(&["--daemon-url", &scissors.base, "--token", &token, "--json"]);
    rig.operator.json(&arguments).await;
    assert_eq!((rig.content("app.apk") == whole, scissors.cuts()), (true, 0));
}

#[tokio::test]
async fn two_downloads_of_one_file_do_not_write_into_each_other() {
    let rig = Rig::start().await;
    rig.store("app.apk", &large()).await;
    std::fs::create_dir(&rig.folder).unwrap();
    let part = std::fs::File::create(rig.folder.join("app.apk.part")).unwrap();
    part.lock().unwrap();
    let refused = rig.fails(&[], 1).await;
    assert!(refused.contains("another download"), "{refused}");
    assert_eq!(rig.files(), ["app.apk.part"]);
    part.unlock().unwrap();
    rig.operator.json(&rig.download(&["--json"])).await;
    assert!(rig.content("app.apk") == large());
}

#[tokio::test]
async fn a_daemon_that_is_cut_off_has_its_exit_code_and_leaves_no_file() {
    let rig = Rig::start().await;
    rig.store("app.apk", &large()).await;
    let scissors = Scissors::before(&rig.server.base, 0).await;
    let token = rig.owner.token.clone().unwrap();
    let cut = rig.fails(&["--daemon-url", &scissors.base, "--token", &token], 3).await;
    assert!(cut.contains("hint:"), "{cut}");
    assert!(rig.files().is_empty());
}

fn blob(folder: &Path) -> PathBuf {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false if path.metadata().unwrap().len() == 1_500_000 => return path,
                false => {}
            }
        }
    }
    panic!("there is no such blob")
}

#[tokio::test]
async fn what_arrives_damaged_is_not_kept() {
    let rig = Rig::start().await;
    rig.store("app.apk", &large()).await;
    std::fs::write(blob(&rig.server.data().join("artifacts")), vec![9; 1_500_000]).unwrap();
    let damaged = rig.fails(&[], 1).await;
    assert!(damaged.contains("checksum") && damaged.contains("hint:"), "{damaged}");
    assert!(rig.files().is_empty(), "{:?}", rig.files());
}

#[tokio::test]
async fn an_artifact_whose_name_leads_elsewhere_is_refused_before_anything_is_written() {
    let rig = Rig::start().await;
    rig.store("good.txt", b"good").await;
    let evil = rig.store("evil.txt", b"evil").await;
    let outside = rig.operator.home.path().join("outside");
    let absolute = outside.display().to_string();
    for name in ["../outside", &absolute, "a/../../outside", "..", "a/b", "x\u{1b}[2J", ""] {
        let sql = format!("UPDATE artifacts SET name = '{name}' WHERE name NOT LIKE 'good%'");
        let changed = rig.server.app.db.write(async |tx| Ok(tx.execute_unprepared(&sql).await?)).await;
        assert_eq!(changed.unwrap().rows_affected(), 1, "{name:?}");
        let refused = rig.fails(&[], 1).await;
        assert!(refused.contains("refused") && !refused.contains('\x1b'), "{name:?}: {refused}");
        assert!(!outside.exists() && rig.files().is_empty(), "{name:?}: {:?}", rig.files());
        let by_id = rig.fails(&[evil["id"].as_str().unwrap()], 1).await;
        assert!(by_id.contains("refused") && !outside.exists(), "{name:?}: {by_id}");
    }
}

#[tokio::test]
async fn a_link_in_the_place_of_a_file_is_not_followed() {
    let rig = Rig::start().await;
    rig.store("notes.txt", b"new").await;
    let mine = rig.operator.home.path().join("mine");
    std::fs::write(&mine, "mine").unwrap();
    std::fs::create_dir(&rig.folder).unwrap();
    for name in ["notes.txt", "notes.txt.part"] {
        std::os::unix::fs::symlink(&mine, rig.folder.join(name)).unwrap();
        rig.fails(&["--force"], 1).await;
        assert_eq!(std::fs::read(&mine).unwrap(), b"mine");
        std::fs::remove_file(rig.folder.join(name)).unwrap();
    }
    let file = ["artifacts", "download", "1", "--dir", mine.to_str().unwrap()];
    assert_eq!(rig.operator.run(&file).await.status.code(), Some(2), "a folder that is a file");
}

#[tokio::test]
async fn named_artifacts_are_deleted_and_a_wrong_name_deletes_nothing() {
    let rig = Rig::start().await;
    for name in ["app.apk", "notes.txt", "map.txt"] {
        rig.store(name, name.as_bytes()).await;
    }
    let left = async || -> Vec<String> {
        let listed = rig.operator.json(&["artifacts", "list", "Shop#1", "--json"]).await;
        let names = listed["artifacts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap().to_owned());
        names.collect()
    };
    for wrong in [&["app.apk", "nothing"][..], &[]] {
        let done = rig.operator.run(&[&["artifacts", "delete", "Shop#1"][..], wrong].concat()).await;
        assert!(!done.status.success(), "{}", said(&done));
    }
    assert_eq!(left().await.len(), 3);
    let deleted = rig.operator.json(&["artifacts", "delete", "Shop#1", "app.apk", "map.txt", "--json"]).await;
    assert_eq!(
        (&deleted["deleted"][0]["name"], left().await),
        (&json!("app.apk"), vec!["notes.txt".to_owned()])
    );
}
