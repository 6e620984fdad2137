//! The masker: no secret comes through in any form, nothing else is changed, and how the bytes are cut makes no
//! difference. Compared with a replacement that is told in the simplest way.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use oored::domain::variable::MIN_SECRET_BYTES;
use oored::runner::mask::Masks;

use crate::fuzzer::{Dice, Fuzzer};

const MASK: &[u8] = b"***";

fn masks(secrets: &[Vec<u8>]) -> Masks {
    Masks::of(secrets.iter().map(Vec::as_slice)).unwrap()
}

/// The masked bytes, given piece by piece.
fn masked(masks: &Masks, text: &[u8], mut cut: impl FnMut() -> usize) -> Vec<u8> {
    let (mut stream, mut out, mut rest) = (masks.stream(), Vec::new(), text);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(cut().clamp(1, rest.len()));
        stream.push(piece, &mut |bytes| out.extend_from_slice(bytes));
        rest = after;
    }
    stream.flush(&mut |bytes| out.extend_from_slice(bytes));
    out
}

/// Every byte of every occurrence is hidden; what touches is one stretch.
fn naive(secrets: &[Vec<u8>], text: &[u8]) -> Vec<u8> {
    let mut hidden = vec![false; text.len()];
    for secret in secrets {
        for at in 0..text.len() {
            if text[at..].starts_with(secret) {
                hidden[at..at + secret.len()].fill(true);
            }
        }
    }
    let mut out = Vec::new();
    for (at, byte) in text.iter().enumerate() {
        match (hidden[at], at > 0 && hidden[at - 1]) {
            (false, _) => out.push(*byte),
            (true, false) => out.extend_from_slice(MASK),
            (true, true) => {}
        }
    }
    out
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The first bytes are secrets, each behind its length; the rest is the text.
fn split(input: &[u8], letter: impl Fn(u8) -> u8) -> (Vec<Vec<u8>>, &[u8]) {
    let (mut secrets, mut rest) = (Vec::new(), input);
    while let [length, after @ ..] = rest {
        let length = usize::from(length % 16);
        if secrets.len() == 4 || length < MIN_SECRET_BYTES || length > after.len() {
            break;
        }
        secrets.push(after[..length].iter().map(|byte| letter(*byte)).collect());
        rest = &after[length..];
    }
    (secrets, rest)
}

#[test]
fn it_does_what_a_simple_replacement_does_however_the_bytes_are_cut() {
    // Of three letters, none of which any encoding writes: all that can match are the secrets as they are, and
    // they overlap, repeat and begin within each other all the time.
    let letter = |byte: u8| 0xf1 + byte % 3;
    let seed = |bytes: &[u8]| bytes.to_vec();
    let seeds = vec![
        seed(b"\x04aaaa\x05aaaab\x06baaaab aaaaaabaaaabaaaa"),
        seed(b"\x0cabcabcabcabc\x04abca  abcabcabcabcabcabc\nabca"),
    ];
    Fuzzer { name: "masker", seeds, words: &["aaaa", "abab", "abcabc", "\n", "\u{4}aaaa"] }.run(|input| {
        let (secrets, rest) = split(input, letter);
        let text: Vec<u8> = rest
            .iter()
            .map(|byte| if matches!(byte, b'\n' | b' ') { *byte } else { letter(*byte) })
            .collect();
        let masks = masks(&secrets);
        let expected = naive(&secrets, &text);
        assert_eq!(masked(&masks, &text, || usize::MAX), expected, "in one piece");
        assert_eq!(masked(&masks, &text, || 1), expected, "byte by byte");
        let mut dice = Dice::new(input.iter().map(|byte| u64::from(*byte)).sum());
        for _ in 0..3 {
            assert_eq!(masked(&masks, &text, || 1 + dice.below(9)), expected, "in pieces");
        }
        let stretches = expected.windows(MASK.len()).filter(|window| *window == MASK).count();
        format!("{} secrets, {} hidden", secrets.len(), stretches.min(20))
    });
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    let one = |byte: &u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => vec![*byte],
        other => format!("%{other:02X}").into_bytes(),
    };
    bytes.iter().flat_map(one).collect()
}

#[test]
fn no_form_of_a_secret_comes_through_whatever_stands_around_it() {
    // All that can be printed, but for the mask's own letter.
    let letter = |byte: u8| if byte % 95 == b'*' - b' ' { b'+' } else { b' ' + byte % 95 };
    let seeds = vec![b"\x08s3cr/t+=around it".to_vec(), b"\x0f\"quoted\" 'text'\x04a%b&\xff\x00".to_vec()];
    Fuzzer { name: "forms", seeds, words: &["\"", "'", "\\", "%2F", "=", "\u{4}"] }.run(|input| {
        let (secrets, around) = split(input, letter);
        let Some(secret) = secrets.first() else { return "no secret".to_owned() };
        // Space around a secret is no part of it, as in the files that secrets come from.
        let trimmed = secret.trim_ascii();
        if trimmed.len() < MIN_SECRET_BYTES {
            return "mostly space".to_owned();
        }
        let masks = masks(&secrets);
        let json = serde_json::to_string(std::str::from_utf8(secret).unwrap()).unwrap();
        let forms = [
            secret.clone(),
            hex(secret),
            hex(secret).to_ascii_uppercase(),
            STANDARD.encode(secret).into_bytes(),
            STANDARD_NO_PAD.encode(secret).into_bytes(),
            URL_SAFE.encode(secret).into_bytes(),
            URL_SAFE_NO_PAD.encode(secret).into_bytes(),
            percent(secret),
            json.as_bytes()[1..json.len() - 1].to_vec(),
        ];
        let (before, after) = around.split_at(around.len() / 2);
        for form in &forms {
            let text = [before, form, after].concat();
            let out = masked(&masks, &text, || 3);
            assert!(!contains(&out, form), "{} in {}", form.escape_ascii(), out.escape_ascii());
        }
        // Inside of something bigger that is encoded: the letters that depend on the secret alone.
        let whole = STANDARD.encode([before, secret, after].concat());
        let (first, end) = ((before.len() * 8).div_ceil(6), (before.len() + secret.len()) * 8 / 6);
        let inside = &whole.as_bytes()[first..end];
        let out = masked(&masks, whole.as_bytes(), || 5);
        assert!(
            inside.len() < MIN_SECRET_BYTES || !contains(&out, inside),
            "{whole} became {}",
            out.escape_ascii()
        );
        format!("{} long, {} around", secret.len(), around.len().min(30))
    });
}
