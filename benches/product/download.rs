//! Download of a large artifact into a file, beside `cat` of one file into another.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::json;

use super::api::text;
use super::program::Builds;
use super::samples::middle;
use super::scene::Scene;
use super::table::{Amount, Row, Table};

const BYTES: u64 = 256 * 1024 * 1024;
const ROUNDS: usize = 3;

pub async fn measure() -> anyhow::Result<Table> {
    let command = format!("mkdir out && head -c {BYTES} /dev/urandom > out/app.bin");
    let mut scene = Scene::open(Builds::ByItsRunner, &command).await?;
    let build = scene.trigger().await?;
    scene.succeeded(&build).await?;
    let artifacts = scene.client.get(&format!("/v1/builds/{build}/artifacts")).await?;
    let artifact = text(&artifacts, "/artifacts/0/id")?;
    let link = scene.client.post(&format!("/v1/artifacts/{artifact}/download-link"), json!({})).await?;
    let link = text(&link, "/download_url")?;
    let (got, copied) = (scene.folder.path().join("got"), scene.folder.path().join("copied"));
    let (mut downloads, mut copies) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        downloads.push(download(&link, &got).await?);
        copies.push(copy(&got, &copied)?);
    }
    let mut table = Table::default();
    let row = Row::new("artifact download, 256 MiB", Amount::BytesPerSecond(middle(downloads)));
    table.add(row.floor("cat file > file", Amount::BytesPerSecond(middle(copies))));
    Ok(table)
}

async fn download(link: &str, into: &Path) -> anyhow::Result<f64> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut file = File::create(into)?;
    let began = Instant::now();
    let mut response = client.get(link).send().await?.error_for_status()?;
    let mut received = 0;
    while let Some(bytes) = response.chunk().await? {
        file.write_all(&bytes)?;
        received += bytes.len() as u64;
    }
    ensure!(received == BYTES, "{received} bytes came");
    Ok(BYTES as f64 / began.elapsed().as_secs_f64())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<f64> {
    let file = File::create(to)?;
    let began = Instant::now();
    let done = Command::new("cat").arg(from).stdout(Stdio::from(file)).status().context("cat")?;
    ensure!(done.success(), "cat failed");
    Ok(BYTES as f64 / began.elapsed().as_secs_f64())
}
