//! What an App has delivered, or tried to: GitHub keeps it for three days.

use serde::Deserialize;
use serde_json::Value;

use super::{Api, JSON};
use crate::forge::host::{MAX_LIST, Trouble, Walk};

/// Largest delivery that is read, in bytes: the payload, and what GitHub says around it.
const MAX_DELIVERY: usize = 32 * 1024 * 1024;

/// A try to deliver something.
#[derive(Debug, Clone, Deserialize)]
pub struct Tried {
    /// Later ones have higher numbers.
    pub id: i64,
    /// What the delivery is called, at every try.
    pub guid: String,
    pub event: String,
    /// `OK`, or what went wrong.
    #[serde(default)]
    pub status: String,
    /// When it was, in RFC 3339.
    pub delivered_at: String,
}

impl Tried {
    pub fn is_delivered(&self) -> bool {
        self.status == "OK"
    }

    /// In Unix seconds.
    pub fn at(&self) -> Option<i64> {
        Some(chrono::DateTime::parse_from_rfc3339(&self.delivered_at).ok()?.timestamp())
    }
}

#[derive(Deserialize)]
struct Whole {
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    payload: Value,
}

impl Api {
    /// What the App tried to deliver, newest first, up to where `is_enough`. Asked as the app.
    pub async fn hook_deliveries(&self, is_enough: impl Fn(&Tried) -> bool) -> Result<Vec<Tried>, Trouble> {
        let (mut found, mut walk) = (Vec::new(), Walk::along("/app/hook/deliveries?per_page=100"));
        while let Some(path) = walk.next_path() {
            let reply = self.host.get_limited(&path, JSON, MAX_LIST).await?;
            for tried in reply.json::<Vec<Tried>>()? {
                if is_enough(&tried) {
                    return Ok(found);
                }
                found.push(tried);
            }
            walk.follow(&reply);
        }
        Ok(found)
    }

    /// The payload of a delivery. Asked as the app.
    pub async fn hook_payload(&self, id: i64) -> Result<Vec<u8>, Trouble> {
        let path = format!("/app/hook/deliveries/{id}");
        let whole: Whole = self.host.get_limited(&path, JSON, MAX_DELIVERY).await?.json()?;
        serde_json::to_vec(&whole.request.payload).map_err(|error| Trouble::Unreadable(error.to_string()))
    }
}
