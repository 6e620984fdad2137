//! Server-sent events out of an answer of the daemon, one at a time.

use reqwest::Response;

use crate::cli::failure::Failure;
use crate::cli::http::Daemon;

/// Longest event; a chunk of a log is far shorter.
const MOST: usize = 16 * 1024 * 1024;

/// An open stream.
pub struct Events<'a> {
    daemon: &'a Daemon,
    answer: Response,
    buffer: Vec<u8>,
    /// How much of the buffer was looked through for the end of an event.
    searched: usize,
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    Event {
        name: String,
        id: Option<String>,
        data: String,
    },
    /// A comment: the stream lives.
    Alive,
}

impl<'a> Events<'a> {
    pub fn new(daemon: &'a Daemon, answer: Response) -> Self {
        Self { daemon, answer, buffer: Vec::new(), searched: 0 }
    }

    /// The next one; `None` when the stream has ended.
    pub async fn next(&mut self) -> Result<Option<Heard>, Failure> {
        loop {
            if let Some(frame) = self.take_frame() {
                return Ok(Some(parse(&String::from_utf8_lossy(&frame))));
            }
            let Some(bytes) = self.daemon.more(&mut self.answer).await? else { return Ok(None) };
            if self.buffer.len() + bytes.len() > MOST {
                return Err(Failure::failed("an event of the daemon's stream is too long"));
            }
            self.buffer.extend_from_slice(&bytes);
        }
    }

    fn take_frame(&mut self) -> Option<Vec<u8>> {
        let from = self.searched.saturating_sub(1);
        let Some(at) = self.buffer[from..].windows(2).position(|pair| pair == b"\n\n") else {
            self.searched = self.buffer.len();
            return None;
        };
        let rest = self.buffer.split_off(from + at + 2);
        self.searched = 0;
        Some(std::mem::replace(&mut self.buffer, rest))
    }
}

fn parse(frame: &str) -> Heard {
    let field = |name: &str| {
        let value = frame.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.map(|value| value.strip_prefix(' ').unwrap_or(value).to_owned())
    };
    match (field("event"), field("data")) {
        (Some(name), Some(data)) => Heard::Event { name, id: field("id"), data },
        _ => Heard::Alive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_its_fields_and_a_comment_is_a_sign_of_life() {
        let heard = parse("id: 7\nevent: log\ndata: {\"a\": \"b: c\"}\n\n");
        let id = Some("7".to_owned());
        assert_eq!(heard, Heard::Event { name: "log".to_owned(), id, data: "{\"a\": \"b: c\"}".to_owned() });
        assert_eq!(parse(": keep-alive\n\n"), Heard::Alive);
    }
}
