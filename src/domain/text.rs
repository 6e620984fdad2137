//! Text that people give, and counts that they are told. What a text must be like is a rule of the thing that it is for.

/// What somebody gave, without space around it; nothing if that is all there is.
pub fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// A name that people give, without space around it; nothing if it is empty, longer than `most` characters, or has control
/// characters.
pub fn name(text: &str, most: usize) -> Option<String> {
    let name = given(Some(text))?;
    let is_good = name.chars().count() <= most && !name.chars().any(char::is_control);
    is_good.then(|| name.to_owned())
}

/// Text as HTML shows it.
pub fn html(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
        safe
    })
}

/// A count and what is counted: "1 file", "2 files".
pub fn plural(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
