//! `oore artifacts download`: fetches files whole. A cut connection is taken up where it broke, in this run and in
//! the next one; what does not fit its checksum is not kept.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::header::{CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Response, StatusCode, Url};
use serde_json::{Value, json};

use super::file::{self, Unfinished};
use super::text;
use crate::cli::failure::{Exit, Failure};
use crate::cli::http::{Connection, Daemon, pause};
use crate::cli::names::{self, id};
use crate::cli::profile::Profile;
use crate::cli::terminal::{note, plain, say};
use crate::cli::times::size;

/// How often in a row a connection is tried that brings nothing.
const ATTEMPTS: u32 = 8;
/// Where the daemon itself serves artifacts.
const OWN_PATH: &str = "/v1/artifacts/download/";

#[derive(Debug, Args)]
pub struct Download {
    /// PROJECT#NUMBER, the number where only one project has it, or the id of a build.
    build: String,

    /// Which artifacts, by name; default: all.
    names: Vec<String>,

    #[command(flatten)]
    connection: Connection,

    /// Folder for the files; it is made if it isn't there.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,

    /// Replace files that are there.
    #[arg(long)]
    force: bool,

    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

pub async fn run(download: Download, profile: &Profile) -> anyhow::Result<()> {
    let daemon = download.connection.open(profile)?;
    let build = names::build(&daemon, download.build.trim()).await?;
    let artifacts = super::chosen(&daemon, &build, &download.names).await?;
    // All names are looked at before anything is written.
    let places: Vec<PathBuf> = artifacts
        .iter()
        .map(|artifact| file::place(&download.dir, text(artifact, "name")))
        .collect::<Result<_, _>>()?;
    std::fs::create_dir_all(&download.dir).map_err(|error| {
        Failure::usage(format!("the folder {} cannot be used: {error}", download.dir.display()))
    })?;
    let mut done = Vec::new();
    for (artifact, place) in artifacts.iter().zip(places) {
        let fetched = fetch(&daemon, artifact, &place, download.force).await?;
        if !download.json {
            let how = if fetched { "" } else { " (was there already)" };
            say(format_args!("{}  {}{how}", place.display(), size(artifact["file_size"].as_i64())));
        }
        done.push(json!({
            "id": artifact["id"], "name": artifact["name"], "path": place.display().to_string(), "fetched": fetched,
            "file_size": artifact["file_size"], "checksum": artifact["checksum"],
        }));
    }
    if download.json {
        say(json!({ "files": done }));
    }
    Ok(())
}

/// Fetches one file; answers false if it is there already.
async fn fetch(daemon: &Daemon, artifact: &Value, place: &Path, force: bool) -> anyhow::Result<bool> {
    let wanted = artifact["checksum"].as_str();
    match file::checksum(place).with_context(|| place.display().to_string())? {
        Some(found) if wanted == Some(&found) => return Ok(false),
        Some(_) if !force => {
            return Err(Failure::failed(format!(
                "the file {} is there, and it is another one",
                place.display()
            ))
            .hint("Replace it with --force, or name another folder with --dir.")
            .into());
        }
        Some(_) | None => {}
    }
    let mut unfinished = Unfinished::open(place.to_owned()).with_context(|| place.display().to_string())?;
    let bar = bar(artifact, unfinished.length);
    let mut resumed = unfinished.length > 0;
    loop {
        transfer(daemon, artifact, &mut unfinished, &bar).await?;
        if wanted.is_none_or(|wanted| wanted == unfinished.checksum()) {
            break;
        }
        if !resumed {
            unfinished.discard()?;
            let what = format!("{} arrived damaged: its checksum is wrong", plain(text(artifact, "name")));
            return Err(Failure::failed(what).hint("Try again; nothing was kept.").into());
        }
        // What an earlier run has left may have been of another file.
        resumed = false;
        unfinished.clear()?;
    }
    bar.finish_and_clear();
    unfinished.finish().with_context(|| place.display().to_string())?;
    Ok(true)
}

/// Until everything has arrived; each connection goes on where the one before broke.
async fn transfer(
    daemon: &Daemon,
    artifact: &Value,
    unfinished: &mut Unfinished,
    bar: &ProgressBar,
) -> anyhow::Result<()> {
    let size = artifact["file_size"].as_u64();
    let mut vain = 0;
    loop {
        if size.is_some_and(|size| unfinished.length > size) {
            unfinished.clear()?;
        }
        if size.is_some_and(|size| unfinished.length == size && size > 0) {
            return Ok(());
        }
        let before = unfinished.length;
        match part(daemon, artifact, unfinished, bar).await {
            Ok(()) if size.is_none_or(|size| unfinished.length == size) => return Ok(()),
            Ok(()) => {}
            Err(error) if is_passing(&error) && vain + 1 < ATTEMPTS => {
                if vain == 0 {
                    bar.suspend(|| note(format_args!("{error}; going on where it broke")));
                }
            }
            Err(error) => return Err(error),
        }
        vain = if unfinished.length > before { 0 } else { vain + 1 };
        if vain >= ATTEMPTS {
            return Err(Failure::failed("the download brings nothing more, and is not whole")
                .hint("Try again: it goes on where it broke.")
                .into());
        }
        pause(vain).await;
    }
}

fn is_passing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| failure.exit == Exit::Unreachable)
}

/// What one connection brings.
async fn part(
    daemon: &Daemon,
    artifact: &Value,
    unfinished: &mut Unfinished,
    bar: &ProgressBar,
) -> anyhow::Result<()> {
    let mut headers = HeaderMap::new();
    if unfinished.length > 0 {
        headers.insert(RANGE, HeaderValue::from_str(&format!("bytes={}-", unfinished.length))?);
    }
    let mut answer = open(daemon, artifact, headers).await?;
    let from = begins_at(&answer)?;
    if from != unfinished.length {
        anyhow::ensure!(from == 0, Failure::failed("the answer begins at another byte than was asked for"));
        unfinished.clear()?;
    }
    bar.set_position(unfinished.length);
    let most = artifact["file_size"].as_u64().unwrap_or(u64::MAX);
    while let Some(bytes) = daemon.more(&mut answer).await? {
        if unfinished.length + bytes.len() as u64 > most {
            anyhow::bail!(Failure::failed("the answer is longer than the file"));
        }
        unfinished.write(&bytes)?;
        bar.set_position(unfinished.length);
    }
    Ok(())
}

/// Opens a fresh link: an older one may have expired meanwhile.
async fn open(daemon: &Daemon, artifact: &Value, headers: HeaderMap) -> Result<Response, Failure> {
    let link = daemon.post(&format!("/v1/artifacts/{}/download-link", id(artifact)), json!({})).await?;
    let url = link["download_url"].as_str().unwrap_or_default();
    let parsed = Url::parse(url).map_err(|_| Failure::failed("the daemon answered without a link"))?;
    match parsed.path().find(OWN_PATH) {
        // The daemon is reached already; its public address may not be reachable from here.
        Some(at) => daemon.without_token().open(&parsed.path()[at..], headers).await,
        None => daemon.open_elsewhere(url, headers).await,
    }
}

/// At which byte of the file an answer begins.
fn begins_at(answer: &Response) -> Result<u64, Failure> {
    if answer.status() != StatusCode::PARTIAL_CONTENT {
        return Ok(0);
    }
    let range = answer.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    let from = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
    from.ok_or_else(|| Failure::failed("the answer does not say which part of the file it is"))
}

fn bar(artifact: &Value, at: u64) -> ProgressBar {
    let bar = ProgressBar::new(artifact["file_size"].as_u64().unwrap_or(0)).with_position(at);
    let line = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    if let Ok(style) = ProgressStyle::with_template(line) {
        bar.set_style(style);
    }
    bar.with_message(plain(text(artifact, "name")))
}
