//! Opens files of a workspace that a build may have tampered with: never through a symbolic link,
//! never a pipe or a device, never outside.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path};

use rustix::fs::{CWD, FileType, Mode, OFlags, openat};

/// Opens a regular file by a path below `root`.
///
/// Errors: `NotFound`; `InvalidInput` with a sentence for everything that isn't a plain file inside.
pub fn open_inside(root: &Path, path: &Path) -> io::Result<File> {
    let folders = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    let mut folder: OwnedFd = openat(CWD, root, folders | OFlags::NOFOLLOW, Mode::empty())?;
    let mut names = path.components().peekable();
    while let Some(component) = names.next() {
        let Component::Normal(name) = component else {
            return Err(refused("leaves the workspace"));
        };
        let last = names.peek().is_none();
        // Without O_NONBLOCK opening a named pipe would wait for a writer.
        let flags = if last { OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC } else { folders };
        let opened = openat(folder.as_fd(), name, flags | OFlags::NOFOLLOW, Mode::empty());
        folder = match opened {
            Ok(opened) => opened,
            Err(rustix::io::Errno::LOOP) => return Err(refused("is a symbolic link")),
            Err(rustix::io::Errno::NOTDIR) if !last => {
                return Err(refused("leads through something that is no folder"));
            }
            Err(error) => return Err(error.into()),
        };
    }
    let found = rustix::fs::fstat(&folder)?;
    match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile => Ok(folder.into()),
        FileType::Directory
        | FileType::Symlink
        | FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => Err(refused("is not a regular file")),
    }
}

/// Reads a small file of a workspace.
pub fn read_inside(root: &Path, path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open_inside(root, path)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(refused(&format!("is larger than {} KiB", most / 1024)));
    }
    Ok(bytes)
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_plain_files_inside_are_read() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "s").unwrap();
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        std::fs::create_dir(at("sub")).unwrap();
        std::fs::write(at("sub/good"), "good").unwrap();
        symlink(outside.path(), at("out")).unwrap();
        symlink(outside.path().join("secret"), at("link")).unwrap();
        rustix::fs::mkfifoat(CWD, at("pipe"), Mode::RUSR).unwrap();
        let read = |path: &str| read_inside(root.path(), Path::new(path), 10);
        assert_eq!(read("sub/good").unwrap(), b"good");
        assert_eq!(read("absent").unwrap_err().kind(), io::ErrorKind::NotFound);
        for path in ["out/secret", "link", "pipe", "sub", "../x", "/etc/passwd", "sub/good/x"] {
            let error = read(path).unwrap_err();
            assert_ne!(error.kind(), io::ErrorKind::NotFound, "{path}: {error}");
        }
        std::fs::write(at("big"), "12345678901").unwrap();
        assert!(read("big").unwrap_err().to_string().contains("larger"));
    }
}
