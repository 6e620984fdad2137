//! Log frames: what a runner sends is read or refused at a place in it, and the daemon's file holds what a list in
//! memory would hold.

use std::sync::Arc;

use oored::builds::log::{Gaps, Limits, Log, Logs, Reader};
use oored::domain::id::BuildId;
use oored::domain::log::{Frame, LogStream, MAX_FRAME_BYTES};
use oored::runner::protocol::{decode_frame, encode_frame};

use crate::fuzzer::{Dice, Fuzzer};

fn a_few() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (n, content) in [&b""[..], b"a line", b"\xff\x00\x1b[2J", &[b'x'; 300]].into_iter().enumerate() {
        let stream = if n % 2 == 0 { LogStream::Stdout } else { LogStream::Stderr };
        let frame = Frame {
            stream,
            newline: n != 1,
            step: n as u16,
            at_ms: n as i64 * 1000,
            content: content.to_vec(),
        };
        encode_frame(&frame, &mut bytes);
    }
    bytes
}

#[test]
fn any_bytes_are_frames_up_to_a_place_and_are_written_as_they_were_read() {
    Fuzzer { name: "frames", seeds: vec![a_few()], words: &["\0\0\0\0", "\u{1}", "\u{3}", "\0\0\u{1}\0"] }
        .run(|input| {
            let (mut rest, mut written, mut count) = (input, Vec::new(), 0);
            let end = loop {
                let offset = input.len() - rest.len();
                match decode_frame(&mut rest, offset) {
                    Ok(Some(frame)) => {
                        assert!(frame.content.len() <= MAX_FRAME_BYTES);
                        let length = written.len();
                        frame.encode(&mut written);
                        assert_eq!(written.len() - length, frame.encoded_len());
                        count += 1;
                    }
                    Ok(None) => break "the end".to_owned(),
                    Err(refused) => {
                        assert_eq!(refused.offset, offset, "it names the frame that is wrong");
                        assert_eq!(input.len() - rest.len(), offset, "and takes nothing of it");
                        break refused.why.to_owned();
                    }
                }
            };
            assert_eq!(written, &input[..input.len() - rest.len()]);
            format!("{} frames, {end}", count.min(20))
        });
}

/// Frames as the daemon's file holds them, told in the simplest way.
#[derive(Default)]
struct Model {
    frames: Vec<Frame>,
}

impl Model {
    /// How many are new; `None` if there would be a gap.
    fn append(&mut self, first: usize, frames: &[Frame]) -> Option<u64> {
        let known = self.frames.len().checked_sub(first)?;
        let new = frames.get(known..).unwrap_or_default();
        self.frames.extend_from_slice(new);
        Some(new.len() as u64)
    }
}

async fn held(log: Arc<Log>) -> Vec<Frame> {
    let (mut reader, mut frames) = (Reader::from_sequence(log, 0), Vec::new());
    while let Some(record) = reader.next().await.unwrap() {
        record.for_each(|sequence, frame| {
            assert_eq!(sequence, frames.len() as u64, "each once and in order");
            frames.push(Frame {
                stream: frame.stream,
                newline: frame.newline,
                step: frame.step,
                at_ms: frame.at_ms,
                content: frame.content.to_vec(),
            });
        });
    }
    frames
}

/// What a runner might send, read from the bytes: where it begins, and frames.
fn batches(input: &[u8], known: &mut usize) -> Vec<(usize, Vec<Frame>)> {
    let mut all = Vec::new();
    for chunk in input.chunks(4).take(12) {
        let byte = |at: usize| usize::from(chunk.get(at).copied().unwrap_or(0));
        let first = (*known + byte(0) % 7).saturating_sub(byte(1) % 5);
        let mut dice = Dice::new(byte(3) as u64 + 1);
        let frames: Vec<Frame> = (0..byte(2) % 6)
            .map(|n| Frame {
                stream: if dice.below(2) == 0 { LogStream::Stdout } else { LogStream::Stderr },
                newline: dice.below(3) > 0,
                step: (dice.below(3)) as u16,
                at_ms: 1_700_000_000_000 + n as i64,
                content: vec![b'a' + (n as u8).wrapping_add(chunk[0]) % 26; dice.below(200)],
            })
            .collect();
        if first <= *known {
            *known = (*known).max(first + frames.len());
        }
        all.push((first, frames));
    }
    all
}

#[test]
fn the_file_of_a_log_holds_what_a_list_in_memory_would() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { folder: folder.path().to_owned(), log_bytes: 0, reserve_bytes: 0 };
    let seeds = vec![vec![0, 0, 3, 1, 0, 1, 4, 2, 6, 0, 1, 1, 0, 4, 5, 9], vec![]];
    Fuzzer { name: "log", seeds, words: &[] }.run(|input| {
        runtime.block_on(async {
            let build = BuildId::new();
            let log = Logs::new(limits.clone()).open(build, 1).await.unwrap();
            let (mut model, mut refusals) = (Model::default(), 0);
            for (first, frames) in batches(input, &mut 0) {
                let mut body = Vec::new();
                frames.iter().for_each(|frame| encode_frame(frame, &mut body));
                let answer = log.append(first as u64, &body, Gaps::Refused).await;
                match (model.append(first, &frames), answer) {
                    (Some(new), Ok(appended)) => {
                        assert_eq!(
                            (appended.new_frames, appended.next_sequence),
                            (new, model.frames.len() as u64)
                        );
                    }
                    (None, Err(refused)) => {
                        assert_eq!(refused.code, "log_gap");
                        refusals += 1;
                    }
                    (expected, answer) => panic!("{expected:?} was expected: {answer:?}"),
                }
            }
            assert_eq!(held(log).await, model.frames);
            let again = Logs::new(limits.clone());
            assert_eq!(held(again.open(build, 1).await.unwrap()).await, model.frames, "also after a restart");
            again.remove(&[build]).await.unwrap();
            format!("{} frames, {refusals} refused", model.frames.len())
        })
    });
}
