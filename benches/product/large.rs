//! A file of 10 GB up and down by way of the daemon, beside plain copies of it, and what memory the
//! daemon takes for it. The file is sparse, so only what is measured reaches the disk.

use std::fs::File;
use std::future::Future;
use std::time::Duration;

use super::job::{Job, link};
use super::memory::resident;
use super::program::Builds;
use super::scene::Scene;
use super::table::{Amount, Row, Table};

const BYTES: u64 = 10_000_000_000;
/// Between two looks at the memory.
const LOOK: Duration = Duration::from_millis(100);

pub async fn measure() -> anyhow::Result<Table> {
    let scene = Scene::open(Builds::ByNobody, "true").await?;
    let file = scene.folder.path().join("app.bin");
    File::create(&file)?.set_len(BYTES)?;
    let job = Job::begin(&scene, file).await?;
    let got = scene.folder.path().join("got");
    let copied = Amount::BytesPerSecond(job.copy(&got)?);
    let plain = Amount::BytesPerSecond(job.fetch_plain(&got).await?);
    let daemon = scene.daemon.id();
    let before = resident(daemon)?.number();
    let ((up, artifact), peak_up) = watching(daemon, job.upload("large")).await?;
    let address = link(&scene, &artifact).await?;
    let (down, peak_down) = watching(daemon, job.fetch(&address, &got)).await?;
    let mut table = Table::default();
    let row = Row::new("artifact upload, hashed and synced, 10 GB", Amount::BytesPerSecond(up));
    table.add(row.floor("dd from file to file, synced", copied).ratio_at_least(0.7));
    let row = Row::new("artifact download, 10 GB", Amount::BytesPerSecond(down));
    table.add(row.floor("sendfile to the same client", plain).ratio_at_least(0.8));
    let most = peak_up.max(peak_down);
    let row = Row::new("memory of the daemon during both, most", Amount::Bytes(most));
    table.add(row.floor("before", Amount::Bytes(before)));
    Ok(table)
}

/// Runs `work` and answers the most memory that the process had meanwhile, in bytes.
async fn watching<T>(
    process: u32,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<(T, f64)> {
    let mut work = std::pin::pin!(work);
    let mut most: f64 = 0.0;
    loop {
        tokio::select! {
            done = &mut work => return Ok((done?, most)),
            () = tokio::time::sleep(LOOK) => most = most.max(resident(process)?.number()),
        }
    }
}
