//! A strict reader of the text format of Prometheus (version 0.0.4): what it takes, a server of theirs takes.

use std::collections::{BTreeMap, HashSet};

/// Name, labels and value of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// Everything that was exposed.
#[derive(Debug, Default)]
pub struct Exposition {
    /// The types of families by their names.
    pub families: BTreeMap<String, String>,
    pub samples: Vec<Sample>,
}

impl Exposition {
    /// Panics at the first line that is wrong.
    pub fn read(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line must end");
        let (mut found, mut family, mut helped) = (Self::default(), String::new(), String::new());
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a help text");
                assert!(!help.trim().is_empty(), "{name} has no help");
                helped = name.to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a type");
                assert!(matches!(kind, "counter" | "gauge" | "histogram"), "{kind}");
                assert_eq!(helped, name, "help stands before the type");
                let twice = found.families.insert(name.to_owned(), kind.to_owned());
                assert_eq!(twice, None, "{name} stands in two places");
                family = name.to_owned();
            } else {
                let sample = sample(line);
                found.belongs(&sample, &family);
                found.samples.push(sample);
            }
        }
        found.check();
        found
    }

    fn belongs(&self, sample: &Sample, family: &str) {
        let rest = sample.name.strip_prefix(family).unwrap_or_else(|| panic!("{} in {family}", sample.name));
        match self.families[family].as_str() {
            "histogram" => assert!(matches!(rest, "_bucket" | "_sum" | "_count"), "{}", sample.name),
            _ => assert_eq!(rest, "", "{} in {family}", sample.name),
        }
    }

    fn check(&self) {
        let mut seen = HashSet::new();
        for sample in &self.samples {
            assert!(seen.insert(format!("{}{:?}", sample.name, sample.labels)), "twice: {sample:?}");
        }
        let histograms = self.families.iter().filter(|(_, kind)| *kind == "histogram");
        for (name, _) in histograms {
            for count in self.samples.iter().filter(|sample| sample.name == format!("{name}_count")) {
                let is_of = |sample: &&Sample| {
                    let mut labels = sample.labels.clone();
                    sample.name == format!("{name}_bucket")
                        && labels.remove("le").is_some()
                        && labels == count.labels
                };
                let buckets: Vec<&Sample> = self.samples.iter().filter(is_of).collect();
                assert!(buckets.windows(2).all(|pair| pair[0].value <= pair[1].value), "{name}");
                let last = buckets.last().unwrap_or_else(|| panic!("{name} has no buckets"));
                assert_eq!((last.labels["le"].as_str(), last.value), ("+Inf", count.value), "{name}");
            }
        }
    }

    /// The value of the one sample with these labels; 0 if there is none.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let wanted = |sample: &&Sample| {
            sample.name == name
                && labels.iter().all(|(key, value)| sample.labels.get(*key).is_some_and(|is| is == value))
        };
        let found: Vec<&Sample> = self.samples.iter().filter(wanted).collect();
        assert!(found.len() <= 1, "{name} with {labels:?} is not one: {found:?}");
        found.first().map_or(0.0, |sample| sample.value)
    }
}

fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("{line}"));
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (label, value) = rest.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
            assert!(is_name(label), "{line}");
            let (value, after) = quoted(value);
            assert_eq!(labels.insert(label.to_owned(), value), None, "{line}");
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("{line}"));
    Sample { name: name.to_owned(), labels, value: value.parse().unwrap_or_else(|_| panic!("{line}")) }
}

fn is_name(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

/// A value up to its quotation mark, and what comes after that.
fn quoted(text: &str) -> (String, &str) {
    let (mut value, mut characters) = (String::new(), text.char_indices());
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, c @ ('\\' | '"'))) => value.push(c),
                other => panic!("{other:?} is escaped in {text}"),
            },
            c => value.push(c),
        }
    }
    panic!("{text} does not end")
}
