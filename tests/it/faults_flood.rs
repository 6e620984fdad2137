//! A step that prints as fast as it can, with somebody watching: every byte is kept, and the daemon's memory does not
//! grow with what was printed. `make faults` prints a gigabyte.

use std::path::Path;
use std::time::Instant;

use futures_util::StreamExt;
use reqwest::Method;
use serde_json::Value;

use crate::support::program::{Daemon, end_runner, free_port};
use crate::support::{Client, Repository, build_in, fault_points};

const LINE: &str =
    "flood of lines, each of which is a hundred bytes long with its end, and none of which may be lost .";
const MIB: u64 = 1024 * 1024;

/// Resident bytes of a process: now, or at most since `forget_peak`.
fn memory(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_matches([':', ' ', '\t']).split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}

fn forget_peak(pid: u32) {
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5").unwrap();
}

/// Counts the whole lines of a body that comes in pieces, and forgets them.
#[derive(Default)]
struct Counter {
    rest: Vec<u8>,
    lines: u64,
}

impl Counter {
    fn push(&mut self, bytes: &[u8], is_counted: impl Fn(&[u8]) -> bool) {
        self.rest.extend_from_slice(bytes);
        let whole = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines = self.rest[..whole].split(|byte| *byte == b'\n');
        self.lines += lines.filter(|line| is_counted(line)).count() as u64;
        self.rest.drain(..whole);
    }
}

/// Follows the log to its end as a page does; answers how many lines of the flood came.
async fn watch(client: Client, build: Value) -> u64 {
    let path = format!("/v1/builds/{}/logs/stream", build["id"].as_str().unwrap());
    // The text of a frame and nothing else; the command that prints them is shown as well.
    let frame = format!("\"{LINE}");
    let mut counter = Counter::default();
    let mut last = String::new();
    loop {
        let mut request = client.request(Method::GET, &path);
        if !last.is_empty() {
            request = request.header("last-event-id", &last);
        }
        let mut body = request.send().await.unwrap().bytes_stream();
        let mut is_over = false;
        while let Some(Ok(bytes)) = body.next().await {
            let text = String::from_utf8_lossy(&bytes);
            is_over |= text.contains("event: done");
            if let Some(id) = text.lines().rev().find_map(|line| line.strip_prefix("id: ")) {
                id.clone_into(&mut last);
            }
            counter.push(&bytes, |line| contains(line, &frame));
        }
        if is_over {
            return counter.lines;
        }
    }
}

fn contains(line: &[u8], text: &str) -> bool {
    line.windows(text.len()).any(|window| window == text.as_bytes())
}

async fn lines_kept(client: &Client, build: &Value) -> u64 {
    let path = format!("/v1/builds/{}/logs/raw", build["id"].as_str().unwrap());
    let mut body = client.request(Method::GET, &path).send().await.unwrap().bytes_stream();
    let mut counter = Counter::default();
    while let Some(bytes) = body.next().await {
        counter.push(&bytes.unwrap(), |line| line == LINE.as_bytes());
    }
    counter.lines
}

async fn flooded(owner: &Client, name: &str, lines: u64, written: &Path) -> Value {
    let step =
        format!("yes '{LINE}' | head -n {lines} | tee {}; mkdir -p out; echo ok > out/a", written.display());
    let repository = Repository::running(&[&step]);
    let project = owner.project(name, &repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let build = owner.build(&pipeline).await;
    let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
    crate::support::wait_for(owner, &path, |found| found["build"]["status"] != "queued").await;
    // The runner clones from the folder: it has to stay until the build is over.
    std::mem::forget(repository);
    build
}

#[tokio::test]
async fn a_flood_that_somebody_watches_loses_no_byte_and_takes_no_memory() {
    assert_eq!(LINE.len(), 99);
    let mib = fault_points().map_or(64, |points| points as u64 * 5);
    let lines = mib * MIB / 100;
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let written = folder.path().join("written");
    let daemon = Daemon::start(data.path(), free_port(), &["--log-limit-bytes", "0"]).await;
    let owner = daemon.client().sign_in(None).await;
    // Once without counting, so that everything is there that every build needs.
    let first = flooded(&owner, "First", 20_000, &written).await;
    let watching = watch(owner.clone(), first.clone()).await;
    build_in(&owner, &first, "succeeded").await;
    assert_eq!(watching, 20_000);
    let idle = memory(daemon.pid(), "VmRSS");
    forget_peak(daemon.pid());
    let begun = Instant::now();
    let build = flooded(&owner, "Flood", lines, &written).await;
    let seen = watch(owner.clone(), build.clone()).await;
    let took = begun.elapsed();
    build_in(&owner, &build, "succeeded").await;
    let kept = lines_kept(&owner, &build).await;
    let grown = memory(daemon.pid(), "VmHWM").saturating_sub(idle);
    assert_eq!(std::fs::metadata(&written).unwrap().len(), lines * 100, "the step wrote it all");
    eprintln!(
        "F20: {mib} MiB at {:.0} MiB/s, lines lost {}, not seen by the viewer {}, memory grown by {:.1} MiB",
        mib as f64 / took.as_secs_f64(),
        lines - kept,
        lines - seen,
        grown as f64 / MIB as f64
    );
    assert_eq!((kept, seen), (lines, lines));
    assert!(grown <= 32 * MIB, "{} MiB", grown / MIB);
    drop(daemon);
    end_runner(data.path());
}
