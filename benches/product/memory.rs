//! Resident memory of an idle daemon, alone and with its runner, beside a bare axum process.

use std::collections::HashMap;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use super::bare::Bare;
use super::program::{Builds, Daemon, scratch};
use super::table::{Amount, Row, Table};

/// How long a process is left alone before it counts as idle.
const SETTLE: Duration = Duration::from_secs(3);

pub async fn measure() -> anyhow::Result<Table> {
    let folder = scratch()?;
    let alone = Daemon::start(&folder.path().join("alone"), Builds::ByNobody)?;
    let with_runner = Daemon::start(&folder.path().join("runner"), Builds::ByItsRunner)?;
    let bare = Bare::start(folder.path(), b"{}")?;
    tokio::time::sleep(SETTLE).await;
    let processes = Processes::list()?;
    let floor = processes.resident(bare.id())?;
    let row = |figure, process: u32, most| {
        let row = Row::new(figure, processes.resident(process)?).floor("bare axum process", floor);
        anyhow::Ok(row.at_most(Amount::Bytes(most)))
    };
    let mut table = Table::default();
    table.add(row("idle memory: daemon alone", alone.id(), 20e6)?);
    table.add(row("idle memory: daemon and its runner", with_runner.id(), 30e6)?);
    Ok(table)
}

/// Of a process and all its descendants, now.
pub fn resident(process: u32) -> anyhow::Result<Amount> {
    Processes::list()?.resident(process)
}

struct Process {
    parent: u32,
    resident: u64,
}

/// All processes of the machine at one moment.
struct Processes(HashMap<u32, Process>);

impl Processes {
    fn list() -> anyhow::Result<Self> {
        if cfg!(target_os = "linux") { Self::from_proc() } else { Self::from_ps() }
    }

    fn from_proc() -> anyhow::Result<Self> {
        let ids = std::fs::read_dir("/proc")?
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let read = |id: u32| {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
            let field = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
                line.split_whitespace().next()?.parse::<u64>().ok()
            };
            let parent = u32::try_from(field("PPid")?).ok()?;
            Some((id, Process { parent, resident: field("VmRSS")? * 1024 }))
        };
        Ok(Self(ids.filter_map(read).collect()))
    }

    fn from_ps() -> anyhow::Result<Self> {
        let listed = Command::new("ps").args(["-axo", "pid=,ppid=,rss="]).output().context("ps")?;
        let read = |line: &str| {
            let mut fields = line.split_whitespace().map(|field| field.parse::<u64>().ok());
            let (id, parent, kilobytes) = (fields.next()??, fields.next()??, fields.next()??);
            let process = Process { parent: u32::try_from(parent).ok()?, resident: kilobytes * 1024 };
            Some((u32::try_from(id).ok()?, process))
        };
        Ok(Self(String::from_utf8_lossy(&listed.stdout).lines().filter_map(read).collect()))
    }

    /// Of a process and all its descendants. Pages they share count for each of them.
    fn resident(&self, root: u32) -> anyhow::Result<Amount> {
        self.0.get(&root).context("the process is gone")?;
        let family = self.0.iter().filter(|(id, _)| self.descends(**id, root));
        Ok(Amount::Bytes(family.map(|(_, process)| process.resident as f64).sum()))
    }

    fn descends(&self, mut id: u32, root: u32) -> bool {
        while id != root {
            match self.0.get(&id) {
                Some(process) if process.parent != 0 => id = process.parent,
                Some(_) | None => return false,
            }
        }
        true
    }
}
