//! The live stream of an instance: what changed, as it changes, filtered by what the caller may
//! see. It ends at once when the session does. It carries hints, never truth: clients fetch.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::Stream;

use super::extract::AppState;
use super::route::{Routes, routes};
use crate::app::App;
use crate::auth::access::Visible;
use crate::auth::caller::Caller;
use crate::db;
use crate::domain::permission::{Action, Resource};
use crate::error::Result;
use crate::events::{Change, Feed, Heard};

/// Seconds between comments that keep a quiet stream open.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub fn routes() -> Routes {
    Routes::new().routes(routes!(stream_events))
}

/// Follow what changes
///
/// Server-sent events: `hello` first, then `build`, `project`, `pipeline`, `runner`, `preferences`, `artifact`, `log`,
/// `deliveries` and `sources` as they happen; `resync` when events were missed and everything has to be read again.
/// Resumes after `Last-Event-ID`. Every answer to a GET carries the header `x-oore-events`, the id up to
/// which it shows everything.
#[utoipa::path(get, path = "/v1/events", operation_id = "stream_events", tag = "Events",
    security(("bearer" = [])),
    params(("Last-Event-ID" = Option<String>, Header, description = "The last event that was seen")),
    responses(
        (status = 200, description = "The stream", content_type = "text/event-stream", body = String),
    ))]
async fn stream_events(
    State(app): AppState,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let after = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let feed = app.events.feed(after);
    let instance = db::instance::get(app.db.read()).await?;
    let hello = serde_json::json!({
        "instance_id": instance.instance_id,
        "version": env!("CARGO_PKG_VERSION"),
    });
    let visible = caller.visible(&app).await?;
    let hello = Event::default().event("hello").data(hello.to_string());
    // Who resumes already has an id, and must keep it until the missed events have arrived.
    let hello = if after.is_some() { hello } else { hello.id(feed.position().to_string()) };
    let stream = Live { app, caller, feed, visible, hello: Some(hello) };
    let events = futures_util::stream::unfold(stream, |mut live| async move {
        let event = live.next().await?;
        Some((Ok(event), live))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Live {
    app: Arc<App>,
    caller: Caller,
    feed: Feed,
    visible: Visible,
    hello: Option<Event>,
}

impl Live {
    /// The next event for the client; `None` when the stream has to end.
    async fn next(&mut self) -> Option<Event> {
        if let Some(hello) = self.hello.take() {
            return Some(hello);
        }
        loop {
            let left = self.left()?;
            let heard = tokio::select! {
                heard = self.feed.next(&self.app.events) => heard,
                () = tokio::time::sleep(left) => return None,
                () = self.app.stopping.cancelled() => return None,
            };
            match heard {
                Heard::Resync(id) => {
                    self.look_again().await?;
                    return Some(Event::default().id(id.to_string()).event("resync").data("{}"));
                }
                Heard::Change(id, change) => {
                    self.reconsider(&change).await?;
                    if let Some(event) = self.shown(id, &change) {
                        return Some(event);
                    }
                }
            }
        }
    }

    /// How long the credential is good for; `None` when it is over.
    fn left(&self) -> Option<Duration> {
        let Some(end) = self.caller.credential.expires_at() else {
            return Some(Duration::MAX);
        };
        let left = u64::try_from(end - self.app.clock.now()).ok().filter(|left| *left > 0)?;
        Some(Duration::from_secs(left))
    }

    async fn look_again(&mut self) -> Option<()> {
        self.caller = self.caller.refreshed(&self.app).await.ok()??;
        self.visible = self.caller.visible(&self.app).await.ok()?;
        Some(())
    }

    /// Looks again at what the caller may see when that may have changed.
    async fn reconsider(&mut self, change: &Change) -> Option<()> {
        match change {
            Change::Access | Change::Project { .. } => self.look_again().await?,
            Change::Build { .. }
            | Change::Pipeline { .. }
            | Change::Runner { .. }
            | Change::Preferences {}
            | Change::Artifact { .. }
            | Change::Log { .. }
            | Change::Deliveries {}
            | Change::Sources {}
            | Change::Notifications {}
            | Change::Retention
            | Change::Queue => {}
        }
        Some(())
    }

    fn shown(&self, id: u64, change: &Change) -> Option<Event> {
        let name = change.name()?;
        let visible = match (change.project(), change) {
            (Some(project), _) => self.visible.contains(project),
            (None, Change::Runner { .. }) => self.caller.require(Resource::Runners, Action::Read).is_ok(),
            (None, Change::Deliveries {} | Change::Sources {}) => {
                self.caller.require(Resource::Integrations, Action::Read).is_ok()
            }
            (None, Change::Notifications {}) => {
                self.caller.require(Resource::InstanceSettings, Action::Read).is_ok()
            }
            // Everybody may know: their builds wait for it. What it says is read with a permission.
            (None, Change::Preferences {}) => true,
            (None, _) => false,
        };
        let data = serde_json::to_string(change).ok()?;
        visible.then(|| Event::default().id(id.to_string()).event(name).data(data))
    }
}
