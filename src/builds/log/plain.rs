//! What of a line is to be seen on a screen: its last state if it rewrites itself with carriage
//! returns, without colours and other control sequences. For searching and quoting only.

use std::borrow::Cow;

const ESCAPE: u8 = 0x1b;

/// The line as plain text; bytes that are no UTF-8 are replaced.
pub(super) fn plain(line: &[u8]) -> Cow<'_, str> {
    let line = last_state(line);
    if !line.iter().any(|byte| is_control(*byte)) {
        return String::from_utf8_lossy(line);
    }
    let mut kept = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == ESCAPE {
            rest = after_sequence(after);
        } else if !is_control(*first) {
            kept.push(*first);
        }
    }
    Cow::Owned(String::from_utf8_lossy(&kept).into_owned())
}

fn is_control(byte: u8) -> bool {
    byte < 0x20 && byte != b'\t' || byte == 0x7f
}

fn last_state(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
    let shown = &line[..end];
    let start = shown.iter().rposition(|byte| *byte == b'\r').map_or(0, |last| last + 1);
    &shown[start..]
}

/// What follows a control sequence whose escape has been read (ECMA-48). One that doesn't end loses
/// its introducer only: it must not hide text.
fn after_sequence(rest: &[u8]) -> &[u8] {
    match rest.split_first() {
        Some((b'[', body)) => match body.iter().position(|byte| !(0x20..=0x3f).contains(byte)) {
            Some(last) if (0x40..=0x7e).contains(&body[last]) => &body[last + 1..],
            Some(_) | None => body,
        },
        Some((b']' | b'P' | b'X' | b'^' | b'_', body)) => {
            let end = body.iter().position(|byte| matches!(*byte, 0x07 | ESCAPE));
            match end {
                Some(at) if body[at] == 0x07 => &body[at + 1..],
                Some(at) if body.get(at + 1) == Some(&b'\\') => &body[at + 2..],
                Some(_) | None => body,
            }
        }
        Some((0x20..=0x2f, body)) => {
            let last = body.iter().position(|byte| !(0x20..=0x2f).contains(byte));
            last.map_or(body, |last| &body[last + 1..])
        }
        Some((_, body)) => body,
        None => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_show_last_is_kept() {
        for (line, shown) in [
            (&b"plain \xc3\xa4"[..], "plain ä"),
            (b"\x1b[31mred\x1b[0m and \x1b[1;38;5;4mmore", "red and more"),
            (b"10%\r50%\r100%\r\r", "100%"),
            (b"\x1b]8;;https://x\x1b\\link\x1b]8;;\x07", "link"),
            (b"\x1b]0;unfinished", "0;unfinished"),
            (b"a\x07b\tc\x7f", "ab\tc"),
            (b"\xff", "\u{fffd}"),
            (b"\x1b", ""),
        ] {
            assert_eq!(plain(line), shown, "{line:?}");
        }
    }
}
