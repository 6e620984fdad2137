//! Gets the pinned commit into the workspace with the git program. What comes from outside (address,
//! branch, commit) is checked first and never reaches a shell; git may use safe transports only.

mod remote;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use self::remote::Remote;
use super::environment::Environment;
use super::process::{Ended, Stage};
use super::protocol::CloneCredential;
use super::stop::StopReason;
use crate::domain::source::{is_full_sha, is_valid_ref};

/// How many commits of a request are looked through for the one that was approved.
const FORK_DEPTH: &str = "100";

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Commit(String),
    /// A commit of a fork, and the ref that the repository keeps it at.
    Offered {
        sha: String,
        kept_at: String,
    },
    Branch(String),
}

/// Why there is no checkout.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    #[error("{0}")]
    Refused(String),
    #[error("git is not installed on this runner; install it (macOS: xcode-select --install) and try again")]
    NoGit,
    #[error("git {0} failed with exit code {1}")]
    Failed(&'static str, i32),
    #[error("git {0} was ended by signal {1}")]
    Killed(&'static str, i32),
    #[error("stopped")]
    Stopped(StopReason),
    #[error("git could not be started: {0}")]
    NotStarted(#[from] std::io::Error),
}

impl Wanted {
    /// The commit if there is one, else the branch.
    pub fn parse(commit: Option<&str>, branch: Option<&str>) -> Result<Self, CheckoutError> {
        match (commit, branch) {
            (Some(sha), _) if is_full_sha(sha) => Ok(Self::Commit(sha.to_owned())),
            (Some(_), _) => Err(CheckoutError::Refused("the commit id is not a full commit id".to_owned())),
            (None, Some(branch)) if is_valid_ref(branch) => Ok(Self::Branch(branch.to_owned())),
            (None, Some(_)) => {
                Err(CheckoutError::Refused("the branch name is not one git allows".to_owned()))
            }
            (None, None) => {
                Err(CheckoutError::Refused("the build names neither a commit nor a branch".to_owned()))
            }
        }
    }

    /// The same commit, of which the repository may only show the ref that it keeps it at.
    pub fn kept_at(self, name: Option<&str>) -> Result<Self, CheckoutError> {
        match (self, name) {
            (Wanted::Commit(sha), Some(name)) if name.starts_with("refs/") && is_valid_ref(name) => {
                Ok(Self::Offered { sha, kept_at: name.to_owned() })
            }
            (_, Some(_)) => {
                Err(CheckoutError::Refused("the ref of the commit is not one git allows".to_owned()))
            }
            (wanted, None) => Ok(wanted),
        }
    }

    /// What git puts into the work tree after the fetch.
    fn target(&self) -> &str {
        match self {
            Wanted::Offered { sha, .. } => sha,
            Wanted::Commit(_) | Wanted::Branch(_) => "FETCH_HEAD",
        }
    }

    fn refspec(&self) -> String {
        match self {
            Wanted::Commit(sha) | Wanted::Offered { sha, .. } => sha.clone(),
            Wanted::Branch(branch) => format!("refs/heads/{branch}"),
        }
    }
}

/// What the log shows as the command of the step.
pub fn shown(wanted: &Wanted) -> String {
    format!("git fetch --depth 1 <repository> {} && git checkout {}", wanted.refspec(), wanted.target())
}

/// Fetches and checks out, with submodules, into an empty folder.
pub async fn checkout(
    stage: &Stage,
    folder: &Path,
    remote: &Remote,
    wanted: &Wanted,
    credential: Option<&CloneCredential>,
) -> Result<(), CheckoutError> {
    let mut git = Git::new(stage, folder, remote, credential)?;
    git.run("init", &["--quiet".into(), "--template=".into(), ".".into()]).await?;
    let fetch = async |depth: &str, refspec: &str| {
        let options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--depth", depth, "--"];
        let mut arguments: Vec<OsString> = options.iter().map(OsString::from).collect();
        if let Some(program) = remote.upload_pack() {
            arguments.insert(0, format!("--upload-pack={program}").into());
        }
        arguments.extend([remote.address(), refspec.into()]);
        git.run("fetch", &arguments).await
    };
    match (fetch("1", &wanted.refspec()).await, wanted) {
        // Some servers hand out only what a ref leads to.
        (Err(CheckoutError::Failed(..)), Wanted::Offered { kept_at, .. }) => {
            fetch(FORK_DEPTH, kept_at).await?
        }
        (fetched, _) => fetched?,
    }
    git.run("checkout", &["--quiet".into(), "--force".into(), "--detach".into(), wanted.target().into()])
        .await?;
    git.environment.set("GIT_ALLOW_PROTOCOL", remote.protocols_inside());
    if folder.join(".gitmodules").symlink_metadata().is_ok_and(|found| found.is_file()) {
        git.run("submodule", &["sync".into(), "--recursive".into()]).await?;
        git.run("submodule", &["update".into(), "--init".into(), "--recursive".into()]).await?;
    }
    Ok(())
}

struct Git<'a> {
    stage: &'a Stage,
    program: PathBuf,
    folder: &'a Path,
    environment: Environment,
}

impl<'a> Git<'a> {
    fn new(
        stage: &'a Stage,
        folder: &'a Path,
        remote: &Remote,
        credential: Option<&CloneCredential>,
    ) -> Result<Self, CheckoutError> {
        let mut environment = Environment::of_build(stage.tree.tag());
        let program = environment.find("git").ok_or(CheckoutError::NoGit)?;
        environment.set("GIT_ALLOW_PROTOCOL", remote.protocols());
        environment.set("GIT_TERMINAL_PROMPT", "0");
        environment.set("GIT_ASKPASS", "false");
        environment.set("SSH_ASKPASS", "false");
        environment.set("GIT_LFS_SKIP_SMUDGE", "0");
        let proofs = credential.map(proof).unwrap_or_default().into_iter().chain(remote.settings());
        for (number, (key, value)) in (0..).zip(proofs) {
            environment.set("GIT_CONFIG_COUNT", format!("{}", number + 1));
            environment.set(format!("GIT_CONFIG_KEY_{number}"), key);
            environment.set(format!("GIT_CONFIG_VALUE_{number}"), value);
        }
        Ok(Self { stage, program, folder, environment })
    }

    async fn run(&self, verb: &'static str, arguments: &[OsString]) -> Result<(), CheckoutError> {
        let settings = [
            "protocol.ext.allow=never",
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "advice.detachedHead=false",
            "init.defaultBranch=main",
            "gc.auto=0",
            "maintenance.auto=false",
        ];
        let mut all: Vec<OsString> = settings.iter().flat_map(|one| ["-c".into(), one.into()]).collect();
        all.push(verb.into());
        all.extend_from_slice(arguments);
        match self.stage.program(&self.program, &all, self.folder, &self.environment).await? {
            Ended::Exited(0) => Ok(()),
            Ended::Exited(code) => Err(CheckoutError::Failed(verb, code)),
            Ended::Signaled(signal) => Err(CheckoutError::Killed(verb, signal)),
            Ended::Stopped(reason) => Err(CheckoutError::Stopped(reason)),
            // Only steps have limits of their own.
            Ended::TooLong => Err(CheckoutError::Stopped(StopReason::TimedOut)),
        }
    }
}

/// Lets git prove itself to one host, its submodules there too, however they are addressed. The environment is the one
/// place that is neither a file, nor seen in a list of processes, nor left to the steps of the build.
fn proof(credential: &CloneCredential) -> Vec<(String, String)> {
    let CloneCredential { url, username, password, .. } = credential;
    let basic = STANDARD.encode(format!("{username}:{password}"));
    let mut settings = vec![(format!("http.{url}/.extraHeader"), format!("Authorization: Basic {basic}"))];
    // A port is that of http; ssh has its own.
    let host = url.split_once("://").map(|(_, host)| host).filter(|host| !host.contains([':', '/']));
    if let Some(host) = host {
        let instead = format!("url.{url}/.insteadOf");
        settings.push((instead.clone(), format!("git@{host}:")));
        settings.push((instead, format!("ssh://git@{host}/")));
    }
    settings
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::spool::Spool;
    use super::super::stop::Stop;
    use super::super::tree::Tree;
    use super::*;
    use crate::clock::Clock;

    fn git(folder: &Path, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"];
        let done = Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    fn stage(folder: &Path) -> Stage {
        let spool = Spool::create(&folder.join("log.frames"), Clock::system(), 0).unwrap();
        let tag = format!("checkout-{}", folder.file_name().unwrap().to_string_lossy());
        Stage {
            tree: Tree::new(tag),
            spool: Arc::new(spool),
            stop: Stop::default(),
            no_output: Duration::ZERO,
        }
    }

    fn repository(folder: &Path) -> PathBuf {
        let source = folder.join("source");
        std::fs::create_dir(&source).unwrap();
        git(&source, &["init", "--quiet", "--initial-branch=main"]);
        std::fs::write(source.join("a"), "1").unwrap();
        git(&source, &["add", "--all"]);
        git(&source, &["commit", "--quiet", "-m", "one"]);
        source
    }

    #[tokio::test]
    async fn the_pinned_commit_is_checked_out_not_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let source = repository(folder.path());
        let sha = git(&source, &["rev-parse", "HEAD"]);
        std::fs::write(source.join("a"), "2").unwrap();
        git(&source, &["commit", "--quiet", "-am", "two"]);
        let work = folder.path().join("work");
        std::fs::create_dir(&work).unwrap();
        let remote = Remote::parse(source.to_str().unwrap(), None).unwrap();
        let wanted = Wanted::parse(Some(&sha), Some("main")).unwrap();
        checkout(&stage(folder.path()), &work, &remote, &wanted, None).await.unwrap();
        assert_eq!(std::fs::read_to_string(work.join("a")).unwrap(), "1");
    }

    #[tokio::test]
    async fn a_branch_with_a_hostile_name_is_only_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let source = repository(folder.path());
        for branch in ["$(touch${IFS}pwned)", "`touch${IFS}pwned`", "a;touch${IFS}pwned;"] {
            git(&source, &["branch", branch]);
            let work = tempfile::tempdir_in(folder.path()).unwrap();
            let remote = Remote::parse(source.to_str().unwrap(), None).unwrap();
            let wanted = Wanted::parse(None, Some(branch)).unwrap();
            checkout(&stage(folder.path()), work.path(), &remote, &wanted, None).await.unwrap();
            assert!(work.path().join("a").exists());
            assert!(!work.path().join("pwned").exists() && !Path::new("pwned").exists());
        }
    }

    #[tokio::test]
    async fn a_commit_that_is_not_there_is_a_failed_fetch() {
        let folder = tempfile::tempdir().unwrap();
        let source = repository(folder.path());
        let work = tempfile::tempdir_in(folder.path()).unwrap();
        let remote = Remote::parse(source.to_str().unwrap(), None).unwrap();
        let wanted = Wanted::parse(Some(&"0123456789".repeat(4)), None).unwrap();
        let failed = checkout(&stage(folder.path()), work.path(), &remote, &wanted, None).await;
        assert!(matches!(failed, Err(CheckoutError::Failed("fetch", _))), "{failed:?}");
    }

    #[tokio::test]
    async fn a_repository_of_somebody_else_is_read_when_it_was_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let source = repository(folder.path());
        let sha = git(&source, &["rev-parse", "HEAD"]);
        // Where the tests don't run as root, the repository stays ours and the test says less.
        for place in [source.clone(), source.join(".git")] {
            let _not_root = std::os::unix::fs::chown(place, Some(4711), Some(4711));
        }
        let work = tempfile::tempdir_in(folder.path()).unwrap();
        let remote = Remote::parse(source.to_str().unwrap(), None).unwrap();
        let wanted = Wanted::parse(Some(&sha), None).unwrap();
        checkout(&stage(folder.path()), work.path(), &remote, &wanted, None).await.unwrap();
        assert!(work.path().join("a").exists());
    }

    #[test]
    fn http_is_for_the_one_host_that_was_connected_so() {
        let credential = |url: &str| CloneCredential {
            url: url.to_owned(),
            username: "u".to_owned(),
            password: "p".to_owned(),
            expires_at: 0,
        };
        let here = credential("http://git.example.com:3000");
        assert!(Remote::parse("http://git.example.com:3000/a/b.git", Some(&here)).is_ok());
        for address in [
            "http://git.example.com/a/b.git",
            "http://git.example.com:30001/a/b.git",
            "http://git.example.com:3000@evil.example/a.git",
            "http://evil.example/a.git",
            "file:///etc",
        ] {
            assert!(Remote::parse(address, Some(&here)).is_err(), "{address}");
            assert!(
                Remote::parse(address, Some(&credential("https://git.example.com"))).is_err(),
                "{address}"
            );
        }
    }

    #[test]
    fn a_commit_of_a_fork_names_where_it_is_kept() {
        let sha = "a".repeat(40);
        let commit = || Wanted::parse(Some(&sha), Some("main")).unwrap();
        let offered = commit().kept_at(Some("refs/pull/7/head")).unwrap();
        assert_eq!((offered.refspec(), offered.target()), (sha.clone(), sha.as_str()));
        assert_eq!(commit().kept_at(None).unwrap(), commit());
        for name in ["main", "refs/../x", "--upload-pack=x", "refs/a b", ""] {
            assert!(commit().kept_at(Some(name)).is_err(), "{name}");
        }
        let branch = Wanted::parse(None, Some("main")).unwrap();
        assert!(branch.kept_at(Some("refs/pull/7/head")).is_err());
    }

    #[tokio::test]
    async fn what_a_server_does_not_hand_out_by_its_id_is_fetched_by_its_ref() {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (repository(folder.path()), folder.path().join("target"));
        std::fs::create_dir(&target).unwrap();
        git(&source, &["update-ref", "refs/pull/7/head", "HEAD"]);
        // No such commit is there: then the ref does not lead to it either.
        let wanted = Wanted::Offered { sha: "b".repeat(40), kept_at: "refs/pull/7/head".to_owned() };
        let done =
            checkout(&stage(folder.path()), &target, &Remote::Local(source.clone()), &wanted, None).await;
        assert!(matches!(done, Err(CheckoutError::Failed("checkout", _))), "{done:?}");
        assert_eq!(git(&target, &["rev-parse", "FETCH_HEAD"]), git(&source, &["rev-parse", "HEAD"]));
    }

    #[test]
    fn the_daemon_names_places_below_its_own_address_only() {
        let of = |path: &str| Remote::through_daemon("http://127.0.0.1:8787/", path, vec!["a: b".to_owned()]);
        let remote = of("/v1/runners/r/jobs/j/gitlab/group/app.git").unwrap();
        assert_eq!(remote.address(), "http://127.0.0.1:8787/v1/runners/r/jobs/j/gitlab/group/app.git");
        assert!(!format!("{remote:?}").contains("a: b"));
        assert_eq!((remote.protocols(), remote.protocols_inside()), ("https:http", "https:ssh"));
        for path in [
            "",
            ".evil.example/v1/runners/",
            "@evil/",
            "/v1/runners/../../x",
            "/v1/runners/r?a=b",
            "/v1/runners/a b",
        ] {
            assert!(of(path).is_err(), "{path}");
        }
    }

    #[test]
    fn hostile_addresses_and_names_are_refused() {
        let addresses = [
            "ext::sh -c 'touch x'",
            "EXT::sh",
            "file:///etc",
            "ssh://-oProxyCommand=x/y",
            "ssh://a@-oProxyCommand=x/y",
            "https:///evil",
            "http://example.com/x",
            "-oProxyCommand=x",
            "-a@b:c",
            "a@-b:c",
            "git@host:-x",
            "relative/path",
            "https://a/\nb",
            "",
        ];
        for address in addresses {
            assert!(Remote::parse(address, None).is_err(), "{address:?}");
        }
        for address in
            ["https://example.com/a.git", "ssh://git@example.com/a", "git@example.com:a/b.git", "/srv/a b"]
        {
            assert!(Remote::parse(address, None).is_ok(), "{address:?}");
        }
        for branch in ["--upload-pack=touch p", "-h", "refs/heads/../x", "a\nb", ""] {
            assert!(Wanted::parse(None, Some(branch)).is_err(), "{branch:?}");
        }
        assert!(Wanted::parse(Some("--help"), Some("main")).is_err());
        assert!(Wanted::parse(None, None).is_err());
    }
}
