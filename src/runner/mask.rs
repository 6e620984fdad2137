//! Takes secrets out of everything a build prints or says, before it touches a disk: as they are and in
//! the encodings that tools print, also across the borders of reads. What can't be the beginning of a
//! secret is never held back.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};
use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::domain::variable::MIN_SECRET_BYTES;

/// What is seen instead.
const MASK: &[u8] = b"***";
/// A longer pattern is cut into several, which bounds what is held back.
const LONGEST_PATTERN: usize = 512;
/// Above so many bytes of patterns the fastest automaton takes seconds and many megabytes to make.
const MOST_FOR_FASTEST: usize = 8 * 1024;
/// Where tools break the lines of base64.
const BASE64_COLUMNS: [usize; 2] = [76, 64];

/// The secrets of one build; none by default.
#[derive(Debug, Clone, Default)]
pub struct Masks(Option<Arc<Patterns>>);

/// Every form of every secret. No pattern holds a newline.
#[derive(Debug)]
struct Patterns {
    automaton: AhoCorasick,
    /// In order, to look up whether some bytes begin one.
    sorted: Vec<Vec<u8>>,
    longest: usize,
    begins: [bool; 256],
}

impl Masks {
    /// Prepares to mask these secrets.
    pub fn of<'a>(secrets: impl Iterator<Item = &'a [u8]>) -> io::Result<Self> {
        let sorted: BTreeSet<Vec<u8>> = secrets.flat_map(patterns).collect();
        if sorted.is_empty() {
            return Ok(Self::default());
        }
        let mut begins = [false; 256];
        for pattern in &sorted {
            begins[usize::from(pattern[0])] = true;
        }
        Ok(Self(Some(Arc::new(Patterns {
            automaton: automaton(&sorted).map_err(io::Error::other)?,
            longest: sorted.iter().map(Vec::len).max().unwrap_or(0),
            sorted: sorted.into_iter().collect(),
            begins,
        }))))
    }

    /// Masks a text that is complete.
    pub fn text(&self, text: &str) -> String {
        if self.0.is_none() {
            return text.to_owned();
        }
        let mut masked = Vec::with_capacity(text.len());
        let mut stream = self.stream();
        stream.push(text.as_bytes(), &mut |part| masked.extend_from_slice(part));
        stream.flush(&mut |part| masked.extend_from_slice(part));
        String::from_utf8_lossy(&masked).into_owned()
    }

    /// Masks bytes as they come.
    pub fn stream(&self) -> Stream {
        Stream { patterns: self.0.clone(), held: Vec::new(), masked: None }
    }
}

impl Patterns {
    /// How many bytes at the end may be the beginning of a secret.
    fn begun(&self, bytes: &[u8]) -> usize {
        let reach = bytes.len().saturating_sub(self.longest - 1);
        let line = bytes[reach..].iter().rposition(|byte| *byte == b'\n');
        let from = line.map_or(reach, |newline| reach + newline + 1);
        let starts = (from..bytes.len()).filter(|start| self.begins[usize::from(bytes[*start])]);
        starts.map(|start| &bytes[start..]).find(|tail| self.continues(tail)).map_or(0, <[u8]>::len)
    }

    /// Whether a pattern begins so and goes on.
    fn continues(&self, tail: &[u8]) -> bool {
        let at = self.sorted.partition_point(|pattern| pattern.as_slice() <= tail);
        self.sorted.get(at).is_some_and(|pattern| pattern.starts_with(tail))
    }

    /// The stretches to hide, in order: secrets that overlap or touch are one. `begun` is the length of
    /// one that began before these bytes.
    fn stretches(&self, bytes: &[u8], begun: Option<usize>) -> Vec<(usize, usize)> {
        let mut stretches: Vec<(usize, usize)> = begun.map(|end| (0, end)).into_iter().collect();
        for found in self.automaton.find_overlapping_iter(bytes) {
            let (mut start, mut end) = (found.start(), found.end());
            while let Some(last) = stretches.pop_if(|last| last.1 >= start) {
                (start, end) = (start.min(last.0), end.max(last.1));
            }
            stretches.push((start, end));
        }
        stretches
    }
}

/// One stream of bytes in the middle of being masked.
#[derive(Debug)]
pub struct Stream {
    patterns: Option<Arc<Patterns>>,
    /// What may be the beginning of a secret; shorter than the longest pattern.
    held: Vec<u8>,
    /// After a mask: how many of the held bytes it stands for as well.
    masked: Option<usize>,
}

impl Stream {
    /// Takes bytes and emits what is certain.
    pub fn push(&mut self, bytes: &[u8], emit: &mut dyn FnMut(&[u8])) {
        let Some(patterns) = self.patterns.clone() else { return emit(bytes) };
        if self.held.is_empty() {
            let keep = bytes.len() - patterns.begun(bytes);
            self.emit(&patterns, bytes, keep, emit);
            self.held.extend_from_slice(&bytes[keep..]);
            return;
        }
        let mut all = std::mem::take(&mut self.held);
        all.extend_from_slice(bytes);
        let keep = all.len() - patterns.begun(&all);
        self.emit(&patterns, &all, keep, emit);
        all.drain(..keep);
        self.held = all;
    }

    /// Emits what is held back: nothing more will come.
    pub fn flush(&mut self, emit: &mut dyn FnMut(&[u8])) {
        if let Some(patterns) = self.patterns.clone() {
            let all = std::mem::take(&mut self.held);
            self.emit(&patterns, &all, all.len(), emit);
        }
    }

    /// Emits the bytes before `keep`, of which the rest may still change nothing.
    fn emit(&mut self, patterns: &Patterns, bytes: &[u8], keep: usize, emit: &mut dyn FnMut(&[u8])) {
        let begun = self.masked.take();
        let mut plain = 0;
        for (start, end) in patterns.stretches(bytes, begun) {
            let told = start == 0 && begun.is_some();
            if start >= keep && !told {
                break;
            }
            if start > plain {
                emit(&bytes[plain..start]);
            }
            if !told {
                emit(MASK);
            }
            self.masked = end.checked_sub(keep);
            plain = end;
        }
        if plain < keep {
            emit(&bytes[plain..keep]);
            self.masked = None;
        }
    }
}

fn automaton(patterns: &BTreeSet<Vec<u8>>) -> Result<AhoCorasick, BuildError> {
    let bytes: usize = patterns.iter().map(Vec::len).sum();
    let kind = if bytes <= MOST_FOR_FASTEST { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
    AhoCorasick::builder().kind(Some(kind)).build(patterns)
}

/// Everything that is looked for because of one secret.
fn patterns(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for piece in pieces(secret) {
        all.extend(forms(piece));
    }
    all.extend(wrapped(secret));
    all.extend(wrapped(&[secret, b"\n"].concat()));
    let long_enough = all.into_iter().filter(|pattern| pattern.len() >= MIN_SECRET_BYTES);
    long_enough.flat_map(|pattern| cut(&pattern)).collect()
}

/// The secret's lines, also where they are written with `\n` in them, without the space around them.
fn pieces(secret: &[u8]) -> Vec<&[u8]> {
    let lines = secret.split(|byte| *byte == b'\n');
    let mut pieces: Vec<&[u8]> = lines.clone().chain(lines.map(<[u8]>::trim_ascii)).collect();
    for line in secret.split(|byte| *byte == b'\n') {
        let mut rest = line;
        while let Some(at) = rest.windows(2).position(|pair| pair == br"\n") {
            pieces.push(rest[..at].trim_ascii());
            rest = &rest[at + 2..];
            pieces.push(rest.trim_ascii());
        }
    }
    pieces.retain(|piece| piece.len() >= MIN_SECRET_BYTES);
    pieces
}

/// One line in the encodings that tools print.
fn forms(piece: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![
        piece.to_vec(),
        hex::encode(piece).into_bytes(),
        hex::encode_upper(piece).into_bytes(),
        quoted(piece),
    ];
    for (padded, plain) in [(&STANDARD, &STANDARD_NO_PAD), (&URL_SAFE, &URL_SAFE_NO_PAD)] {
        forms.extend([padded.encode(piece).into_bytes(), plain.encode(piece).into_bytes()]);
        forms.extend((0..3).map(|before| base64_inside(plain, piece, before)));
    }
    for kept in ["-._~", "-._~/", "-._~!'()*"] {
        forms.extend([percent(piece, kept, false), percent(piece, kept, true)]);
    }
    forms.push(form(piece));
    if let Ok(text) = std::str::from_utf8(piece) {
        forms.extend(json(text));
    }
    forms
}

/// The characters of base64 that depend on the piece alone when `before` bytes stand before it.
fn base64_inside(engine: &GeneralPurpose, piece: &[u8], before: usize) -> Vec<u8> {
    let mut padded = vec![0; before];
    padded.extend_from_slice(piece);
    let encoded = engine.encode(&padded).into_bytes();
    let (first, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    encoded[first..end].to_vec()
}

/// The whole secret in base64 with line breaks, line by line.
fn wrapped(secret: &[u8]) -> Vec<Vec<u8>> {
    let encoded = STANDARD.encode(secret).into_bytes();
    BASE64_COLUMNS.iter().flat_map(|columns| encoded.chunks(*columns).map(<[u8]>::to_vec)).collect()
}

fn percent(bytes: &[u8], kept: &str, lower: bool) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(byte) {
            encoded.push(*byte);
        } else {
            encoded.push(b'%');
            encoded
                .extend(if lower { hex::encode([*byte]) } else { hex::encode_upper([*byte]) }.into_bytes());
        }
    }
    encoded
}

/// As the body of a web form.
fn form(bytes: &[u8]) -> Vec<u8> {
    let words = bytes.split(|byte| *byte == b' ').map(|word| percent(word, "-._*", false));
    words.collect::<Vec<_>>().join(&b'+')
}

/// As a shell shows it that traces its commands.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    bytes.split(|byte| *byte == b'\'').collect::<Vec<_>>().join(&br"'\''"[..])
}

/// Inside of a JSON string: as it is, with `/` escaped, with everything escaped that isn't ASCII.
fn json(text: &str) -> [Vec<u8>; 3] {
    let string = serde_json::Value::from(text).to_string();
    let inside = &string[1..string.len() - 1];
    let mut ascii = String::with_capacity(inside.len());
    for character in inside.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            let mut units = [0; 2];
            ascii.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    [inside.into(), inside.replace('/', r"\/").into(), ascii.into()]
}

/// Cuts what is too long into pieces of about the same length.
fn cut(pattern: &[u8]) -> Vec<Vec<u8>> {
    let count = pattern.len().div_ceil(LONGEST_PATTERN);
    pattern.chunks(pattern.len().div_ceil(count)).map(<[u8]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masks(secrets: &[&str]) -> Masks {
        Masks::of(secrets.iter().map(|secret| secret.as_bytes())).unwrap()
    }

    fn in_parts(masks: &Masks, parts: &[&[u8]]) -> Vec<u8> {
        let mut stream = masks.stream();
        let mut masked = Vec::new();
        for part in parts {
            stream.push(part, &mut |bytes| masked.extend_from_slice(bytes));
        }
        stream.flush(&mut |bytes| masked.extend_from_slice(bytes));
        masked
    }

    /// What is masked, told in the simplest way: every byte of every occurrence.
    fn naive(masks: &Masks, text: &[u8]) -> Vec<u8> {
        let Some(patterns) = &masks.0 else { return text.to_vec() };
        let mut hidden = vec![false; text.len()];
        for pattern in &patterns.sorted {
            for start in 0..text.len().saturating_sub(pattern.len() - 1) {
                if text[start..].starts_with(pattern) {
                    hidden[start..start + pattern.len()].fill(true);
                }
            }
        }
        let mut masked = Vec::new();
        for (at, byte) in text.iter().enumerate() {
            match hidden[at] {
                true if at == 0 || !hidden[at - 1] => masked.extend_from_slice(MASK),
                true => {}
                false => masked.push(*byte),
            }
        }
        masked
    }

    #[test]
    fn every_encoding_is_masked() {
        let secret = "s3cr/t 'ü\"&+=%?";
        let masks = masks(&[secret]);
        let string = serde_json::Value::from(secret).to_string();
        let mut printed = vec![
            secret.to_owned(),
            hex::encode(secret),
            hex::encode_upper(secret),
            string[1..string.len() - 1].to_owned(),
            r#"s3cr\/t 'ü\"&+=%?"#.to_owned(),
            r#"s3cr/t '\u00fc\"&+=%?"#.to_owned(),
            "s3cr%2Ft%20%27%C3%BC%22%26%2B%3D%25%3F".to_owned(),
            "s3cr%2ft%20%27%c3%bc%22%26%2b%3d%25%3f".to_owned(),
            "s3cr%2Ft%20'%C3%BC%22%26%2B%3D%25%3F".to_owned(),
            "s3cr/t%20%27%C3%BC%22%26%2B%3D%25%3F".to_owned(),
            "s3cr%2Ft+%27%C3%BC%22%26%2B%3D%25%3F".to_owned(),
            r#"s3cr/t '\''ü"&+=%?"#.to_owned(),
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
        ];
        for text in &printed {
            assert_eq!(masks.text(&format!("<{text}>")), "<***>", "{text}");
        }
        // With something around it only the outermost characters, which belong to both, may remain.
        printed =
            ["", "a", "ab"].iter().map(|before| STANDARD.encode(format!("{before}{secret}xy"))).collect();
        for text in printed {
            let masked = masks.text(&text);
            assert!(masked.contains("***") && masked.len() <= 13, "{text}: {masked}");
        }
    }

    #[test]
    fn every_line_of_a_secret_is_masked_and_so_is_its_base64() {
        let lines: Vec<String> = (0..9).map(|line| format!("line {line} of the key").repeat(3)).collect();
        let key = lines.join("\r\n");
        let masks = masks(&[&key, r#"{"key": "first part\nsecond part\nthird"}"#]);
        assert_eq!(masks.text(&lines.join("\n")), ["***"; 9].join("\n"));
        assert_eq!(masks.text("the second part alone"), "the *** alone");
        for columns in BASE64_COLUMNS {
            let encoded = STANDARD.encode(format!("{key}\n"));
            let rows: Vec<&str> =
                encoded.as_bytes().chunks(columns).map(|row| std::str::from_utf8(row).unwrap()).collect();
            let masked = masks.text(&rows.join("\n"));
            assert!(masked.lines().all(|row| row == "***" || row.len() < MIN_SECRET_BYTES), "{masked}");
        }
    }

    #[test]
    fn secrets_that_overlap_leave_nothing_between_them() {
        let masks = masks(&["abcdef", "defghi", "ghijkl"]);
        assert_eq!(masks.text("<abcdefghijkl>"), "<***>");
        assert_eq!(in_parts(&masks, &[b"<abcdef", b"ghi", b"jkl", b">"]), b"<***>");
    }

    #[test]
    fn what_cannot_be_a_secret_is_not_held_back() {
        let masks = masks(&["s3cret", "password"]);
        let mut stream = masks.stream();
        let mut seen = Vec::new();
        for (part, so_far) in [
            ("Building", "Building"),
            (" pass", "Building "),
            ("ing tests: s3", "Building passing tests: "),
            ("cre", "Building passing tests: "),
            ("t", "Building passing tests: ***"),
            (" s3cre\n", "Building passing tests: *** s3cre\n"),
        ] {
            stream.push(part.as_bytes(), &mut |bytes| seen.extend_from_slice(bytes));
            assert_eq!(String::from_utf8_lossy(&seen), so_far);
        }
    }

    #[test]
    fn a_secret_of_any_length_holds_back_little() {
        let secret = "0123456789abcdef".repeat(4096);
        let masks = masks(&[&secret]);
        let mut stream = masks.stream();
        let mut seen = 0;
        for part in secret.as_bytes().chunks(1000) {
            stream.push(part, &mut |bytes| seen += bytes.len());
            assert!(stream.held.len() < LONGEST_PATTERN);
        }
        stream.flush(&mut |bytes| seen += bytes.len());
        assert_eq!(seen, MASK.len());
    }

    #[test]
    fn without_secrets_nothing_changes() {
        assert_eq!(masks(&[]).text("a *** b"), "a *** b");
        assert_eq!(in_parts(&Masks::default(), &[b"a\xff", b"\n"]), b"a\xff\n");
    }

    proptest! {
        /// An alphabet of few letters makes occurrences that overlap and begin in vain.
        #[test]
        fn pieces_are_masked_as_the_whole(
            secrets in proptest::collection::vec("[ab]{4,7}|[abc]{4,12}", 1..4),
            parts in proptest::collection::vec(proptest::collection::vec(
                prop_oneof![Just(b'a'), Just(b'b'), Just(b'c'), Just(b'\n')], 0..9), 0..30),
        ) {
            let masks = Masks::of(secrets.iter().map(String::as_bytes)).unwrap();
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(in_parts(&masks, &parts), naive(&masks, &parts.concat()));
        }

        #[test]
        fn no_secret_is_left_wherever_the_reads_end(
            secret in "[ -~]{4,40}",
            around in proptest::collection::vec("[ -~\n]{0,30}", 2),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let masks = masks(&[&secret]);
            prop_assume!(secret.trim().len() >= MIN_SECRET_BYTES);
            let text = format!("{}{secret}{}", around[0], around[1]).into_bytes();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len())).collect();
            cuts.sort_unstable();
            let mut parts = Vec::new();
            let mut from = 0;
            for cut in cuts {
                parts.push(&text[from..cut]);
                from = cut;
            }
            parts.push(&text[from..]);
            let masked = in_parts(&masks, &parts);
            prop_assert_eq!(&masked, &in_parts(&masks, &[&text]));
            prop_assert!(!masked.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
}
