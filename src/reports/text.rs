//! Words of people and programs in what code hosts show. Whatever is in them stays text: no markup, no link, no mention
//! of anybody comes of it.

/// Text in one line, without what can't be seen and without more than `most` characters.
pub fn plain(text: &str, most: usize) -> String {
    let visible = text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c });
    let visible: String = visible.filter(|c| !is_hidden(*c)).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= most {
        return line;
    }
    line.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The same as code in Markdown, in which hosts look for nothing. What would end the code, or the cell of a table, is
/// replaced by what looks alike.
pub fn code(text: &str, most: usize) -> String {
    let line = plain(text, most).replace('`', "ˋ").replace('|', "¦");
    if line.is_empty() { "`–`".to_owned() } else { format!("`{line}`") }
}

/// Characters without a width, and those that turn the order of others.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{00ad}')
}

/// How long something took.
pub fn duration(ms: i64) -> String {
    let seconds = ms.max(0).div_euclid(1000);
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// How large something is.
pub fn size(bytes: i64) -> String {
    let bytes = bytes.max(0);
    let tenths = |unit: i64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        1_000_000..1_000_000_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_gets_out_of_code(text in "\\PC{0,40}|[`|\\\\<>@\n\r\t a-z]{0,40}") {
            let shown = code(&text, 30);
            let inner = shown.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).unwrap();
            prop_assert!(!inner.is_empty() && inner.chars().count() <= 30, "{shown}");
            prop_assert!(!inner.contains(['`', '|', '\n', '\r']), "{shown}");
            prop_assert!(!inner.starts_with(' ') && !inner.ends_with(' '), "{shown}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_and_what_is_hidden_goes() {
        assert_eq!(plain("a\u{202e}b\u{200b} \r\n c", 10), "ab c");
        assert_eq!(plain("0123456789a", 10), "012345678…");
        assert_eq!(code("\u{200b}", 5), "`–`");
        assert_eq!(code("@all | `x`", 20), "`@all ¦ ˋxˋ`");
    }

    #[test]
    fn times_and_sizes_are_short() {
        assert_eq!([0, 61_999, 3_720_000].map(duration), ["0 s", "1 min 1 s", "1 h 2 min"]);
        assert_eq!(
            [999, 12_345, 12_300_000, 3_000_000_000].map(size),
            ["999 B", "12.3 kB", "12.3 MB", "3.0 GB"]
        );
    }
}
