//! What a person at a terminal sees: lines on standard output, notes and errors on standard error,
//! colours only where somebody looks. Text that came from elsewhere is made harmless first.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that has them, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

impl Color {
    /// Decides for the whole process.
    pub fn apply(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        if self == Color::Never {
            inquire::set_global_render_config(inquire::ui::RenderConfig::empty());
        }
    }
}

/// Prints a line for people or programs that read standard output.
pub fn say(line: impl std::fmt::Display) {
    print(format_args!("{line}"));
}

/// Prints a row of a summary: what it is about, then the text.
pub fn row(name: &str, text: impl std::fmt::Display) {
    let bold = Style::new().bold();
    print(format_args!("{bold}{name:<10}{bold:#}{text}"));
}

/// Passes on what another program printed, as it is; colours go where nobody looks.
pub fn pass_on(content: &[u8]) {
    let mut out = anstream::stdout();
    if out.write_all(content).and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}

/// Who reads the result may go away early, as `head` does: then there is nothing left to do.
fn print(line: std::fmt::Arguments<'_>) {
    if writeln!(anstream::stdout(), "{line}").is_err() {
        std::process::exit(1);
    }
}

/// Nobody has to read what is said beside the result.
fn aside(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Says something beside the result.
pub fn note(text: impl std::fmt::Display) {
    aside(format_args!("{text}"));
}

/// Says what a careful operator would change.
pub fn warn(text: impl std::fmt::Display) {
    let yellow = AnsiColor::Yellow.on_default().bold();
    aside(format_args!("{yellow}warning:{yellow:#} {text}"));
}

/// Says what went wrong and, if known, what to do about it.
pub fn complain(error: &anyhow::Error, hint: Option<&str>) {
    let (red, cyan) = (AnsiColor::Red.on_default().bold(), AnsiColor::Cyan.on_default().bold());
    aside(format_args!("{red}error:{red:#} {}", plain(&format!("{error:#}"))));
    if let Some(hint) = hint {
        aside(format_args!("{cyan}hint:{cyan:#}  {}", plain(hint)));
    }
}

/// Text without what could move the cursor or colour the screen.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn foreign_text_cannot_drive_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\r\u{9b}c\nd"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\nd");
    }
}
