//! Labels: what a runner offers, and what a build asks of the runner that takes it. Some are given by people,
//! some follow from what a runner says of itself. Whether the two fit is decided here and nowhere else.

use std::collections::BTreeSet;

use serde_json::Value;

use super::runner::PROTOCOL_OWN;
use super::spec::BuildPlatform;

/// Most labels of one runner or pipeline.
pub const MAX_LABELS: usize = 32;
/// Longest label, in characters.
pub const MAX_LABEL_CHARS: usize = 64;

const OS: &str = "os";
const ARCH: &str = "arch";
const TOOL: &str = "tool";
const PROTOCOL: &str = "protocol";
/// What only Apple's system builds for.
const MACOS: &str = "os:macos";

/// Labels as they are stored: small letters, sorted, each once; or what is wrong with them.
pub fn tidy(labels: &[String]) -> Result<Vec<String>, String> {
    let tidied: BTreeSet<String> = labels.iter().map(|label| label.trim().to_ascii_lowercase()).collect();
    if tidied.len() > MAX_LABELS {
        return Err(format!("at most {MAX_LABELS} labels can be given"));
    }
    if let Some(bad) = tidied.iter().find(|label| !is_valid(label)) {
        return Err(format!(
            "'{bad}' is no label: 1 to {MAX_LABEL_CHARS} letters, digits and any of . _ : / - make one"
        ));
    }
    Ok(tidied.into_iter().collect())
}

fn is_valid(label: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_:/".contains(c);
    (1..=MAX_LABEL_CHARS).contains(&label.len()) && label.chars().all(allowed)
}

/// Whether runners get this label from what they say of themselves, so that nobody can give it to them.
pub fn is_detected(label: &str) -> bool {
    kind(label).is_some_and(|kind| [OS, ARCH, TOOL, PROTOCOL].contains(&kind))
}

fn kind(label: &str) -> Option<&str> {
    label.split_once(':').map(|(kind, _)| kind)
}

/// What a build of these platforms asks for, with the labels its pipeline names.
pub fn requirements(platforms: &[BuildPlatform], labels: &[String]) -> Vec<String> {
    let apple = platforms.iter().any(|platform| match platform {
        BuildPlatform::Ios | BuildPlatform::Macos => true,
        BuildPlatform::Android => false,
    });
    let all: BTreeSet<String> = labels.iter().cloned().chain(apple.then(|| MACOS.to_owned())).collect();
    all.into_iter().collect()
}

/// The label of runners that speak our own protocol, which files beyond version 1 need.
pub fn own_protocol() -> String {
    format!("{PROTOCOL}:{PROTOCOL_OWN}")
}

/// What a runner offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    given: BTreeSet<String>,
    detected: BTreeSet<String>,
    /// Kinds of facts it says nothing about: older runners must not be left without work for that.
    unsaid: Vec<&'static str>,
    speaks_own_protocol: bool,
}

impl Offer {
    pub fn of(given: &[String], capabilities: &Value) -> Self {
        let mut offer = Self { given: given.iter().cloned().collect(), ..Self::default() };
        let said = |key: &str| {
            let text = capabilities.get(key).and_then(Value::as_str).map(str::trim).unwrap_or_default();
            text.to_ascii_lowercase()
        };
        offer.fact(
            OS,
            match said("os").as_str() {
                "darwin" | "osx" => "macos",
                other => other,
            },
        );
        offer.fact(
            ARCH,
            match said("arch").as_str() {
                "aarch64" => "arm64",
                "amd64" | "x64" => "x86_64",
                other => other,
            },
        );
        match capabilities.get("tools").and_then(Value::as_object) {
            None => offer.unsaid.push(TOOL),
            Some(tools) => {
                let found = tools.iter().filter(|(_, version)| !version.is_null());
                offer.detected.extend(found.map(|(name, _)| format!("{TOOL}:{}", name.to_ascii_lowercase())));
            }
        }
        offer
    }

    /// What counts while it asks for work in this protocol, whatever it said before.
    pub fn speaking(self, protocol: i64) -> Self {
        Self { speaks_own_protocol: protocol >= PROTOCOL_OWN, ..self }
    }

    fn fact(&mut self, kind: &'static str, value: &str) {
        if value.is_empty() {
            self.unsaid.push(kind);
        } else {
            self.detected.insert(format!("{kind}:{value}"));
        }
    }

    /// The labels that follow from what the runner says of itself.
    pub fn detected(&self) -> Vec<String> {
        self.detected.iter().cloned().collect()
    }

    /// What it lacks for a build that asks for `required`.
    pub fn missing(&self, required: &[String]) -> Vec<String> {
        let has = |label: &String| {
            self.given.contains(label)
                || self.detected.contains(label)
                || (self.speaks_own_protocol && *label == own_protocol())
                || kind(label).is_some_and(|kind| self.unsaid.contains(&kind))
        };
        required.iter().filter(|label| !has(label)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn labels(list: &[&str]) -> Vec<String> {
        list.iter().map(|label| (*label).to_owned()).collect()
    }

    #[test]
    fn only_apples_platforms_ask_for_a_mac() {
        use BuildPlatform::{Android, Ios, Macos};
        assert_eq!(requirements(&[Android], &labels(&["big"])), ["big"]);
        assert_eq!(requirements(&[Android, Ios], &[]), ["os:macos"]);
        assert_eq!(requirements(&[Macos], &labels(&["os:macos", "a"])), ["a", "os:macos"]);
    }

    #[test]
    fn a_runner_lacks_what_it_says_it_is_not_and_what_nobody_gave_it() {
        let asked = labels(&["arch:arm64", "big", "os:macos", "tool:fvm"]);
        let linux = json!({"os": "linux", "arch": "aarch64", "tools": {"git": "2", "fvm": null}});
        assert_eq!(Offer::of(&[], &linux).missing(&asked), ["big", "os:macos", "tool:fvm"]);
        let mac = json!({"os": "Darwin", "arch": "arm64", "tools": {"fvm": "3"}});
        assert_eq!(Offer::of(&labels(&["big"]), &mac).missing(&asked), Vec::<String>::new());
        assert_eq!(Offer::of(&[], &mac).detected(), ["arch:arm64", "os:macos", "tool:fvm"]);
    }

    #[test]
    fn a_runner_that_says_nothing_of_itself_is_taken_as_able() {
        let silent = Offer::of(&[], &json!({"os": " "}));
        assert_eq!(silent.missing(&labels(&["arch:arm64", "os:macos", "tool:java", "big"])), ["big"]);
    }

    #[test]
    fn the_protocol_is_the_one_a_runner_speaks_now() {
        let silent = || Offer::of(&[], &json!({}));
        let asked = [own_protocol()];
        assert_eq!(silent().missing(&asked), ["protocol:5"]);
        assert_eq!(silent().speaking(5).missing(&asked), Vec::<String>::new());
        assert_eq!(silent().speaking(5).speaking(4).missing(&asked), ["protocol:5"]);
        assert!(is_detected("protocol:5"));
    }

    #[test]
    fn labels_are_tidied_and_odd_ones_refused() {
        assert_eq!(tidy(&labels(&[" Big ", "a", "big"])).unwrap(), ["a", "big"]);
        for bad in ["", "a b", "ü", "a,b", &"x".repeat(65)] {
            assert!(tidy(&labels(&[bad])).is_err(), "{bad}");
        }
        let many: Vec<String> = (0..33).map(|n| format!("l{n}")).collect();
        assert!(tidy(&many).is_err());
        assert!(is_detected("os:linux") && !is_detected("pool:linux") && !is_detected("os"));
    }
}
