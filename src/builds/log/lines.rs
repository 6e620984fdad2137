//! Log chunks of protocol 4 as frames: a chunk is a line without its newline, and its step follows
//! from the markers before it. Chunks too long for a frame are cut with a visible count.

use super::steps::{MAX_STEPS, started};
use crate::domain::log::{Frame, LogStream, MAX_FRAME_BYTES};
use crate::runner::protocol::encode_frame;

/// A chunk as the runner sent it.
#[derive(Debug, Clone)]
pub struct Line {
    pub sequence: u64,
    pub stream: LogStream,
    pub content: String,
}

/// Encodes lines as runs of consecutive frames, each with its first sequence. `last_step` is the
/// step the log stands at. Repeated sequences are dropped.
pub fn encode_lines(mut lines: Vec<Line>, last_step: u16, at_ms: i64) -> Vec<(u64, Vec<u8>)> {
    lines.sort_by_key(|line| line.sequence);
    lines.dedup_by_key(|line| line.sequence);
    let mut runs: Vec<(u64, Vec<u8>)> = Vec::new();
    let (mut step, mut expected) = (last_step, None);
    for line in lines {
        if usize::from(step) < MAX_STEPS && started(line.content.as_bytes()).is_some() {
            step = step.saturating_add(1);
        }
        if expected != Some(line.sequence) {
            runs.push((line.sequence, Vec::new()));
        }
        expected = line.sequence.checked_add(1);
        let content = fitted(line.content);
        let frame = Frame { stream: line.stream, newline: true, step, at_ms, content };
        if let Some((_, body)) = runs.last_mut() {
            encode_frame(&frame, body);
        }
    }
    runs
}

fn fitted(content: String) -> Vec<u8> {
    if content.len() <= MAX_FRAME_BYTES {
        return content.into_bytes();
    }
    let room = MAX_FRAME_BYTES - 64;
    let cut = (0..=room).rev().find(|at| content.is_char_boundary(*at)).unwrap_or(0);
    format!("{} [oore: {} bytes cut]", &content[..cut], content.len() - cut).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builds::log::record;

    fn line(sequence: u64, content: &str) -> Line {
        Line { sequence, stream: LogStream::Stdout, content: content.to_owned() }
    }

    #[test]
    fn lines_in_any_order_become_runs_and_markers_count_steps() {
        let marker = r#"[oore-step] {"event":"start","name":"build-1"}"#;
        let runs = encode_lines(vec![line(9, "z"), line(1, "b"), line(0, marker), line(1, "again")], 2, 7);
        assert_eq!(runs.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [0, 9]);
        let steps: Vec<u16> = record::frames(&runs[0].1).map(|frame| frame.step).collect();
        assert_eq!(steps, [3, 3]);
        assert_eq!(record::frames(&runs[1].1).count(), 1);
    }

    #[test]
    fn a_line_too_long_for_a_frame_is_cut_visibly() {
        let long = "ä".repeat(MAX_FRAME_BYTES);
        let runs = encode_lines(vec![line(0, &long)], 0, 0);
        let frame = record::frames(&runs[0].1).next().unwrap();
        assert!(frame.content.len() <= MAX_FRAME_BYTES);
        assert!(std::str::from_utf8(frame.content).unwrap().ends_with("bytes cut]"));
    }
}
