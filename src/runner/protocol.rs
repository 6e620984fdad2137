//! The words daemon and runner exchange: protocol 5, which is the reference's protocol 4 with
//! held requests, attempts and binary log frames added. Shapes and the frame codec only; who sends
//! them when is in `runner` and `builds`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::artifact::ArtifactType;
use crate::domain::cache::CacheResult;
use crate::domain::failure::FailureReason;
use crate::domain::log::{Frame, LogStream, MAX_FRAME_BYTES};
use crate::domain::runner::RunnerFigures;
use crate::domain::step::StepResult;
use crate::domain::variable::VariableKind;

/// Header with the attempt a write belongs to (protocol 5).
pub const ATTEMPT_HEADER: &str = "x-oore-attempt";
/// Header with the signing grant of a claimed job.
pub const SIGNING_HEADER: &str = "x-oore-signing-token";
/// Largest body of one `log-frames` request, in bytes.
pub const MAX_FRAMES_BODY: usize = 4 * 1024 * 1024;
/// Longest time a claim or job request is held, in seconds.
pub const MAX_WAIT_SECONDS: u64 = 60;

/// Asks for work.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClaimJobRequest {
    pub protocol_version: i64,
    /// How long the request may be held until there is work, in seconds, at most 60 (protocol 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
    /// The jobs that the runner works on at the moment; one that it was given and does not name here is given
    /// to it again (protocol 5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HeldJob>,
}

/// Names a job that a runner works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeldJob {
    pub build_id: String,
    pub attempt: i32,
}

/// Work, or nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct ClaimJobResponse {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<ClaimedJob>,
}

/// A build handed to a runner.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ClaimedJob {
    pub build_id: String,
    pub project_id: String,
    pub pipeline_id: String,
    pub build_number: i64,
    /// What to execute; see the configuration snapshot of a build. `repo_url` is where to clone
    /// from: a URL, or an absolute path on the same machine.
    pub config_snapshot: serde_json::Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// Unix seconds.
    pub lease_expires_at: i64,
    /// Grant for the signing routes, shown once.
    pub signing_token: String,
    /// Which attempt at this build it is, from 1.
    #[serde(default)]
    pub attempt: i32,
    #[serde(default)]
    pub timeouts: Timeouts,
    /// Bytes of log that are kept; more is counted, not kept. 0 means no limit.
    #[serde(default)]
    pub log_limit_bytes: u64,
    /// Variables and secrets of the project and the pipeline (protocol 5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variables: Vec<JobVariable>,
    /// Names of variables that the daemon can't decrypt: the build is to fail (protocol 5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreadable_variables: Vec<String>,
    /// What git proves itself with to fetch the code (protocol 5). It is for nothing else, and kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clone_credential: Option<CloneCredential>,
    /// Why the daemon has no such credential though it should: the build is to fail (protocol 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clone_refused: Option<String>,
}

/// A password for git, good for some minutes.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CloneCredential {
    /// Scheme and host that it is good for, without a slash at the end.
    pub url: String,
    pub username: String,
    pub password: String,
    /// Unix seconds.
    pub expires_at: i64,
}

impl std::fmt::Debug for CloneCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CloneCredential({} until {})", self.url, self.expires_at)
    }
}

/// A variable on its way to the steps of a build.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct JobVariable {
    pub name: String,
    pub kind: VariableKind,
    /// For the kind `file`, its content.
    pub value: String,
}

impl std::fmt::Debug for JobVariable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// Limits of one build, in seconds; 0 means none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Timeouts {
    pub build_seconds: u64,
    pub no_output_seconds: u64,
}

/// Says that the runner lives.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunnerHeartbeatRequest {
    /// `online`, `offline`, `busy` or `draining`.
    pub status: String,
    /// What the runner is and has; an empty object keeps what is stored.
    #[serde(default)]
    pub capabilities: serde_json::Value,
    /// What changes from one moment to the next (protocol 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<RunnerFigures>,
}

/// Where a job stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JobStatusResponse {
    pub status: String,
}

/// Reports progress or the end of a job.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateJobStatusRequest {
    /// `running`, `succeeded` or `failed`; a runner of protocol 5 may also say `timed_out`.
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    #[serde(default)]
    pub steps: Vec<StepResult>,
    /// Why it failed (protocol 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<FailureReason>,
    /// How many log frames were sent in all (protocol 5, with a terminal status).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_frames: Option<i64>,
    /// What was found for the caches of the build (protocol 5, with a terminal status).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<CacheResult>,
}

/// How far the durable log reaches.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct AppendFramesResponse {
    /// The sequence the next frame must have.
    pub next_sequence: i64,
}

/// Announces an artifact.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateArtifactRequest {
    pub name: String,
    pub artifact_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_size: Option<i64>,
    /// SHA-256 in lower-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    #[serde(default)]
    pub metadata: serde_json::Value,
    /// Whether a large one may be sent in parts (protocol 5).
    #[serde(default)]
    pub parts: bool,
}

/// Ends an upload; the message only matters for an abort.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CompleteArtifactRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// The part of an announced artifact that a runner needs.
#[derive(Debug, Clone, Deserialize)]
pub struct AnnouncedArtifact {
    pub artifact: ArtifactReference,
    /// Empty when there is nowhere to send it.
    pub upload_url: String,
    /// How large its parts are, if it is to be sent in parts.
    #[serde(default)]
    pub part_bytes: Option<u64>,
}

/// Where the parts of an artifact go that the store lacks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArtifactPartsResponse {
    /// How large each part is but the last.
    pub part_bytes: u64,
    /// The first ones, if they are many; empty when all have arrived.
    pub missing: Vec<ArtifactPart>,
}

/// A part of an artifact.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ArtifactPart {
    /// From 1 on.
    pub number: u32,
    /// Where its bytes go, by PUT.
    pub upload_url: String,
}

/// Names an artifact.
#[derive(Debug, Clone, Deserialize)]
pub struct ArtifactReference {
    pub id: String,
    #[serde(default)]
    pub state: String,
}

/// The type of a file by its name.
pub fn artifact_type_of(name: &str) -> ArtifactType {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("apk") => ArtifactType::Apk,
        Some("ipa") => ArtifactType::Ipa,
        Some("app") => ArtifactType::App,
        Some(_) | None => ArtifactType::Generic,
    }
}

const FRAME_HEADER: usize = 1 + 2 + 4 + 8;
const STDERR: u8 = 1;
const NEWLINE: u8 = 2;

/// Appends the frame in its binary form: flags, step, length, time (little endian), content.
pub fn encode_frame(frame: &Frame, into: &mut Vec<u8>) {
    let Frame { stream, newline, step, at_ms, ref content } = *frame;
    FrameRef { stream, newline, step, at_ms, content }.encode(into);
}

/// The bytes are not whole frames.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the log frames are malformed at byte {offset}: {why}")]
pub struct MalformedFrames {
    pub offset: usize,
    pub why: &'static str,
}

/// Reads one frame off the front of `bytes`; `None` at the end.
pub fn decode_frame<'a>(
    bytes: &mut &'a [u8],
    offset: usize,
) -> Result<Option<FrameRef<'a>>, MalformedFrames> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let refuse = |why| MalformedFrames { offset, why };
    let (header, rest) = bytes.split_at_checked(FRAME_HEADER).ok_or(refuse("a header is cut off"))?;
    let flags = header[0];
    if flags & !(STDERR | NEWLINE) != 0 {
        return Err(refuse("unknown flags"));
    }
    let step = u16::from_le_bytes([header[1], header[2]]);
    let length = u32::from_le_bytes([header[3], header[4], header[5], header[6]]) as usize;
    if length > MAX_FRAME_BYTES {
        return Err(refuse("a frame is longer than 64 KiB"));
    }
    let mut at = [0_u8; 8];
    at.copy_from_slice(&header[7..15]);
    let (content, rest) = rest.split_at_checked(length).ok_or(refuse("a frame is cut off"))?;
    *bytes = rest;
    let stream = if flags & STDERR == 0 { LogStream::Stdout } else { LogStream::Stderr };
    Ok(Some(FrameRef { stream, newline: flags & NEWLINE != 0, step, at_ms: i64::from_le_bytes(at), content }))
}

/// Hands over the frames of a piece of a log and answers how many bytes they are. The last frame may be cut off by the
/// size of the piece: it is left, as is everything that is none.
pub fn take_frames(piece: &[u8], mut take: impl FnMut(FrameRef<'_>)) -> usize {
    let mut rest = piece;
    while let Ok(Some(frame)) = decode_frame(&mut rest, 0) {
        take(frame);
    }
    piece.len() - rest.len()
}

/// A frame whose content is borrowed from the bytes it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRef<'a> {
    pub stream: LogStream,
    pub newline: bool,
    pub step: u16,
    pub at_ms: i64,
    pub content: &'a [u8],
}

impl FrameRef<'_> {
    /// Appends the frame in its binary form.
    pub fn encode(&self, into: &mut Vec<u8>) {
        let stream = match self.stream {
            LogStream::Stdout => 0,
            LogStream::Stderr => STDERR,
        };
        let newline = if self.newline { NEWLINE } else { 0 };
        into.push(stream | newline);
        into.extend_from_slice(&self.step.to_le_bytes());
        into.extend_from_slice(&u32::try_from(self.content.len()).unwrap_or(u32::MAX).to_le_bytes());
        into.extend_from_slice(&self.at_ms.to_le_bytes());
        into.extend_from_slice(self.content);
    }

    /// How many bytes its binary form takes.
    pub fn encoded_len(&self) -> usize {
        FRAME_HEADER + self.content.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_frame() -> impl Strategy<Value = Frame> {
        let content = proptest::collection::vec(any::<u8>(), 0..200);
        (any::<bool>(), any::<bool>(), any::<u16>(), any::<i64>(), content).prop_map(
            |(stderr, newline, step, at_ms, content)| Frame {
                stream: if stderr { LogStream::Stderr } else { LogStream::Stdout },
                newline,
                step,
                at_ms,
                content,
            },
        )
    }

    proptest! {
        #[test]
        fn frames_come_back_as_they_were(frames in proptest::collection::vec(any_frame(), 0..20)) {
            let mut bytes = Vec::new();
            for frame in &frames {
                encode_frame(frame, &mut bytes);
            }
            let mut rest = &bytes[..];
            for frame in &frames {
                let read = decode_frame(&mut rest, 0).unwrap().unwrap();
                prop_assert_eq!(read.content, &frame.content[..]);
                prop_assert_eq!((read.stream, read.newline, read.step, read.at_ms),
                    (frame.stream, frame.newline, frame.step, frame.at_ms));
            }
            prop_assert_eq!(decode_frame(&mut rest, 0), Ok(None));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut rest = &bytes[..];
            while let Ok(Some(_)) = decode_frame(&mut rest, 0) {}
        }
    }
}
