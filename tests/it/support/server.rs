//! A whole instance inside the test process: real sockets, a real database file in a folder that
//! vanishes, a clock that is moved by hand.

use std::path::Path;
use std::sync::Arc;

use clap::Parser;
use oored::app::App;
use oored::clock::Clock;
use oored::config::{Config, Settings};
use oored::db::entity::users;
use oored::domain::id::UserId;
use oored::domain::role::{UserRole, UserStatus};
use oored::server::Server as Listener;
use oored::tasks::{renew_tokens, telemetry, tell_growth};
use oored::{api, web};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::{Browser, Client};

#[derive(Debug, Parser)]
struct CommandLine {
    #[command(flatten)]
    settings: Settings,
}

/// A running instance.
pub struct Server {
    pub app: Arc<App>,
    pub base: String,
    /// The browser of whoever opens pages here.
    pub browser: Browser,
    arguments: Vec<String>,
    folder: TempDir,
    serving: JoinHandle<()>,
}

impl Server {
    /// A fresh instance without an embedded runner.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with more command line flags.
    pub async fn start_with(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        Self::open(folder, flags, Clock::system()).await
    }

    async fn open(folder: TempDir, arguments: Vec<String>, clock: Clock) -> Self {
        let mut config = Config::resolve(settings(folder.path(), &arguments)).unwrap();
        let listener = Listener::bind(config.listen).await.unwrap();
        config.listen = listener.address().unwrap();
        let base = format!("http://127.0.0.1:{}", config.listen.port());
        let app = App::open(config, clock).await.unwrap();
        let routes = api::layered(app.clone(), web::with_ui(api::router(app.clone())));
        let serving = tokio::spawn(listener.serve(app.clone(), routes));
        tokio::spawn(tell_growth(app.clone()));
        tokio::spawn(telemetry::measure_builds(app.clone()));
        tokio::spawn(telemetry::export_traces(app.clone()));
        tokio::spawn(renew_tokens(app.clone()));
        Self { app, base, browser: Browser::default(), arguments, folder, serving }
    }

    /// Stops in order and starts again on the same folder, on another port. Time goes on.
    pub async fn restart(mut self) -> Self {
        self.app.stopping.cancel();
        (&mut self.serving).await.unwrap();
        self.app.db.clone().close().await.unwrap();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        Self::open(folder, self.arguments.clone(), self.app.clock.clone()).await
    }

    /// Stops in order and leaves its folder to another program.
    pub async fn leave(mut self) -> TempDir {
        self.app.stopping.cancel();
        (&mut self.serving).await.unwrap();
        self.app.db.clone().close().await.unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// A secret must not be in the database as it is, also not in what waits to be folded into it.
    pub fn assert_not_stored(&self, secret: &str) {
        let database = std::fs::read(self.data().join("oore.db")).unwrap();
        let waiting = std::fs::read(self.data().join("oore.db-wal")).unwrap_or_default();
        for bytes in [database, waiting] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }

    /// Somebody who isn't signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base)
    }

    /// Somebody on another machine, as far as the daemon can tell: they come from an address that is not loopback.
    /// It has to listen on all addresses.
    pub fn elsewhere(&self) -> Client {
        Client::new(&format!("http://{}:{}", own_address(), self.app.config.listen.port()))
    }

    /// The owner, signed in on the machine itself; on a fresh instance this finishes the set-up.
    pub async fn owner(&self) -> Client {
        self.anonymous().sign_in(None).await
    }

    /// Somebody with a role, signed in; the instance must have its owner already.
    pub async fn person(&self, email: &str, role: UserRole) -> Client {
        let (id, now) = (UserId::new(), self.app.clock.now());
        let row = users::Model {
            id,
            email: email.to_owned(),
            display_name: None,
            role,
            status: UserStatus::Active,
            subject: format!("test::{email}"),
            avatar_url: None,
            created_at: now,
            updated_at: now,
        };
        self.app.db.write(async |tx| oored::db::users::insert(tx, row).await).await.unwrap();
        self.anonymous().sign_in(Some(email)).await
    }

    /// Moves time forward.
    pub fn advance(&self, seconds: u64) {
        self.app.clock.advance(std::time::Duration::from_secs(seconds));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.app.stopping.cancel();
        self.serving.abort();
    }
}

/// An address of this machine that is not loopback. Nothing is sent to find it.
pub fn own_address() -> std::net::IpAddr {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let routed = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr());
    routed.expect("this machine has a network").ip()
}

/// Settings for a folder, a free port and no embedded runner.
pub fn settings(folder: &Path, flags: &[String]) -> Settings {
    let folder = folder.display().to_string();
    let defaults = [("--listen", "127.0.0.1:0"), ("--runner-mode", "external"), ("--data-dir", &folder)];
    let left = defaults.into_iter().filter(|(name, _)| flags.iter().all(|flag| flag != name));
    let left = left.flat_map(|(name, value)| [name.to_owned(), value.to_owned()]);
    let arguments = std::iter::once("oored".to_owned()).chain(left).chain(flags.iter().cloned());
    CommandLine::parse_from(arguments).settings
}
