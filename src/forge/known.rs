//! Answers of code hosts that were read before, so that a host need not send them again (`If-None-Match`, RFC 9110):
//! what has not changed then costs it, and our share of its patience, nothing. One that was given to a credential is for
//! that credential only. The oldest go when there is no room.

use std::collections::VecDeque;

use parking_lot::{Mutex, MutexGuard};

use crate::outgoing::Answer;

/// Largest answer that is kept, and how much is kept in all, in bytes.
const MAX_ANSWER: usize = 256 * 1024;
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// What a kept answer costs beside its body.
const OVERHEAD: usize = 1024;

/// Says what was asked, as whom.
pub type Question = [u8; 32];

#[derive(Debug)]
struct Entry {
    question: Question,
    tag: String,
    answer: Answer,
}

/// The answers.
#[derive(Debug, Default)]
pub struct Known {
    entries: Mutex<VecDeque<Entry>>,
}

impl Entry {
    fn size(&self) -> usize {
        self.answer.body.len() + OVERHEAD
    }
}

impl Known {
    /// The tag of the answer that is known.
    pub fn tag(&self, question: &Question) -> Option<String> {
        self.entries().iter().find(|entry| entry.question == *question).map(|entry| entry.tag.clone())
    }

    /// The answer with this tag.
    pub fn recall(&self, question: &Question, tag: &str) -> Option<Answer> {
        let entries = self.entries();
        let entry = entries.iter().find(|entry| entry.question == *question && entry.tag == tag);
        entry.map(|entry| entry.answer.clone())
    }

    /// Keeps an answer if it has a tag and is small.
    pub fn keep(&self, question: Question, answer: &Answer) {
        let tag = answer.headers.get("etag").and_then(|tag| tag.to_str().ok());
        let Some(tag) = tag.filter(|_| answer.status.as_u16() == 200 && answer.body.len() <= MAX_ANSWER)
        else {
            return;
        };
        let mut entries = self.entries();
        entries.retain(|entry| entry.question != question);
        entries.push_back(Entry { question, tag: tag.to_owned(), answer: answer.clone() });
        let mut size: usize = entries.iter().map(Entry::size).sum();
        while size > MAX_BYTES {
            size -= entries.pop_front().map_or(size, |oldest| oldest.size());
        }
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.entries.lock()
    }
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    use super::*;

    fn answer(tag: &str, size: usize) -> Answer {
        let headers = HeaderMap::from_iter([(reqwest::header::ETAG, tag.parse().unwrap())]);
        Answer { status: StatusCode::OK, headers, body: vec![0; size] }
    }

    #[test]
    fn the_newest_answers_are_kept_within_their_room() {
        let known = Known::default();
        for n in 0..100_u8 {
            known.keep([n; 32], &answer("\"a\"", 200 * 1024));
        }
        assert!(known.tag(&[0; 32]).is_none() && known.tag(&[99; 32]).is_some());
        let held: usize = known.entries().iter().map(Entry::size).sum();
        assert!((MAX_BYTES / 2..=MAX_BYTES).contains(&held), "{held}");
        known.keep([99; 32], &answer("\"b\"", 1));
        assert!(known.recall(&[99; 32], "\"a\"").is_none());
        assert_eq!(known.recall(&[99; 32], "\"b\"").unwrap().body.len(), 1);
        known.keep([100; 32], &answer("\"c\"", MAX_ANSWER + 1));
        assert!(known.tag(&[100; 32]).is_none());
    }
}
