//! Whether the daemon is able to work, and what is wrong if it isn't. Anybody may ask: it names nothing of the instance.

use crate::app::App;
use crate::db;
use crate::domain::doctor::{CheckStatus, DoctorCheck};
use crate::storage::disk;

/// How long a delivery may wait before something is wrong.
const SLOW_INBOX_MS: i64 = 5 * 60 * 1000;
const SEE_MESSAGES: &str = "See the daemon's messages.";
const FREE_SPACE: &str = "Free some space on the disk of the data folder.";

/// What was found.
#[derive(Debug)]
pub struct Readiness {
    pub database: bool,
    pub migrations: bool,
    pub encryption: bool,
    /// Everything that was looked at. A warning does not keep the daemon from working.
    pub checks: Vec<DoctorCheck>,
}

impl Readiness {
    /// Whether nothing keeps it from working.
    pub fn is_able(&self) -> bool {
        self.checks.iter().all(|check| check.status != CheckStatus::Missing)
    }
}

/// Looks at everything that the daemon needs to work.
pub async fn look(app: &App) -> Readiness {
    let (database, migrations) = (app.db.answers().await, app.db.is_migrated().await);
    let sealed = app.sealer.seal("readyz", b"probe");
    let encryption = sealed.and_then(|sealed| app.sealer.open("readyz", &sealed)).is_ok();
    let checks = vec![
        works("database", database, SEE_MESSAGES),
        works("migrations", migrations, "Restart the daemon, or start the version that wrote the database."),
        works("encryption", encryption, "Restore encryption.key in the data folder from a backup."),
        disk(app),
        inbox(app).await,
    ];
    Readiness { database, migrations, encryption, checks }
}

fn works(name: &str, works: bool, fix: &str) -> DoctorCheck {
    match works {
        true => found(name, CheckStatus::Ok, "it works", None),
        false => found(name, CheckStatus::Missing, "it does not work", Some(fix)),
    }
}

fn disk(app: &App) -> DoctorCheck {
    let (status, what, fix) = match disk::free_bytes(&app.config.data.root) {
        Ok(free) if free < app.config.reserve_bytes() => {
            (CheckStatus::Missing, "it is full: logs and artifacts are refused", Some(FREE_SPACE))
        }
        Ok(free) if free < app.config.min_free_disk_bytes => {
            (CheckStatus::Warning, "it is nearly full: no build is handed out", Some(FREE_SPACE))
        }
        Ok(_) => (CheckStatus::Ok, "there is room", None),
        Err(_) => (CheckStatus::Warning, "its free space can't be read", Some(SEE_MESSAGES)),
    };
    found("disk", status, what, fix)
}

async fn inbox(app: &App) -> DoctorCheck {
    let slow = app.clock.now_ms() - SLOW_INBOX_MS;
    let (status, what, fix) = match db::deliveries::waiting(app.db.read()).await {
        Ok((_, Some(oldest))) if oldest < slow => {
            let fix = "Look at the deliveries of the source, and whether the code host answers.";
            (CheckStatus::Warning, "deliveries of webhooks have waited for minutes", Some(fix))
        }
        Ok(_) => (CheckStatus::Ok, "deliveries of webhooks are worked off", None),
        Err(_) => (CheckStatus::Warning, "deliveries of webhooks can't be read", Some(SEE_MESSAGES)),
    };
    found("inbox", status, what, fix)
}

fn found(name: &str, status: CheckStatus, what: &str, fix: Option<&str>) -> DoctorCheck {
    DoctorCheck { name: name.to_owned(), status, what: what.to_owned(), fix: fix.map(str::to_owned) }
}
