//! The test of a place: a small blob is written, read, listed and deleted again, and it is said which of these went
//! wrong.

use std::time::Duration;

use bytes::Bytes;

use super::BlobStore;
use super::failure::Failure;
use crate::clock::Clock;
use crate::words;

/// How long one step may take, retries included.
const STEP_LIMIT: Duration = Duration::from_secs(10);

words! {
    /// A step of the test of a store.
    ArtifactStorageTestStepName {
        Write = "write",
        Read = "read",
        List = "list",
        Delete = "delete",
    }
}

/// How a step went.
#[derive(Debug)]
pub struct Step {
    pub name: ArtifactStorageTestStepName,
    pub took: Duration,
    pub failure: Option<Failure>,
}

/// Tries everything that is needed of a store; ends at the first step that fails, but tidies up.
pub async fn probe(store: &BlobStore, clock: &Clock) -> Vec<Step> {
    let folder = format!(".oore-probe-{}", uuid::Uuid::now_v7().simple());
    let (key, content) = (format!("{folder}/probe"), Bytes::from_static(b"oore storage probe\n"));
    let mut steps = Vec::new();
    for name in ArtifactStorageTestStepName::ALL.iter().copied() {
        let began = clock.moment();
        let step = async {
            match name {
                ArtifactStorageTestStepName::Write => store.put(&key, content.clone()).await,
                ArtifactStorageTestStepName::Read => {
                    expect(store.get(&key).await?.as_ref() == Some(&content), "read")
                }
                ArtifactStorageTestStepName::List => {
                    expect(store.list(&folder).await?.contains(&key), "list")
                }
                ArtifactStorageTestStepName::Delete => {
                    store.remove_all(&folder).await?;
                    expect(store.get(&key).await?.is_none(), "delete")
                }
            }
        };
        let failure = match tokio::time::timeout(STEP_LIMIT, step).await {
            Ok(done) => done.err(),
            Err(_) => Some(Failure::silent()),
        };
        let failed = failure.is_some();
        steps.push(Step { name, took: clock.moment().saturating_sub(began), failure });
        if failed {
            break;
        }
    }
    let wrote = steps.first().is_some_and(|step| step.failure.is_none());
    if wrote && steps.len() < ArtifactStorageTestStepName::ALL.len() {
        let _left_behind = tokio::time::timeout(STEP_LIMIT, store.remove_all(&folder)).await;
    }
    steps
}

fn expect(fits: bool, what: &str) -> Result<(), Failure> {
    if fits {
        return Ok(());
    }
    let hint =
        "The store answers, but not with what was written a moment ago: it may be a cache or another store.";
    Err(Failure::new(format!("{what}: the store does not show what was done"), hint))
}
