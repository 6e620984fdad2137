//! Output of a build on a terminal: its text line by line, and a heading where a step begins and ends.

use anstyle::{AnsiColor, Style};
use serde::Deserialize;
use serde_json::Value;

use super::terminal::{coloured, pass_on, plain, say};
use crate::domain::step::StepStatus;

const MARKER: &str = "[oore-step] ";

/// What the terminal shows of a build.
#[derive(Default)]
pub struct Screen {
    /// Whether the last line has no end yet.
    is_open: bool,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Marker {
    Start { name: String },
    End { name: String, status: StepStatus, exit_code: Option<i32> },
}

impl Screen {
    /// Text of somebody on this machine, as it is.
    pub fn text(&mut self, content: &[u8], newline: bool) {
        pass_on(content);
        if newline {
            pass_on(b"\n");
        }
        self.is_open = !newline;
    }

    /// A chunk of a log that the daemon sent.
    pub fn chunk(&mut self, chunk: &Value) {
        let content = chunk["content"].as_str().unwrap_or_default();
        let marker = content.strip_prefix(MARKER).and_then(|json| serde_json::from_str(json).ok());
        let own = |name: &str| chunk["step"] == name;
        match marker {
            Some(Marker::Start { name }) if own(&name) => self.heading(Style::new(), &name, ""),
            Some(Marker::End { name, status, exit_code }) if own(&name) => self.end(&name, status, exit_code),
            // What a step prints is text, also if it looks like a marker.
            Some(Marker::Start { .. } | Marker::End { .. }) | None => {
                self.text(coloured(content).as_bytes(), chunk["partial"] != true);
            }
        }
    }

    /// That a step has ended, and how.
    pub fn end(&mut self, name: &str, status: StepStatus, exit_code: Option<i32>) {
        let (color, word) = match status {
            StepStatus::Succeeded => (AnsiColor::Green, ": succeeded".to_owned()),
            StepStatus::Failed => (
                AnsiColor::Red,
                exit_code.map_or(": failed".to_owned(), |code| format!(": failed with exit code {code}")),
            ),
            StepStatus::Skipped => (AnsiColor::Yellow, ": skipped".to_owned()),
        };
        self.heading(color.on_default(), name, &word);
    }

    pub fn heading(&mut self, style: Style, name: &str, word: &str) {
        self.close();
        let style = style.bold();
        say(format_args!("{style}== {}{word}{style:#}", plain(name)));
    }

    /// Ends a line that has no end yet.
    pub fn close(&mut self) {
        if std::mem::take(&mut self.is_open) {
            pass_on(b"\n");
        }
    }
}
