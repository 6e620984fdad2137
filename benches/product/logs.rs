//! Lines of a step: how many a second become durable, beside `cat` into a file, and how late one
//! viewer sees them, beside a pipe whose reader makes each line durable.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context, ensure};

use super::program::{Builds, scratch};
use super::repository::Repository;
use super::samples::{Samples, middle};
use super::scene::Scene;
use super::table::{Amount, Row, Table};
use super::ticks;

const LINES: u32 = 1_000_000;
const LINE_BYTES: usize = 100;
const ROUNDS: usize = 3;
/// Lines whose way to a viewer is timed, and the pause between them in milliseconds.
const TICKS: u32 = 100;
const PAUSE: u32 = 67;

pub async fn measure() -> anyhow::Result<Table> {
    let flood = format!("yes {} | head -n {LINES}", "x".repeat(LINE_BYTES - 1));
    let mut scene = Scene::open(Builds::ByItsRunner, &format!("mkdir out; echo > out/a; {flood}")).await?;
    let mut table = Table::default();
    let folder = scratch()?;
    let (mut rates, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        rates.push(f64::from(LINES) / stored(&mut scene).await?.as_secs_f64());
        floors.push(f64::from(LINES) / written(&folder.path().join("lines"), &flood)?.as_secs_f64());
    }
    let (rate, floor) = (middle(rates), middle(floors));
    let bytes = |rate: f64| Amount::BytesPerSecond(rate * LINE_BYTES as f64);
    let row = Row::new("log lines of a step → durable", Amount::LinesPerSecond(rate));
    table.add(row.floor("cat > file, fsync", Amount::LinesPerSecond(floor)));
    let row = Row::new("the same in bytes, 100 a line", bytes(rate));
    table.add(row.floor("cat > file, fsync", bytes(floor)));

    let program = std::env::current_exe()?.display().to_string().replace('\'', r"'\''");
    let command = format!("mkdir out; echo > out/a; '{program}' {} {TICKS} {PAUSE}", ticks::COMMAND);
    Repository::at(&scene.folder.path().join("repository")).run(&command)?;
    let viewer = seen(&mut scene).await?;
    let pipe = piped(scene.folder.path())?;
    let row = Row::new("log line → viewer, p50", viewer.median());
    table.add(row.floor("pipe, append, fsync, p50", pipe.median()));
    let row = Row::new("log line → viewer, p99", viewer.percentile(99.0));
    table.add(row.floor("pipe, append, fsync, p99", pipe.percentile(99.0)));
    Ok(table)
}

/// From the start of the step to the news that its last line is durable.
async fn stored(scene: &mut Scene) -> anyhow::Result<Duration> {
    let build = scene.trigger().await?;
    let mut grown = Vec::new();
    loop {
        let event = scene.events.next().await?.context("the stream has ended")?;
        if event.data["build_id"] != build.as_str() {
            continue;
        }
        match (event.name.as_str(), event.data["status"].as_str()) {
            ("log", _) => grown.push((event.data["sequence"].as_u64().unwrap_or(0), event.at)),
            ("build", Some("succeeded")) => break,
            ("build", status) => ensure!(status != Some("failed"), "the build failed"),
            _ => {}
        }
    }
    let log = scene.client.get(&format!("/v1/builds/{build}/logs?limit=1000")).await?;
    let chunks = log["logs"].as_array().context("no chunks")?;
    let is_start = |content: &str| content.starts_with("[oore-step]") && content.contains("\"build-1\"");
    let start = chunks.iter().find(|chunk| chunk["content"].as_str().is_some_and(is_start));
    let start = start.context("no start of the step in the log")?;
    let (first, began) =
        (start["sequence"].as_u64().context("sequence")?, start["at"].as_u64().context("at")?);
    let all = grown.iter().find(|(sequence, _)| *sequence >= first + u64::from(LINES));
    let (_, ended) = all.context("the last line was never reported")?;
    Ok(ended.duration_since(UNIX_EPOCH + Duration::from_millis(began))?)
}

/// The same lines, written by `cat`.
fn written(file: &Path, flood: &str) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let done = Command::new("/bin/sh").arg("-c").arg(format!("{flood} | cat > \"$0\"")).arg(file).status()?;
    ensure!(done.success(), "cat failed");
    File::open(file)?.sync_all()?;
    Ok(began.elapsed())
}

/// How old the lines are when they reach a viewer who was there when they were printed.
async fn seen(scene: &mut Scene) -> anyhow::Result<Samples> {
    let build = scene.trigger().await?;
    scene.events.status(&build, "running").await?;
    let mut viewer = scene.client.follow(&format!("/v1/builds/{build}/logs/stream")).await?;
    let opened = ticks::now();
    let mut samples = Samples::default();
    while let Some(event) = viewer.next().await? {
        let printed = event.data["content"].as_str().and_then(|line| line.parse::<u64>().ok());
        let arrived = event.at.duration_since(UNIX_EPOCH)?;
        if let Some(printed) = printed.filter(|printed| *printed > opened) {
            samples.add(arrived.saturating_sub(Duration::from_micros(printed)));
        }
    }
    scene.succeeded(&build).await?;
    ensure!(samples.len() > TICKS as usize / 2, "the viewer saw {} lines only", samples.len());
    Ok(samples)
}

fn piped(folder: &Path) -> anyhow::Result<Samples> {
    let mut file = File::create(folder.join("lines"))?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(ticks::COMMAND).arg((TICKS / 2).to_string()).arg(PAUSE.to_string());
    let mut printing = command.stdout(Stdio::piped()).spawn()?;
    let output = printing.stdout.take().context("no output")?;
    let mut samples = Samples::default();
    for line in BufReader::new(output).lines() {
        let line = line?;
        writeln!(file, "{line}")?;
        file.sync_data()?;
        samples.add(ticks::age(&line).context("not a time")?);
    }
    printing.wait()?;
    Ok(samples)
}
