//! Step markers inside a log (`[oore-step] {…}`): which name belongs to which step index. A marker
//! that a user's command prints is text like any other.

use serde::{Deserialize, Serialize};

const PREFIX: &[u8] = b"[oore-step] ";
/// Most steps of a log: more than a pipeline can have, with the parts that every build has.
pub(super) const MAX_STEPS: usize = 512;
/// Characters of a name; no step's is longer. The viewer in the browser has the same two limits.
const MAX_NAME_CHARS: usize = 128;

/// A line by which a runner tells where a step begins or ends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Marker {
    Start {
        name: String,
    },
    End {
        name: String,
        #[serde(default)]
        status: String,
        exit_code: Option<i32>,
    },
}

impl Marker {
    /// The marker that a line is, if it is one.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let json = line.strip_prefix(PREFIX)?;
        let marker: Self = serde_json::from_slice(json).ok()?;
        let (Self::Start { name } | Self::End { name, .. }) = &marker;
        (name.chars().count() <= MAX_NAME_CHARS).then_some(marker)
    }
}

/// The name in a start marker.
pub(super) fn started(content: &[u8]) -> Option<String> {
    match Marker::parse(content)? {
        Marker::Start { name } if !name.is_empty() => Some(name),
        Marker::Start { .. } | Marker::End { .. } => None,
    }
}

/// The steps a log has seen, in order; the index of a frame counts from 1.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Steps(Vec<String>);

impl Steps {
    /// The name of the step a frame belongs to; `None` before the first step.
    pub fn name(&self, index: u16) -> Option<&str> {
        let position = usize::from(index).checked_sub(1)?;
        self.0.get(position).map(String::as_str)
    }

    pub fn last(&self) -> u16 {
        u16::try_from(self.0.len()).unwrap_or(u16::MAX)
    }

    /// Takes note of a frame; the first frame of a new index carries the name.
    pub fn see(&mut self, index: u16, content: &[u8]) {
        if index > self.last() {
            let name = started(content).unwrap_or_else(|| format!("step-{index}"));
            self.0.resize(usize::from(index) - 1, String::new());
            self.0.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_start_marker_names_a_step() {
        assert_eq!(
            started(br#"[oore-step] {"command":"x","event":"start","name":"build-1"}"#).unwrap(),
            "build-1"
        );
        for other in [
            &br#"[oore-step] {"event":"end","name":"build-1","status":"failed"}"#[..],
            b"[oore-step] {",
            b"make",
        ] {
            assert_eq!(started(other), None);
        }
    }

    #[test]
    fn a_marker_inside_a_step_does_not_rename_it() {
        let mut steps = Steps::default();
        steps.see(1, br#"[oore-step] {"event":"start","name":"checkout"}"#);
        steps.see(1, br#"[oore-step] {"event":"start","name":"fake"}"#);
        steps.see(3, b"no marker");
        assert_eq!(
            (steps.name(1), steps.name(2), steps.name(3)),
            (Some("checkout"), Some(""), Some("step-3"))
        );
        assert_eq!(steps.name(0), None);
    }
}
