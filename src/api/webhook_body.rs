//! Bodies of webhooks, read before anybody has proved anything. Only so many large ones are held at a time, and none
//! for a sender who does not send: whoever is slow keeps nobody out.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Request;
use futures_util::StreamExt;
use tokio::sync::SemaphorePermit;

use crate::app::App;
use crate::builds::inbox::LARGE;
use crate::clock::Moment;
use crate::error::{Error, Kind, Result};

/// Largest payload, in bytes: what GitHub sends at most.
const MAX: usize = 25 * 1024 * 1024;
/// What a sender may lag behind, and at least sends in a second from then on: at first, and once the body takes room
/// that others wait for.
const AT_FIRST: Pace = Pace { grace: Duration::from_secs(10), bytes_a_second: 64 * 1024 };
const IN_ROOM: Pace = Pace { grace: Duration::from_secs(2), bytes_a_second: 512 * 1024 };
/// How long a large body waits for room: code hosts do not wait longer either.
const WAIT: Duration = Duration::from_secs(10);

struct Pace {
    grace: Duration,
    bytes_a_second: u64,
}

impl Pace {
    /// When so many bytes must have been exceeded.
    fn deadline(&self, begun: Moment, bytes: usize) -> Moment {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        begun + self.grace + Duration::from_millis(bytes.saturating_mul(1000) / self.bytes_a_second)
    }
}

/// The body, and the room that it takes if it is large: that is given back when the permit is dropped.
///
/// Errors: 400 `body_too_slow`, 400 `invalid_request`, 413 `payload_too_large`, 503 `webhook_queue_unavailable`.
pub async fn read(app: &App, request: Request) -> Result<(Bytes, Option<SemaphorePermit<'_>>)> {
    let mut pieces = request.into_body().into_data_stream();
    let (mut read, mut room) = (Vec::new(), None);
    let (mut pace, mut begun, mut before) = (AT_FIRST, app.clock.moment(), 0);
    loop {
        let left = pace.deadline(begun, read.len() - before).saturating_sub(app.clock.moment());
        let piece = tokio::time::timeout(left, pieces.next()).await.map_err(|_| too_slow())?;
        let Some(piece) = piece else { return Ok((read.into(), room)) };
        let piece =
            piece.map_err(|_| Error::invalid("invalid_request", "the body could not be read to its end"))?;
        if read.len() + piece.len() > MAX {
            let why = "the body is larger than accepted here";
            return Err(Error::new(Kind::TooLarge, "payload_too_large", why));
        }
        read.extend_from_slice(&piece);
        if room.is_none() && read.len() > LARGE {
            let waited = tokio::time::timeout(WAIT, app.inbox.room()).await;
            room = waited.map_err(|_| no_room())?;
            (pace, begun, before) = (IN_ROOM, app.clock.moment(), read.len());
        }
    }
}

fn too_slow() -> Error {
    Error::invalid("body_too_slow", "the body came too slowly").hint("Send it without pauses.")
}

fn no_room() -> Error {
    Error::new(
        Kind::Unavailable,
        "webhook_queue_unavailable",
        "too many large deliveries come at the same time",
    )
    .hint("Deliver it again from the code host; GitHub is asked for it within the hour.")
}
