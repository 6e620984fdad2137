//! What a person at a terminal sees: lines on standard output, notes and errors on standard error,
//! colours only where somebody looks. Text that came from elsewhere is made harmless first.

use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

use super::failure::Exit;

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
    read_by_somebody(out.write_all(content).and_then(|()| out.flush()));
}

/// Passes bytes on exactly, for a file or another program.
pub fn pass_exactly(content: &[u8]) {
    let mut out = std::io::stdout();
    read_by_somebody(out.write_all(content).and_then(|()| out.flush()));
}

fn print(line: std::fmt::Arguments<'_>) {
    read_by_somebody(writeln!(anstream::stdout(), "{line}"));
}

/// Who reads the result may go away early, as `head` does: then there is nothing left to do, and nothing to say.
fn read_by_somebody(written: io::Result<()>) {
    let Err(error) = written else { return };
    if error.kind() == io::ErrorKind::BrokenPipe {
        std::process::exit(Exit::Unread as i32);
    }
    complain(&anyhow::Error::from(error).context("the result can't be written"), None);
    std::process::exit(Exit::Failed as i32);
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

/// Whether somebody sits in front of this who can answer.
pub fn can_be_asked() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// How many columns the terminal has that standard output goes to; `None` if it goes elsewhere.
pub fn width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

/// Text of a build for a person to read: its colours stay, and nothing else that drives a terminal.
pub fn coloured(text: &str) -> String {
    let text = text.strip_suffix('\r').unwrap_or(text);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_control() && c != '\n' && c != '\t') {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        match color_length(rest) {
            Some(length) => {
                shown.push_str(&rest[..length]);
                rest = &rest[length..];
            }
            None => {
                let control = rest.chars().next().unwrap_or_default();
                // Whoever writes over their own line has written several.
                shown.push(if control == '\r' { '\n' } else { '\u{fffd}' });
                rest = &rest[control.len_utf8()..];
            }
        }
    }
    shown.push_str(rest);
    shown
}

/// How long the sequence is that sets a colour at the beginning of `text`, if there is one.
fn color_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
    parameters[end..].starts_with('m').then_some("\x1b[".len() + end + 1)
}

/// Text without what could move the cursor or colour the screen.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::{coloured, plain};

    #[test]
    fn a_build_colours_its_text_and_does_nothing_else_to_the_terminal() {
        let red = "\x1b[1;31mred\x1b[0m\tand \x1b[38:2::1:2:3mso\x1b[m";
        assert_eq!(coloured(red), red);
        assert_eq!(coloured("10%\r20%\r"), "10%\n20%");
        assert_eq!(
            coloured("\x1b]52;c;cm0=\x07\x1b[2Jx\x1b[1;"),
            "\u{fffd}]52;c;cm0=\u{fffd}\u{fffd}[2Jx\u{fffd}[1;"
        );
        assert_eq!(coloured("größe\x1b"), "größe\u{fffd}");
    }

    #[test]
    fn foreign_text_cannot_drive_the_terminal() {
        assert_eq!(plain("a\x1b[2Jb\r\u{9b}c\nd"), "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\nd");
    }
}
