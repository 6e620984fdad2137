//! Ends the processes of a build when the runner itself was ended by force. A tiny process in a session
//! of its own that holds a pipe from the runner; it knows tags, nothing else.

use std::io::{BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::platform::{self, Bounds, ControlGroup};
use super::tree::{Tree, kill_tagged};

/// The warden of one build, seen from the runner.
#[derive(Debug)]
pub struct Warden {
    running: Option<(Child, ChildStdin)>,
}

impl Warden {
    /// Starts a warden for the processes of a build. Without one the build runs all the same.
    pub fn watch(tree: &Tree) -> Self {
        let started = start().and_then(|(child, mut pipe)| {
            let group = tree.group().map(|group| group.folder().display().to_string()).unwrap_or_default();
            writeln!(pipe, "{}\t{group}", tree.tag())?;
            Ok((child, pipe))
        });
        if let Err(error) = &started {
            tracing::warn!("no warden watches over this build: {error}");
        }
        Self { running: started.ok() }
    }

    /// The build is over and its processes are gone: there is nothing left to end.
    pub async fn release(self) {
        let Some((mut child, mut pipe)) = self.running else { return };
        let _gone_already = writeln!(pipe);
        drop(pipe);
        let _reaped = tokio::task::spawn_blocking(move || child.wait()).await;
    }
}

fn start() -> std::io::Result<(Child, ChildStdin)> {
    let mut command = Command::new(platform::own_program()?);
    // Under its other name the same program is another command line.
    command.arg0("oored").arg("runner-warden").env_clear().current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    platform::own_session(&mut command, None, Bounds::default());
    let mut child = command.spawn()?;
    let pipe = child.stdin.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
    Ok((child, pipe))
}

/// The warden's own program: reads lines of a tag and its control group until the runner is gone, then
/// ends what carries the last one. An empty line means that there is nothing to end.
pub fn run() -> anyhow::Result<()> {
    let last = last_line(std::io::stdin().lock());
    let (tag, group) = last.split_once('\t').unwrap_or((&last, ""));
    if !group.is_empty() {
        ControlGroup::kill_at(Path::new(group));
    }
    if !tag.is_empty() {
        kill_tagged(tag);
    }
    Ok(())
}

fn last_line(input: impl BufRead) -> String {
    input.lines().map_while(Result::ok).last().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::last_line;

    #[test]
    fn the_last_line_counts() {
        assert_eq!(last_line(&b"a\t\nb\t/g\n"[..]), "b\t/g");
        assert_eq!(last_line(&b"a\n\n"[..]), "");
        assert_eq!(last_line(&b""[..]), "");
    }
}
