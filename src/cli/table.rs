//! Lists for people: columns that fit the terminal; one line a row where no terminal is. Text that came from
//! elsewhere is made harmless on its way into a cell.

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, presets};

use super::terminal::{plain, say, width};
use crate::domain::build::BuildStatus;

/// Rows under a header.
pub struct Table(comfy_table::Table);

impl Table {
    pub fn new(header: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        let bold = Style::new().bold();
        let header: Vec<String> = header.iter().map(|name| format!("{bold}{name}{bold:#}")).collect();
        table.load_style(presets::NOTHING).set_header(header);
        match width() {
            Some(columns) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        Self(table)
    }

    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.add_row(cells);
    }

    pub fn show(mut self) {
        for column in self.0.column_iter_mut() {
            column.set_padding((0, 2));
        }
        self.0.lines().for_each(|line| say(line.trim_end()));
    }
}

/// A cell of text that may hold anything; lines become one.
pub fn cell(text: Option<&str>) -> String {
    plain(text.unwrap_or_default()).replace('\n', " ")
}

/// A build's status in its colour.
pub fn status_cell(status: Option<&str>) -> String {
    let style = status_color(status).on_default();
    format!("{style}{}{style:#}", cell(status))
}

/// The colour of a build's status; of one that is unknown here none of its own.
pub fn status_color(status: Option<&str>) -> AnsiColor {
    match status.and_then(|status| status.parse().ok()) {
        Some(BuildStatus::Succeeded) => AnsiColor::Green,
        Some(BuildStatus::Failed | BuildStatus::TimedOut | BuildStatus::Expired) => AnsiColor::Red,
        Some(BuildStatus::Queued | BuildStatus::Scheduled | BuildStatus::Assigned) => AnsiColor::Cyan,
        Some(BuildStatus::Running) => AnsiColor::Blue,
        Some(BuildStatus::Canceled) => AnsiColor::Yellow,
        None => AnsiColor::White,
    }
}
