//! Lines of a step: how many a second become durable, beside `cat` into a file, with secrets to look for and without, what
//! memory they cost; how late viewers see them, beside a pipe whose reader makes each line durable; and how small a log is
//! when it is packed, beside gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context, ensure};
use serde_json::json;

use super::memory::resident;
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
/// Viewers of one build.
const CROWD: usize = 50;
const SECRETS: usize = 20;
const VARIED: &str = "seq 200000 | sed 's,.*,[&] compiled lib/feature_&/page.dart in & ms,'";
/// The daemon waits two minutes for a runner that is late.
const PACKED_WITHIN: Duration = Duration::from_secs(240);

pub async fn measure() -> anyhow::Result<Table> {
    let flood = format!("yes {} | head -n {LINES}", "x".repeat(LINE_BYTES - 1));
    let mut scene = Scene::open(Builds::ByItsRunner, &format!("mkdir out; echo > out/a; {flood}")).await?;
    let mut table = Table::default();
    let folder = scratch()?;
    let (mut rates, mut floors) = (Vec::new(), Vec::new());
    let idle = resident(scene.daemon.id())?.number();
    let peak = Peak::watch(scene.daemon.id());
    for _ in 0..ROUNDS {
        rates.push(f64::from(LINES) / stored(&mut scene).await?.as_secs_f64());
        floors.push(f64::from(LINES) / written(&folder.path().join("lines"), &flood)?.as_secs_f64());
    }
    let grown = (peak.end() - idle).max(0.0);
    let (rate, floor) = (middle(rates), middle(floors));
    let bytes = |rate: f64| Amount::BytesPerSecond(rate * LINE_BYTES as f64);
    let row = Row::new("log lines of a step → durable", Amount::LinesPerSecond(rate));
    table.add(row.floor("cat > file, fsync", Amount::LinesPerSecond(floor)));
    let row = Row::new("the same in bytes, 100 a line", bytes(rate));
    table.add(row.floor("cat > file, fsync", bytes(floor)).at_least(Amount::BytesPerSecond(100e6)));
    let row = Row::new("memory that daemon, runner and step take for it", Amount::Bytes(grown));
    table.add(row.at_most(Amount::Bytes(32e6)));
    let mut masked = Vec::new();
    add_secrets(&scene).await?;
    for _ in 0..ROUNDS {
        masked.push(f64::from(LINES) / stored(&mut scene).await?.as_secs_f64());
    }
    let row = Row::new("the same with 20 secrets to look for", bytes(middle(masked)));
    table.add(row.floor("without secrets", bytes(rate)));
    let varied = Varied::store(&mut scene).await?;

    let program = std::env::current_exe()?.display().to_string().replace('\'', r"'\''");
    let command = format!("mkdir out; echo > out/a; '{program}' {} {TICKS} {PAUSE}", ticks::COMMAND);
    Repository::at(&scene.folder.path().join("repository")).run(&command)?;
    let pipe = piped(scene.folder.path())?;
    for (viewers, name) in [(1, "one viewer"), (CROWD, "50 viewers")] {
        let seen = seen(&mut scene, viewers).await?;
        let row = Row::new(format!("log line → {name}, p50"), seen.median());
        table.add(row.floor("pipe, append, fsync, p50", pipe.median()).at_most(Amount::Milliseconds(10.0)));
        let row = Row::new(format!("log line → {name}, p99"), seen.percentile(99.0));
        let row = row.floor("pipe, append, fsync, p99", pipe.percentile(99.0));
        table.add(row.at_most(Amount::Milliseconds(50.0)));
    }
    table.add(varied.packed().await?);
    Ok(table)
}

/// What the masker looks for in every encoding.
async fn add_secrets(scene: &Scene) -> anyhow::Result<()> {
    for number in 0..SECRETS {
        let path = format!("/v1/projects/{}/variables/SECRET_{number}", scene.project);
        let value = format!("a secret of the bench, number {number}");
        scene.client.put(&path, json!({"kind": "secret", "value": value})).await?;
    }
    Ok(())
}

/// The most memory that a process and its descendants had at one time.
struct Peak {
    over: Arc<AtomicBool>,
    watching: JoinHandle<f64>,
}

impl Peak {
    fn watch(process: u32) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let watching = std::thread::spawn(move || {
            let mut most: f64 = 0.0;
            while !seen.load(Ordering::Relaxed) {
                most = most.max(resident(process).map_or(0.0, Amount::number));
                std::thread::sleep(Duration::from_millis(50));
            }
            most
        });
        Self { over, watching }
    }

    fn end(self) -> f64 {
        self.over.store(true, Ordering::Relaxed);
        self.watching.join().unwrap_or(f64::NAN)
    }
}

/// A log whose lines differ, as those of a build do.
struct Varied {
    file: PathBuf,
}

impl Varied {
    async fn store(scene: &mut Scene) -> anyhow::Result<Self> {
        let command = format!("mkdir out; echo > out/a; {VARIED}");
        Repository::at(&scene.folder.path().join("repository")).run(&command)?;
        let build = scene.trigger().await?;
        scene.succeeded(&build).await?;
        let file = scene.folder.path().join("data/logs").join(format!("{build}.1.log"));
        ensure!(file.exists(), "the build has no log");
        Ok(Self { file })
    }

    /// Waits for the daemon, which packs a log some time after its build.
    async fn packed(&self) -> anyhow::Result<Row> {
        let until = Instant::now() + PACKED_WITHIN;
        while self.file.exists() {
            ensure!(Instant::now() < until, "the log was not packed");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let after = std::fs::metadata(self.file.with_extension("logz"))?.len();
        let script = format!("{VARIED} | gzip -6 | wc -c");
        let counted = Command::new("/bin/sh").args(["-c", &script]).output()?.stdout;
        let gzip: f64 = String::from_utf8(counted)?.trim().parse()?;
        let row = Row::new("a packed log of 200 000 varied lines", Amount::Bytes(after as f64));
        Ok(row.floor("its text by gzip -6", Amount::Bytes(gzip)))
    }
}

/// From the start of the step to the news that the build is green, which it only is when its log is durable.
async fn stored(scene: &mut Scene) -> anyhow::Result<Duration> {
    let build = scene.trigger().await?;
    let ended = scene.events.status(&build, "succeeded").await?;
    let log = scene.client.get(&format!("/v1/builds/{build}/logs?limit=1000")).await?;
    let chunks = log["logs"].as_array().context("no chunks")?;
    let is_start = |content: &str| content.starts_with("[oore-step]") && content.contains("\"build-1\"");
    let start = chunks.iter().find(|chunk| chunk["content"].as_str().is_some_and(is_start));
    let began = start.and_then(|start| start["at"].as_u64()).context("no start of the step in the log")?;
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

/// How old the lines are when they reach viewers who were there when they were printed.
async fn seen(scene: &mut Scene, viewers: usize) -> anyhow::Result<Samples> {
    let build = scene.trigger().await?;
    scene.events.status(&build, "running").await?;
    let mut streams = Vec::with_capacity(viewers);
    for _ in 0..viewers {
        streams.push(scene.client.follow(&format!("/v1/builds/{build}/logs/stream")).await?);
    }
    let opened = ticks::now();
    let mut samples = Samples::default();
    for mut stream in streams {
        while let Some(event) = stream.next().await? {
            let printed = event.data["content"].as_str().and_then(|line| line.parse::<u64>().ok());
            let arrived = event.at.duration_since(UNIX_EPOCH)?;
            if let Some(printed) = printed.filter(|printed| *printed > opened) {
                samples.add(arrived.saturating_sub(Duration::from_micros(printed)));
            }
        }
    }
    scene.succeeded(&build).await?;
    ensure!(samples.len() > viewers * TICKS as usize / 2, "viewers saw {} lines only", samples.len());
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
