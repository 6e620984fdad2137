//! Answers of the daemon that are lost after it has done what was asked: the runner asks again, and nothing happens
//! twice. Judged by a ledger that a step appends to. `make faults` tries every request of a build.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::far_runner::FarRunner;
use crate::support::forgetful::Forgetful;
use crate::support::{Repository, Server, build_in, fault_points};

/// What a build asks of its daemon, by the last word of the path.
const ASKED: [&str; 4] = ["claim", "status", "logs", "artifacts"];

#[tokio::test]
async fn an_answer_that_is_lost_after_the_act_is_asked_for_again_and_nothing_happens_twice() {
    let step = fault_points().map_or(3, |_| 1);
    let server = Server::start().await;
    let owner = server.owner().await;
    let network = Forgetful::before(&server.base).await;
    let runner = FarRunner::start(&owner, &network.base, 1).await;
    let ledger = runner.folder().join("ledger");
    let command =
        format!("echo \"$OORE_BUILD_NUMBER\" | tee -a {}; mkdir -p out; echo ok > out/a", ledger.display());
    let repository = Repository::running(&[&command]);
    let pipeline = owner.pipeline(&owner.project("App", &repository).await, "Main").await;
    let (mut lost, mut tried) = (BTreeSet::new(), 0);
    for pass in (0..).step_by(step) {
        network.lose_after(pass);
        let build = build_in(&owner, &owner.build(&pipeline).await, "succeeded").await;
        tried += 1;
        assert_eq!(build["attempt"], 1, "{build}");
        let log = String::from_utf8(owner.raw_log(&build).await).unwrap();
        let number = build["build_number"].to_string();
        assert_eq!(log.lines().filter(|line| *line == number).count(), 1, "{log}");
        let path = format!("/v1/builds/{}/artifacts", build["id"].as_str().unwrap());
        assert_eq!(owner.get(&path).await.ok()["artifacts"].as_array().unwrap().len(), 1);
        match network.lost() {
            Some(request) => lost.insert(request),
            None => break,
        };
    }
    let ran: Vec<String> = std::fs::read_to_string(&ledger).unwrap().lines().map(str::to_owned).collect();
    let doubles = ran.len() - ran.iter().collect::<BTreeSet<_>>().len();
    eprintln!("F33: {tried} builds, {} kinds of answers lost, doubles {doubles}", lost.len());
    assert_eq!(ran, (1..=tried).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(owner.get("/v1/builds?status=failed").await.ok()["builds"], json!([]));
    if step == 1 {
        for word in ASKED {
            assert!(lost.iter().any(|request| request.contains(word)), "{word} in {lost:?}");
        }
    }
    assert!(lost.len() > 1, "{lost:?}");
}
