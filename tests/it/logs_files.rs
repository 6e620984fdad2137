//! Log files as such: numbering, duplicates, gaps, torn tails, the byte limit and reopening.

use std::sync::Arc;

use oored::builds::log::{Gaps, Limits, Log, Logs, Reader};
use oored::domain::id::BuildId;
use oored::domain::log::{Frame, LogStream};
use oored::runner::protocol::encode_frame;

struct Folder {
    dir: tempfile::TempDir,
    build: BuildId,
    log_bytes: u64,
}

impl Folder {
    fn new(log_bytes: u64) -> Self {
        Self { dir: tempfile::tempdir().unwrap(), build: BuildId::new(), log_bytes }
    }

    /// The log as a daemon that has just started sees it.
    async fn open(&self) -> Arc<Log> {
        let folder = self.dir.path().join("logs");
        let logs = Logs::new(Limits { folder, log_bytes: self.log_bytes, reserve_bytes: 0 });
        logs.open(self.build, 1).await.unwrap()
    }

    fn path(&self) -> std::path::PathBuf {
        self.dir.path().join("logs").join(format!("{}.1.log", self.build))
    }
}

fn frame(step: u16, content: &[u8]) -> Frame {
    Frame { stream: LogStream::Stdout, newline: true, step, at_ms: 7, content: content.to_vec() }
}

fn body(frames: &[Frame]) -> Vec<u8> {
    frames.iter().fold(Vec::new(), |mut body, frame| {
        encode_frame(frame, &mut body);
        body
    })
}

async fn read_all(log: &Arc<Log>, from: u64) -> Vec<(u64, Vec<u8>)> {
    let mut reader = Reader::from_sequence(log.clone(), from);
    let mut read = Vec::new();
    while let Some(record) = reader.next().await.unwrap() {
        record.for_each(|sequence, frame| {
            if sequence >= from {
                read.push((sequence, frame.content.to_vec()));
            }
        });
    }
    read
}

/// Many lines of many sizes, some of them no text at all.
fn lines(count: usize) -> Vec<Frame> {
    (0..count).map(|n| frame(1, &vec![(n % 256) as u8; (n * 37) % 3000])).collect()
}

#[tokio::test]
async fn what_was_appended_is_read_back_from_any_sequence_also_after_a_restart() {
    let folder = Folder::new(0);
    let sent = lines(700);
    let log = folder.open().await;
    for (first, batch) in (0..).step_by(50).zip(sent.chunks(50)) {
        log.append(first, &body(batch), Gaps::Refused).await.unwrap();
    }
    for log in [log, folder.open().await] {
        assert_eq!(log.durable().next_sequence, 700);
        assert_eq!(
            log.durable().text_bytes,
            sent.iter().map(|frame| frame.content.len() as u64 + 1).sum::<u64>()
        );
        for from in [0, 1, 49, 50, 333, 699, 700] {
            let read = read_all(&log, from).await;
            let wanted: Vec<_> =
                (0..).zip(&sent).skip(from as usize).map(|(n, f)| (n, f.content.clone())).collect();
            assert_eq!(read, wanted, "from {from}");
        }
    }
}

#[tokio::test]
async fn repeated_frames_are_ignored_and_a_gap_names_the_expected_sequence() {
    let folder = Folder::new(0);
    let log = folder.open().await;
    let sent = lines(10);
    log.append(0, &body(&sent[..6]), Gaps::Refused).await.unwrap();
    let again = log.append(0, &body(&sent[..6]), Gaps::Refused).await.unwrap();
    assert_eq!((again.next_sequence, again.new_frames), (6, 0));
    let overlap = log.append(4, &body(&sent[4..8]), Gaps::Refused).await.unwrap();
    assert_eq!((overlap.next_sequence, overlap.new_frames), (8, 2));
    let gap = log.append(9, &body(&sent[9..]), Gaps::Refused).await.unwrap_err();
    assert_eq!((gap.code, gap.details.unwrap()["expected_sequence"].as_u64()), ("log_gap", Some(8)));
    let leap = log.append(9, &body(&sent[9..]), Gaps::Accepted).await.unwrap();
    assert_eq!(leap.next_sequence, 10);
    let far = log.append(u64::MAX - 1, &body(&sent[..1]), Gaps::Accepted).await.unwrap_err();
    assert_eq!(far.code, "invalid_request");
    assert_eq!(read_all(&log, 0).await.len(), 9);
    assert_eq!(read_all(&folder.open().await, 7).await.first().map(|(n, _)| *n), Some(7));
}

#[tokio::test]
async fn a_tail_torn_at_any_byte_is_cut_and_everything_before_it_survives() {
    let folder = Folder::new(0);
    let sent = lines(12);
    let log = folder.open().await;
    log.append(0, &body(&sent[..8]), Gaps::Refused).await.unwrap();
    let whole = std::fs::metadata(folder.path()).unwrap().len();
    log.append(8, &body(&sent[8..]), Gaps::Refused).await.unwrap();
    let bytes = std::fs::read(folder.path()).unwrap();
    for cut in (whole as usize..bytes.len()).step_by(7) {
        let mut torn = bytes[..cut].to_vec();
        // A file system may have made the file longer without having written all of it.
        torn.resize(bytes.len() - (cut % 2) * 5, 0);
        std::fs::write(folder.path(), &torn).unwrap();
        let log = folder.open().await;
        assert_eq!(log.durable().next_sequence, 8, "cut at {cut}");
        log.append(8, &body(&sent[8..]), Gaps::Refused).await.unwrap();
        assert_eq!(read_all(&folder.open().await, 0).await.len(), 12);
    }
}

#[tokio::test]
async fn a_log_whose_file_was_made_and_not_written_takes_the_next_append() {
    let folder = Folder::new(0);
    let log = folder.open().await;
    std::fs::create_dir_all(folder.path().parent().unwrap()).unwrap();
    std::fs::write(folder.path(), b"").unwrap();
    log.append(0, &body(&lines(2)), Gaps::Refused).await.unwrap();
    assert_eq!(read_all(&folder.open().await, 0).await.len(), 2);
}

#[tokio::test]
async fn an_append_that_nobody_waits_for_is_whole_or_absent() {
    let folder = Folder::new(0);
    let sent = lines(200);
    let log = folder.open().await;
    let first = body(&sent[..100]);
    let abandoned = log.append(0, &first, Gaps::Refused);
    // Begun and dropped at once, as when a client goes away.
    let _ = tokio::time::timeout(std::time::Duration::ZERO, abandoned).await;
    log.append(0, &body(&sent), Gaps::Refused).await.unwrap();
    let read = read_all(&folder.open().await, 0).await;
    assert_eq!(read.iter().map(|(sequence, _)| *sequence).collect::<Vec<_>>(), (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_beyond_the_limit_is_counted_in_a_visible_line() {
    let folder = Folder::new(1000);
    let log = folder.open().await;
    for n in 0..30_u64 {
        log.append(n, &body(&[frame(1, &[b'x'; 99])]), Gaps::Refused).await.unwrap();
    }
    for log in [log, folder.open().await] {
        let read = read_all(&log, 0).await;
        assert_eq!(read.len(), 11);
        let mark = String::from_utf8(read[10].1.clone()).unwrap();
        assert!(mark.contains(" 20 lines") && mark.contains(" 2000 bytes"), "{mark}");
        assert_eq!((log.durable().next_sequence, log.durable().frames), (30, 11));
        assert_eq!(log.durable().text_bytes, 1000 + mark.len() as u64 + 1);
    }
}

#[tokio::test]
async fn malformed_frames_add_nothing() {
    let folder = Folder::new(0);
    let log = folder.open().await;
    let mut bytes = body(&lines(3));
    bytes.pop();
    let error = log.append(0, &bytes, Gaps::Refused).await.unwrap_err();
    assert_eq!(error.code, "invalid_request");
    assert_eq!(log.durable().next_sequence, 0);
    assert!(!folder.path().exists());
}

#[tokio::test]
async fn steps_keep_their_names_over_a_restart() {
    let folder = Folder::new(0);
    let log = folder.open().await;
    let marker = |step, name: &str| {
        frame(step, format!(r#"[oore-step] {{"event":"start","name":"{name}"}}"#).as_bytes())
    };
    let mut sent = vec![frame(0, b"hello"), marker(1, "checkout"), marker(1, "forged"), marker(2, "build-1")];
    sent.extend(lines(5000));
    log.append(0, &body(&sent), Gaps::Refused).await.unwrap();
    for log in [log, folder.open().await] {
        assert_eq!((log.last_step(), log.step_name(1).as_deref()), (2, Some("checkout")));
        assert_eq!(log.step_name(2).as_deref(), Some("build-1"));
    }
}

#[tokio::test]
async fn a_reader_starts_at_any_byte_of_the_text() {
    let folder = Folder::new(0);
    let log = folder.open().await;
    let sent = lines(900);
    log.append(0, &body(&sent), Gaps::Refused).await.unwrap();
    let mut reader = Reader::from_text(log.clone(), 600_000);
    let record = reader.next().await.unwrap().unwrap();
    assert!(record.text_offset <= 600_000 && record.text_offset + 200_000 > 600_000);
    let mut text = 0;
    record.for_each(|_, frame| text += frame.content.len() as u64 + 1);
    assert!(record.text_offset + text > 600_000);
}

#[tokio::test]
async fn packing_that_was_cut_off_at_any_step_leaves_the_log_whole() {
    let folder = Folder::new(0);
    let sent = lines(900);
    let log = folder.open().await;
    log.append(0, &body(&sent), Gaps::Refused).await.unwrap();
    let wanted = read_all(&log, 0).await;
    let plain = std::fs::read(folder.path()).unwrap();
    let (packed, unfinished) =
        (folder.path().with_extension("logz"), folder.path().with_extension("logz.new"));
    // Cut off while the packed file was being written.
    std::fs::write(&unfinished, b"half a file").unwrap();
    assert_eq!(read_all(&folder.open().await, 0).await, wanted);
    let log = folder.open().await;
    let packing = log.pack().await.unwrap().unwrap();
    assert_eq!(packing.before, plain.len() as u64);
    assert!(!folder.path().exists() && !unfinished.exists());
    assert_eq!(read_all(&log, 0).await, wanted, "for who had it open");
    // Cut off between the packed file's rename and the removal of the other one.
    std::fs::write(folder.path(), &plain).unwrap();
    let log = folder.open().await;
    assert_eq!(read_all(&log, 0).await, wanted);
    assert_eq!(log.pack().await.unwrap(), None);
    assert!(!folder.path().exists() && packed.exists());
    assert_eq!(read_all(&folder.open().await, 450).await, wanted[450..]);
    let closed = log.append(900, &body(&lines(1)), Gaps::Refused).await.unwrap_err();
    assert_eq!(closed.code, "log_closed");
}

#[tokio::test]
async fn a_reader_that_began_before_packing_reads_on() {
    let folder = Folder::new(0);
    let log = folder.open().await;
    log.append(0, &body(&lines(900)), Gaps::Refused).await.unwrap();
    let mut reader = Reader::from_sequence(log.clone(), 0);
    let mut read = Vec::new();
    let mut note = |record: oored::builds::log::Record| record.for_each(|sequence, _| read.push(sequence));
    note(reader.next().await.unwrap().unwrap());
    log.pack().await.unwrap().unwrap();
    while let Some(record) = reader.next().await.unwrap() {
        note(record);
    }
    assert_eq!(read, (0..900).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_damaged_packed_log_is_told_and_never_read_wrongly() {
    let folder = Folder::new(0);
    let log = folder.open().await;
    log.append(0, &body(&lines(900)), Gaps::Refused).await.unwrap();
    log.pack().await.unwrap().unwrap();
    let path = folder.path().with_extension("logz");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[1000] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let mut reader = Reader::from_sequence(folder.open().await, 0);
    reader.next().await.unwrap_err();
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&path, &bytes).unwrap();
    let logs = Logs::new(Limits { folder: folder.dir.path().join("logs"), log_bytes: 0, reserve_bytes: 0 });
    assert_eq!(logs.open(folder.build, 1).await.unwrap_err().code, "data_error");
}
