//! Packs a bundle such as `Runner.app`, which is a folder, into a zip: the folder itself at the top, links
//! as links, permissions kept, the same bytes for the same content. Nothing outside of the folder is read.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::files;
use super::platform;
use super::stop::Stop;

const PIECE_BYTES: usize = 256 * 1024;
/// From this size on an entry needs the longer form of sizes.
const LARGE: u64 = u32::MAX as u64;

/// Packs the folder `name` inside `parent`. Ends early when the build is stopped; the archive is then
/// of no use.
///
/// Errors: `InvalidInput` for what is neither a file nor a folder nor a link.
pub fn pack(parent: &Path, name: &Path, archive: &Path, stop: &Stop) -> io::Result<()> {
    let mut packing = Packing { parent, stop, zip: ZipWriter::new(platform::private_file(archive)?) };
    packing.entry(name)?;
    packing.zip.finish()?.sync_all()
}

struct Packing<'a> {
    parent: &'a Path,
    stop: &'a Stop,
    zip: ZipWriter<File>,
}

impl Packing<'_> {
    fn entry(&mut self, path: &Path) -> io::Result<()> {
        if self.stop.reason().is_some() {
            return Ok(());
        }
        let found = fs::symlink_metadata(self.parent.join(path))?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(found.permissions().mode() & 0o777)
            .large_file(found.len() >= LARGE);
        let kind = found.file_type();
        if kind.is_symlink() {
            let target = fs::read_link(self.parent.join(path))?;
            return Ok(self.zip.add_symlink(text(path)?, text(&target)?, options)?);
        }
        if kind.is_dir() {
            self.zip.add_directory(text(path)?, options)?;
            return self.children(path);
        }
        let file = files::open_inside(self.parent, path)?;
        // As everywhere in a workspace: the other name may be anybody's.
        if file.metadata()?.nlink() > 1 {
            let why = format!("{} also exists under another name (hard link)", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        self.zip.start_file(text(path)?, options)?;
        self.content(file)
    }

    fn children(&mut self, folder: &Path) -> io::Result<()> {
        let entries = fs::read_dir(self.parent.join(folder))?;
        let mut names = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
        names.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        names.into_iter().try_for_each(|name| self.entry(&folder.join(name)))
    }

    fn content(&mut self, mut file: File) -> io::Result<()> {
        let mut piece = vec![0_u8; PIECE_BYTES];
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(()),
                _ if self.stop.reason().is_some() => return Ok(()),
                length => self.zip.write_all(&piece[..length])?,
            }
        }
    }
}

fn text(path: &Path) -> io::Result<String> {
    let refused = || {
        let why = format!("{} is no UTF-8 name, which a zip needs", path.display());
        io::Error::new(io::ErrorKind::InvalidInput, why)
    };
    PathBuf::from(path).into_os_string().into_string().map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_bundle_comes_out_as_it_went_in() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("in/Runner.app/Contents/MacOS")).unwrap();
        fs::write(at("in/Runner.app/Contents/MacOS/Runner"), "binary").unwrap();
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(at("in/Runner.app/Contents/MacOS/Runner"), executable).unwrap();
        symlink("Contents/MacOS/Runner", at("in/Runner.app/Link")).unwrap();
        symlink("/etc/hostname", at("in/Runner.app/Outside")).unwrap();
        let pack_as = |name: &str| pack(&at("in"), Path::new("Runner.app"), &at(name), &Stop::default());
        pack_as("a.zip").unwrap();
        pack_as("b.zip").unwrap();
        assert_eq!(fs::read(at("a.zip")).unwrap(), fs::read(at("b.zip")).unwrap());
        // Another program reads it: python's module knows neither links nor permissions, so they are looked
        // up in the directory of the archive; what a link leads to is its content.
        let script = "import sys, zipfile\n\
                      z = zipfile.ZipFile(sys.argv[1])\n\
                      for i in z.infolist():\n\
                      \x20 print(i.filename, oct(i.external_attr >> 16), z.read(i).decode())";
        let listed = Command::new("python3").args(["-c", script]).arg(at("a.zip")).output().unwrap();
        assert_eq!(
            String::from_utf8(listed.stdout).unwrap().lines().collect::<Vec<_>>(),
            [
                "Runner.app/ 0o40755 ",
                "Runner.app/Contents/ 0o40755 ",
                "Runner.app/Contents/MacOS/ 0o40755 ",
                "Runner.app/Contents/MacOS/Runner 0o100755 binary",
                "Runner.app/Link 0o120777 Contents/MacOS/Runner",
                "Runner.app/Outside 0o120777 /etc/hostname",
            ]
        );
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("A.app")).unwrap();
        let pipe = folder.path().join("A.app/pipe");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
        let archive = folder.path().join("a.zip");
        let error = pack(folder.path(), Path::new("A.app"), &archive, &Stop::default()).unwrap_err();
        assert!(error.to_string().contains("not a regular file"), "{error}");
        fs::remove_file(&pipe).unwrap();
        fs::write(folder.path().join("elsewhere"), "s").unwrap();
        fs::hard_link(folder.path().join("elsewhere"), folder.path().join("A.app/linked")).unwrap();
        let error = pack(folder.path(), Path::new("A.app"), &archive, &Stop::default()).unwrap_err();
        assert!(error.to_string().contains("hard link"), "{error}");
    }
}
