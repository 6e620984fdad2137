//! Pipeline files: whatever is in a repository is a pipeline or a complaint about a place in the text, soon and with
//! little memory.

use oored::pipeline::parse::parse_bytes;

use crate::fuzzer::Fuzzer;

const V1: &str = include_str!("../../examples/hello_flutter/.oore.yaml");
const V2: &str = "version: 2\nname: Release\nplatforms: [android, ios]\nflutter_version: '3.24'\n\
    inputs:\n  flavor:\n    type: choice\n    options: [dev, prod]\n    default: dev\n\
    env:\n  A: b\nconcurrency:\n  max_concurrent: 2\n  cancel_previous: true\n\
    steps:\n  - name: Test\n    run: |\n      flutter test\n    if: inputs.flavor == 'prod' && success()\n    timeout_minutes: 5\n    \
    working_directory: app\n    continue_on_error: true\n    env: {X: y}\nartifacts:\n  patterns: ['build/**']\n";
const BOMB: &str = "a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n\
    c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d, *d, *d, *d, *d]\n";
const MERGE: &str = "base: &base {run: x}\nsteps:\n  - <<: *base\n    name: 'a\\n'\n  - ? [complex, key]\n    : \"\\u0041\"\n";

const WORDS: &[&str] = &[
    "version: 1\n",
    "version: 2\n",
    "steps:\n",
    "  - run: x\n",
    "  - name: ",
    "if: ",
    "inputs.",
    " == ",
    " && ",
    "!",
    "(",
    ")",
    "success()",
    "failure()",
    "always()",
    "platforms: [android]\n",
    "env:\n",
    "&a ",
    "*a",
    "<<: *a\n",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "\n",
    "  ",
    "\t",
    "\r\n",
    "|\n",
    ">-\n",
    "'",
    "\"",
    "\\u",
    "\\x",
    "#",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "!!int ",
    "!!binary ",
    "!<tag> ",
    "? ",
    "\u{feff}",
    "\u{2028}",
    "ü",
    "0x1f",
    ".inf",
    "~",
    "null",
    "1e999",
    "timeout_minutes: ",
    "artifacts:\n",
    "[[[[[[[[",
    "{{{{{{{{",
    "- - - - - ",
];

/// The words of a complaint without what it repeats of the input.
fn gist(message: &str) -> String {
    let plain = message.chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ');
    plain.collect::<String>().split_whitespace().take(6).collect::<Vec<_>>().join(" ")
}

#[test]
fn any_bytes_are_a_pipeline_or_a_complaint_about_a_place_in_them() {
    let seeds = [V1, V2, BOMB, MERGE].map(|text| text.as_bytes().to_vec()).to_vec();
    Fuzzer { name: "yaml", seeds, words: WORDS }.run(|input| {
        let read = parse_bytes(input);
        assert_eq!(read, parse_bytes(input), "the same every time");
        let complaints = match read {
            Ok(file) => return format!("{:?}", std::mem::discriminant(&file)),
            Err(complaints) => complaints,
        };
        assert!(!complaints.is_empty(), "a refusal says why");
        let text = String::from_utf8_lossy(input);
        // What ends a line depends on the version of YAML, so both ways of counting are allowed for.
        let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count() as u64;
        let longest = text.split(['\n', '\r']).map(|line| line.chars().count()).max().unwrap_or(0) as u64;
        for complaint in &complaints {
            assert!(!complaint.message.trim().is_empty(), "{complaint:?}");
            let Some(line) = complaint.line else { continue };
            assert!((1..=lines + 1).contains(&line), "line {line} of {lines}");
            let column = complaint.column.unwrap_or(1);
            assert!((1..=longest + 2).contains(&column), "column {column} of {longest}: {complaint}");
        }
        complaints.iter().map(|complaint| gist(&complaint.message)).collect::<Vec<_>>().join("; ")
    });
}
