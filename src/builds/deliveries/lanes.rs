//! Working deliveries off: those of one repository one after another, those of several beside each other, so that a
//! code host that is slow keeps nobody waiting but its own.

use std::collections::{BTreeMap, HashMap};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::{ATTEMPTS, RETRY_MS, finish, work_off};
use crate::app::App;
use crate::builds::beside::beside;
use crate::db;
use crate::db::deliveries::{End, Lane, Told};
use crate::domain::delivery::{DeliveryStatus, Outcome};
use crate::domain::id::IntegrationId;
use crate::error::Result;

/// How many deliveries are taken at once.
const BATCH: u64 = 64;
/// How many repositories are worked for at a time: of one integration, and in all.
const OF_ONE: usize = 4;
const IN_ALL: usize = 32;

/// At start: what an earlier run of the daemon was at need not wait for its next attempt.
pub async fn resume(app: &App) -> Result<()> {
    let now_ms = app.clock.now_ms();
    app.db.write(async |tx| db::deliveries::hasten(tx, now_ms).await).await
}

/// Works off everything that is due, and what comes meanwhile.
pub async fn work(app: &App) -> Result<()> {
    let (mut running, mut busy) = (FuturesUnordered::new(), Vec::new());
    loop {
        let mut over = Vec::new();
        let begun = beside(begin(app, &busy), &mut running, &mut over).await?;
        busy.retain(|lane| !over.contains(lane));
        let is_all = begun.is_empty() && over.is_empty();
        for (lane, deliveries) in begun {
            busy.push(lane);
            running.push(async move {
                work_in_order(app, deliveries).await;
                lane
            });
        }
        if !is_all {
            continue;
        }
        tokio::select! {
            done = running.next() => match done {
                Some(lane) => busy.retain(|one| *one != lane),
                None => return Ok(()),
            },
            () = app.inbox.arrived() => {}
        }
    }
}

/// Takes what is due of lanes that are not busy.
async fn begin(app: &App, busy: &[Lane]) -> Result<BTreeMap<Lane, Vec<Told>>> {
    let now_ms = app.clock.now_ms();
    let mut room = Room::beside(busy);
    let full = room.full();
    if room.in_all == 0 || db::deliveries::due(app.db.read(), now_ms, 1, busy, &full).await?.is_empty() {
        return Ok(BTreeMap::new());
    }
    app.db
        .write(async |tx| {
            let mut begun: BTreeMap<Lane, Vec<Told>> = BTreeMap::new();
            for delivery in db::deliveries::due(tx, now_ms, BATCH, busy, &full).await? {
                let lane = delivery.lane();
                if !begun.contains_key(&lane) && !room.take(lane.integration) {
                    continue;
                }
                begun.entry(lane).or_default().push(delivery);
            }
            let ids: Vec<_> = begun.values().flatten().map(|delivery| delivery.id).collect();
            db::deliveries::take(tx, ids, now_ms + RETRY_MS).await?;
            Ok(begun)
        })
        .await
}

/// How many lanes can begin.
struct Room {
    taken: HashMap<IntegrationId, usize>,
    in_all: usize,
}

impl Room {
    fn beside(busy: &[Lane]) -> Self {
        let mut taken = HashMap::new();
        busy.iter().for_each(|lane| *taken.entry(lane.integration).or_insert(0) += 1);
        Self { taken, in_all: IN_ALL.saturating_sub(busy.len()) }
    }

    fn full(&self) -> Vec<IntegrationId> {
        self.taken.iter().filter(|(_, count)| **count >= OF_ONE).map(|(id, _)| *id).collect()
    }

    fn take(&mut self, integration: IntegrationId) -> bool {
        let taken = self.taken.entry(integration).or_insert(0);
        if self.in_all == 0 || *taken >= OF_ONE {
            return false;
        }
        (*taken, self.in_all) = (*taken + 1, self.in_all - 1);
        true
    }
}

async fn work_in_order(app: &App, lane: Vec<Told>) {
    for mut delivery in lane {
        let Err(error) = attempt(app, &mut delivery).await else { continue };
        tracing::error!(task = "deliveries", delivery = %delivery.id, "{error}");
        if delivery.attempts >= ATTEMPTS {
            let reason = format!("it could not be worked off: {}", error.message);
            let end = End { status: DeliveryStatus::Failed, outcome: Outcome::Failed, reason: Some(reason) };
            if let Err(error) = finish(app, delivery.id, end).await {
                tracing::error!(task = "deliveries", delivery = %delivery.id, "{error}");
            }
        }
    }
}

/// An attempt counts as soon as it begins: what ends the daemon in the middle of it was perhaps the delivery. One that
/// waits for others of its repository has not begun.
async fn attempt(app: &App, delivery: &mut Told) -> Result<()> {
    let (id, due_at_ms) = (delivery.id, app.clock.now_ms() + RETRY_MS);
    app.db.write(async |tx| db::deliveries::begin(tx, id, due_at_ms).await).await?;
    delivery.attempts += 1;
    work_off(app, delivery).await
}
