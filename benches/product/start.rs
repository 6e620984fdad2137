//! Cold start on a fresh folder beside the start of the same binary without any work, and its size.

use std::process::Stdio;
use std::time::Instant;

use anyhow::ensure;

use super::program::{Builds, Daemon, OORED, oored, scratch};
use super::samples::Samples;
use super::table::{Amount, Row, Table};

const STARTS: usize = 15;

pub async fn measure() -> anyhow::Result<Table> {
    let (mut daemon, mut version) = (Samples::default(), Samples::default());
    for _ in 0..STARTS {
        let folder = scratch()?;
        let began = Instant::now();
        let running = Daemon::start(&folder.path().join("data"), Builds::ByItsRunner)?;
        daemon.add(began.elapsed());
        drop(running);
        let began = Instant::now();
        ensure!(oored().arg("version").stdout(Stdio::null()).status()?.success(), "oored version failed");
        version.add(began.elapsed());
    }
    let mut table = Table::default();
    table.add(
        Row::new("cold start to /healthz 200, p50 of 15", daemon.median())
            .floor("oored version", version.median())
            .at_most(Amount::Milliseconds(40.0)),
    );
    let size = std::fs::metadata(OORED)?.len();
    table.add(Row::new("binary", Amount::Bytes(size as f64)).at_most(Amount::Bytes(25e6)));
    Ok(table)
}
