//! The one table that is printed: figure, floor, ratio, aim. It formats and compares; it does not
//! measure.

use std::fmt;

/// A number with its unit. Sizes are decimal: 1 MB is 1 000 000 bytes.
#[derive(Debug, Clone, Copy)]
pub enum Amount {
    Milliseconds(f64),
    Bytes(f64),
    BytesPerSecond(f64),
    LinesPerSecond(f64),
    RequestsPerSecond(f64),
    Files(f64),
    Writes(f64),
}

impl Amount {
    pub fn number(self) -> f64 {
        match self {
            Amount::Milliseconds(number)
            | Amount::Bytes(number)
            | Amount::BytesPerSecond(number)
            | Amount::LinesPerSecond(number)
            | Amount::RequestsPerSecond(number)
            | Amount::Files(number)
            | Amount::Writes(number) => number,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Amount::Milliseconds(ms) if ms < 10.0 => write!(f, "{ms:.2} ms"),
            Amount::Milliseconds(ms) => write!(f, "{ms:.1} ms"),
            Amount::Bytes(bytes) if bytes < 1e6 => write!(f, "{:.1} KB", bytes / 1e3),
            Amount::Bytes(bytes) => write!(f, "{:.1} MB", bytes / 1e6),
            Amount::BytesPerSecond(rate) => write!(f, "{:.0} MB/s", rate / 1e6),
            Amount::LinesPerSecond(rate) => write!(f, "{rate:.0} lines/s"),
            Amount::RequestsPerSecond(rate) => write!(f, "{rate:.0} req/s"),
            Amount::Files(count) => write!(f, "{count:.0} files"),
            Amount::Writes(count) => write!(f, "{count:.0} writes"),
        }
    }
}

/// What the figure should be.
#[derive(Debug, Clone, Copy)]
enum Aim {
    AtMost(Amount),
    AtLeast(Amount),
    RatioAtLeast(f64),
}

/// One line of the table.
#[derive(Debug)]
pub struct Row {
    figure: String,
    measured: Amount,
    floor: Option<(String, Amount)>,
    aim: Option<Aim>,
}

impl Row {
    pub fn new(figure: impl Into<String>, measured: Amount) -> Self {
        Self { figure: figure.into(), measured, floor: None, aim: None }
    }

    /// What the least possible work costs, measured in the same run.
    pub fn floor(self, name: impl Into<String>, amount: Amount) -> Self {
        Self { floor: Some((name.into(), amount)), ..self }
    }

    pub fn at_most(self, amount: Amount) -> Self {
        Self { aim: Some(Aim::AtMost(amount)), ..self }
    }

    pub fn at_least(self, amount: Amount) -> Self {
        Self { aim: Some(Aim::AtLeast(amount)), ..self }
    }

    pub fn ratio_at_least(self, ratio: f64) -> Self {
        Self { aim: Some(Aim::RatioAtLeast(ratio)), ..self }
    }

    fn ratio(&self) -> Option<f64> {
        self.floor.as_ref().map(|(_, floor)| self.measured.number() / floor.number())
    }

    fn aim(&self) -> String {
        let (text, met) = match self.aim {
            None => return String::new(),
            Some(Aim::AtMost(most)) => (format!("≤ {most}"), self.measured.number() <= most.number()),
            Some(Aim::AtLeast(least)) => (format!("≥ {least}"), self.measured.number() >= least.number()),
            Some(Aim::RatioAtLeast(least)) => {
                (format!("≥ {least} ×"), self.ratio().is_some_and(|ratio| ratio >= least))
            }
        };
        format!("{text} {}", if met { "met" } else { "MISSED" })
    }

    fn cells(&self) -> [String; 6] {
        let (name, floor) = match &self.floor {
            Some((name, amount)) => (name.clone(), amount.to_string()),
            None => (String::new(), String::new()),
        };
        let ratio = self.ratio().map(|ratio| format!("{ratio:.3} ×")).unwrap_or_default();
        [self.figure.clone(), self.measured.to_string(), name, floor, ratio, self.aim()]
    }
}

/// Rows in the order they were measured.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub fn append(&mut self, mut other: Table) {
        self.rows.append(&mut other.rows);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["figure", "measured", "floor", "", "ratio", "aim"].map(str::to_owned);
        let lines: Vec<[String; 6]> =
            std::iter::once(heads).chain(self.rows.iter().map(Row::cells)).collect();
        let mut widths = [0; 6];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let [a, b, c, d, e, _] = widths;
        for [figure, measured, name, floor, ratio, aim] in &lines {
            let line = format!("{figure:<a$}  {measured:>b$}   {name:<c$}  {floor:>d$}  {ratio:>e$}   {aim}");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
