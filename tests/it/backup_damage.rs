//! Archives and databases that are not what they say: refused with a reason, and nothing is changed. `make faults` tries more
//! pages.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::EntryType;

use crate::backup::{Instance, create, done, refused, restore, text, verify};
use crate::support::fault_points;
use crate::support::folders::contents;
use crate::support::program::{Daemon, free_port, oored};

/// The name, the kind and the content of something in an archive.
type Entry<'a> = (&'a str, EntryType, &'a [u8]);

/// An archive with these entries.
fn archive_of(path: &Path, entries: &[Entry]) {
    let file = std::fs::File::create(path).unwrap();
    let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        // `set_path` refuses what an attacker would write.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        tar.append(&header, *content).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_and_nothing_is_changed() {
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let good = place.path().join("good.tar.gz");
    done(&create(instance.data(), &good, &["--with-logs"]));
    let before = contents(instance.data());
    let bytes = std::fs::read(&good).unwrap();
    let mut bad: Vec<(String, PathBuf)> = Vec::new();
    let mut write = |name: &str, content: &[u8]| {
        let path = place.path().join(name);
        std::fs::write(&path, content).unwrap();
        bad.push((name.to_owned(), path));
    };
    for part in 0..8 {
        write(&format!("cut at {part} eighths"), &bytes[..bytes.len() * part / 8]);
    }
    write("without its last byte", &bytes[..bytes.len() - 1]);
    let unpacked = |bytes: &[u8]| {
        let mut whole = Vec::new();
        GzDecoder::new(bytes).read_to_end(&mut whole).ok().map(|_| whole)
    };
    for part in 1..24 {
        let mut flipped = bytes.clone();
        flipped[bytes.len() * part / 24] ^= 1;
        // Some bits of a gzip say nothing.
        if unpacked(&flipped) != unpacked(&bytes) {
            write(&format!("flipped at {part} of 24"), &flipped);
        }
    }
    write("text", b"no archive at all");
    let regular = EntryType::Regular;
    let strange: [(&str, &[Entry]); 7] = [
        ("empty", &[]),
        ("climbs", &[("../oore.db", regular, b"x")]),
        ("absolute", &[("/tmp/oore.db", regular, b"x")]),
        ("symlink", &[("oore.db", EntryType::Symlink, b"")]),
        ("hard link", &[("oore.db", EntryType::Link, b"")]),
        ("twice", &[("oore.db", regular, b"x"), ("oore.db", regular, b"y")]),
        ("something else", &[("runner/token", regular, b"x")]),
    ];
    for (name, entries) in strange {
        let path = place.path().join(name);
        archive_of(&path, entries);
        bad.push((name.to_owned(), path));
    }
    for (name, path) in &bad {
        for output in [verify(path), restore(instance.data(), path)] {
            let said = refused(&output, 2);
            assert!(said.contains("the backup is not usable"), "{name}: {said}");
        }
    }
    let now = contents(instance.data());
    let is_same = |(path, content): &(PathBuf, Vec<u8>)| {
        before.iter().any(|(other, before)| other == path && before == content)
    };
    let changed: Vec<_> =
        now.iter().filter(|file| !is_same(file) && !file.0.ends_with("oored.lock")).collect();
    assert!(changed.is_empty() && now.len() >= before.len(), "{:?}", changed.iter().map(|file| &file.0));
    let said = refused(&verify(&place.path().join("absent")), 2);
    assert!(said.contains("cannot be read"), "{said}");
}

#[tokio::test]
async fn a_damaged_database_is_refused_with_the_remedy_and_a_backup_helps() {
    const PAGE: usize = 4096;
    let instance = Instance::new().await;
    let place = tempfile::tempdir().unwrap();
    let archive = place.path().join("backup.tar.gz");
    done(&create(instance.data(), &archive, &[]));
    let file = instance.data().join("oore.db");
    let whole = std::fs::read(&file).unwrap();
    let pages = whole.len() / PAGE;
    let points = fault_points().map_or(8, |points| points.min(pages));
    let mut harmless = 0;
    for page in (0..points).map(|point| point * pages / points) {
        let mut damaged = whole.clone();
        damaged[page * PAGE..(page + 1) * PAGE].fill(0);
        std::fs::write(&file, &damaged).unwrap();
        let start = oored()
            .args(["run", "--listen", "127.0.0.1:0", "--data-dir", text(instance.data())])
            .output_or_alive();
        match start {
            Some(output) => {
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(said.contains("the database is damaged"), "page {page}: {said}");
                assert!(said.contains("oore backup restore"), "page {page}: {said}");
                assert_eq!(
                    std::fs::read(&file).unwrap(),
                    damaged,
                    "page {page}: nothing is repaired silently"
                );
            }
            None => harmless += 1,
        }
    }
    // A page that nothing is on may be lost without a loss.
    assert!(harmless * 10 <= points, "{harmless} of {points} pages were accepted");
    let mut damaged = whole.clone();
    damaged[..PAGE].fill(0);
    std::fs::write(&file, &damaged).unwrap();
    done(&restore(instance.data(), &archive));
    let daemon = Daemon::attempt(instance.data(), free_port(), &[]).await.unwrap();
    instance.verify(&daemon).await;
}

trait OutputOrAlive {
    /// What a program said that ended; none of one that listens, which is ended.
    fn output_or_alive(&mut self) -> Option<Output>;
}

impl OutputOrAlive for std::process::Command {
    fn output_or_alive(&mut self) -> Option<Output> {
        use std::io::{BufRead, BufReader};
        let mut child =
            self.stdout(Stdio::null()).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
        let mut said = Vec::new();
        let mut is_alive = false;
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            let line = line.unwrap();
            is_alive |= line.contains("listens on");
            writeln!(said, "{line}").unwrap();
            if is_alive {
                child.kill().unwrap();
                break;
            }
        }
        let status = child.wait().unwrap();
        (!is_alive).then_some(Output { status, stdout: Vec::new(), stderr: said })
    }
}
