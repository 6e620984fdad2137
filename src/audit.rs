//! Who did what, when, from where. An entry is recorded in the transaction of the act itself, so
//! neither exists without the other. Each entry's hash covers the one before it, and the end of
//! the chain is signed with the instance's key: what is changed or removed afterwards is found.

use sha2::{Digest, Sha256};

use crate::app::App;
use crate::db::entity::{audit_head, audit_logs};
use crate::db::{self, Db, Tx};
use crate::domain::audit::{Actor, Entry};
use crate::error::Result;
use crate::seal::Sealer;

const PURPOSE: &str = "audit log head";
const BATCH: u64 = 1000;

/// Records an act as part of `tx`.
pub async fn record(tx: &Tx, app: &App, entry: Entry) -> Result<()> {
    append(tx, &app.sealer, app.clock.now(), entry).await
}

/// The same, for commands that run beside the daemon.
pub async fn append(tx: &Tx, sealer: &Sealer, now: i64, entry: Entry) -> Result<()> {
    let head = db::audit_logs::head(tx).await?;
    let (entries, previous) = head.map_or((0, String::new()), |head| (head.entries, head.hash));
    let (actor_id, actor_email) = match entry.actor {
        Actor::Person { id, email } => (Some(id.to_string()), Some(email)),
        Actor::Operator | Actor::Unknown | Actor::AtCodeHost(_) | Actor::Schedule => (None, None),
    };
    let mut details = entry.details;
    if let Some(token) = entry.api_token {
        details.get_or_insert_with(|| serde_json::json!({}))["api_token"] = token.into();
    }
    let mut row = audit_logs::Model {
        id: entries + 1,
        actor_id,
        actor_email,
        action: entry.action.to_string(),
        resource_type: entry.resource.to_string(),
        resource_id: entry.resource_id,
        details: details.map(|details| details.to_string()),
        peer: entry.peer,
        created_at: now,
        hash: String::new(),
    };
    row.hash = link(&previous, &row);
    let seal = hex::encode(sealer.sign(PURPOSE, &[&row.id.to_le_bytes(), row.hash.as_bytes()]));
    db::audit_logs::append(tx, row, seal).await
}

/// The hash of an entry and, through `previous`, of all before it.
fn link(previous: &str, row: &audit_logs::Model) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: Option<&str>| match part {
        Some(text) => {
            hash.update([1]);
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        None => hash.update([0]),
    };
    add(Some(previous));
    add(Some(&row.id.to_string()));
    add(row.actor_id.as_deref());
    add(row.actor_email.as_deref());
    add(Some(&row.action));
    add(Some(&row.resource_type));
    add(row.resource_id.as_deref());
    add(row.details.as_deref());
    add(row.peer.as_deref());
    add(Some(&row.created_at.to_string()));
    hex::encode(hash.finalize())
}

/// What a check of the whole log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as it was recorded. `hash` stands for all entries; who notes it down can prove
    /// later that the log was not replaced by an older or another one.
    Intact { entries: i64, hash: String },
    /// The first entry that is not as it was recorded, and what is wrong there.
    Broken { entry: i64, what: &'static str },
}

/// Reads the whole log and checks every link and the signed end. `noted`, if given, is a hash that
/// an earlier check answered: it must still be part of the chain.
pub async fn verify(db: &Db, sealer: &Sealer, noted: Option<&str>) -> Result<Verdict> {
    let (mut entries, mut hash) = (0, String::new());
    let mut found = noted.is_none();
    let head = loop {
        // The end is read before the entries: what is recorded meanwhile is seen in the next round.
        let head = db::audit_logs::head(db.read()).await?;
        let rows = db::audit_logs::after(db.read(), entries, BATCH).await?;
        if rows.is_empty() {
            break head;
        }
        for row in rows {
            let entry = entries + 1;
            if row.id != entry {
                return Ok(Verdict::Broken { entry, what: "is missing" });
            }
            if row.hash != link(&hash, &row) {
                return Ok(Verdict::Broken { entry, what: "was changed" });
            }
            found |= noted == Some(row.hash.as_str());
            (entries, hash) = (entry, row.hash);
        }
    };
    let entry = entries + 1;
    if !ends_at(head.as_ref(), sealer, entries, &hash) {
        return Ok(Verdict::Broken { entry, what: "is missing, or the end of the log was changed" });
    }
    if !found {
        return Ok(Verdict::Broken { entry, what: "is missing: the noted hash is not part of the log" });
    }
    Ok(Verdict::Intact { entries, hash })
}

fn ends_at(head: Option<&audit_head::Model>, sealer: &Sealer, entries: i64, hash: &str) -> bool {
    let Some(head) = head else {
        return entries == 0;
    };
    let parts: [&[u8]; 2] = [&entries.to_le_bytes(), hash.as_bytes()];
    head.entries == entries
        && head.hash == hash
        && sealer.verify(PURPOSE, &parts, &hex::decode(&head.seal).unwrap_or_default())
}
