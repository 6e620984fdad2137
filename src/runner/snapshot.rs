//! What the processes of a build were doing at one moment, as lines for the log: the answer to "where did
//! it hang". It only looks.

use std::collections::BTreeMap;
use std::time::Duration;

use rustix::process::Pid;

use super::mask::Masks;
use super::platform;
use super::processes::{Process, Table};

/// Longest list; a build that forks without end is told by the count.
const MOST_SHOWN: usize = 60;
const MOST_CHARS: usize = 160;

/// The processes as a tree: parents first, children indented below them, each with its age.
pub fn of(pids: &[Pid], masks: &Masks) -> Vec<String> {
    let table = Table::read();
    let known: BTreeMap<i32, Process> = pids
        .iter()
        .filter_map(|pid| Some((pid.as_raw_nonzero().get(), table.find(pid.as_raw_nonzero().get())?)))
        .collect();
    let mut lines = vec![format!("{} processes were running:", known.len())];
    let roots = known.iter().filter(|(_, process)| !known.contains_key(&process.parent));
    for (pid, process) in roots {
        show(&known, masks, (*pid, process), 0, &mut lines);
    }
    if lines.len() > MOST_SHOWN + 1 {
        lines.truncate(MOST_SHOWN + 1);
        lines.push(format!("  and {} more", known.len() - MOST_SHOWN));
    }
    lines
}

fn show(
    known: &BTreeMap<i32, Process>,
    masks: &Masks,
    (pid, process): (i32, &Process),
    depth: usize,
    lines: &mut Vec<String>,
) {
    // Parents are read one after the other: a number that was given away meanwhile must not make a circle.
    if depth > known.len() {
        return;
    }
    let (indent, age) = ("  ".repeat(depth + 1), seconds(process.age));
    lines.push(format!("{indent}{pid} ({age}) {}", shortened(&masks.text(&platform::command_line(pid)))));
    for (child, process) in known.iter().filter(|(_, process)| process.parent == pid) {
        show(known, masks, (*child, process), depth + 1, lines);
    }
}

fn seconds(age: Duration) -> String {
    format!("{} s", age.as_secs())
}

/// Of a masked command line: half a secret would not be recognised any more.
fn shortened(command: &str) -> String {
    let plain: String = command.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match plain.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", &plain[..end]),
        None => plain,
    }
}
