//! The composition root: everything a request, a task or a command may need, made once at start.
//! It holds parts; it has no behaviour of its own.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::auth::callers::Callers;
use crate::auth::limits::Limits;
use crate::auth::network::Network;
use crate::auth::oidc::Oidc;
use crate::auth::refusal::Refusals;
use crate::auth::setup::Attempts;
use crate::builds::artifacts::Uploads;
use crate::builds::figures::Looked;
use crate::builds::inbox::Inbox;
use crate::builds::lease::Leases;
use crate::builds::log::{self, Logs};
use crate::builds::measures::Measured;
use crate::builds::stores::Stores;
use crate::builds::viewers::Viewers;
use crate::builds::watch::Watches;
use crate::clock::Clock;
use crate::config::{Config, DataFolder};
use crate::db::{self, Db};
use crate::domain::id;
use crate::error::{Error, Result};
use crate::events::Events;
use crate::forge::Forge;
use crate::outgoing::Outgoing;
use crate::seal::Sealer;
use crate::sources::state::UsedStates;
use crate::storage::Opener;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::traces::Traces;

/// The running product.
#[derive(Debug)]
pub struct App {
    pub config: Config,
    pub clock: Clock,
    pub db: Db,
    pub events: Arc<Events>,
    pub sealer: Sealer,
    pub stores: Arc<Stores>,
    pub logs: Logs,
    pub leases: Leases,
    pub viewers: Viewers,
    pub uploads: Uploads,
    pub inbox: Inbox,
    pub watches: Watches,
    pub refusals: Refusals,
    pub limits: Limits,
    pub callers: Callers,
    pub network: Network,
    pub outgoing: Outgoing,
    pub oidc: Oidc,
    pub forge: Forge,
    pub used_states: UsedStates,
    pub setup_attempts: Attempts,
    pub metrics: Metrics,
    pub looked: Looked,
    pub measured: Measured,
    pub traces: Traces,
    /// Cancelled when the daemon begins to stop; open streams end then.
    pub stopping: CancellationToken,
}

/// Opens database and key of a data folder, and makes both if there is neither.
pub async fn open_data(data: &DataFolder, events: Arc<Events>, now: i64) -> Result<(Db, Sealer)> {
    let sealer = Sealer::open_or_create(&data.encryption_key(), &data.database)?;
    let db = Db::open(&data.database, events).await?;
    db::ids::greatest(db.read()).await?.iter().for_each(|newest| id::go_on_after(newest));
    db.write(async |tx| {
        db::encryption_key::agree(tx, &sealer.key_ids(), now).await?;
        db::instance::ensure(tx, now).await
    })
    .await?;
    Ok((db, sealer))
}

impl App {
    /// Opens all state in the data folder, which must be locked and private already.
    pub async fn open(config: Config, clock: Clock) -> Result<Arc<Self>> {
        let events = Arc::new(Events::new(clock.now_ms()));
        let (db, sealer) = open_data(&config.data, events.clone(), clock.now()).await?;
        let logs = Logs::new(log::Limits::of(&config));
        let (viewers, uploads) = (Viewers::new(clock.clone()), Uploads::default());
        let (leases, watches) = (Leases::new(clock.clone()), Watches::new(clock.clone()));
        leases.awaits(&db::runners::list_online(db.read()).await?);
        let (refusals, limits, setup_attempts) =
            (Refusals::default(), Limits::default(), Attempts::default());
        let outgoing = Outgoing::new(config.listen.port());
        let opener = Opener::new(outgoing.clone(), clock.clone());
        let stores = Arc::new(Stores::open(&config, &db, &sealer, opener, clock.now()).await?);
        let (oidc, forge) = (Oidc::new(outgoing.clone()), Forge::new(outgoing.clone(), clock.clone()));
        let network = Network::new(&config, db::network_settings::find(db.read()).await?);
        let metrics = Metrics::new(clock.now())
            .map_err(|error| Error::internal("internal_error", "figures could not be set up", error))?;
        let measured = Measured::since(db::builds::ended::last(db.read()).await?);
        let traces = Traces::new(config.otlp_endpoint.is_some());
        let stopping = CancellationToken::new();
        Ok(Arc::new(Self {
            config,
            clock,
            db,
            events,
            sealer,
            stores,
            logs,
            leases,
            viewers,
            uploads,
            inbox: Inbox::default(),
            watches,
            refusals,
            limits,
            callers: Callers::default(),
            network,
            outgoing,
            oidc,
            forge,
            used_states: UsedStates::default(),
            setup_attempts,
            metrics,
            looked: Looked::default(),
            measured,
            traces,
            stopping,
        }))
    }
}
