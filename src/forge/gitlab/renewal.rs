//! Wishes that the tokens of an OAuth application be renewed. One task fulfils them, one after the other: a renewal ends
//! the tokens before it, so two at once would end each other's, and one that is cut off would lose them.

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use crate::domain::id::IntegrationId;
use crate::error::{Error, Result};

/// How many may wait; more have to wait to be let in.
const WAITING: usize = 64;

/// Somebody waits for the tokens of an integration.
#[derive(Debug)]
pub struct Wish {
    pub integration: IntegrationId,
    done: oneshot::Sender<Result<()>>,
}

/// Where wishes go, and come from.
#[derive(Debug)]
pub struct Renewals {
    wishes: mpsc::Sender<Wish>,
    queue: Mutex<Option<mpsc::Receiver<Wish>>>,
}

impl Default for Renewals {
    fn default() -> Self {
        let (wishes, queue) = mpsc::channel(WAITING);
        Self { wishes, queue: Mutex::new(Some(queue)) }
    }
}

impl Renewals {
    /// Waits until the tokens are good for a while, or can't be renewed.
    pub async fn of(&self, integration: IntegrationId) -> Result<()> {
        let stopped = || Error::internal("internal_error", "tokens are not renewed any more", "stopping");
        let (done, outcome) = oneshot::channel();
        self.wishes.send(Wish { integration, done }).await.map_err(|_| stopped())?;
        outcome.await.map_err(|_| stopped())?
    }

    /// The wishes; for the one task that fulfils them.
    pub fn queue(&self) -> Option<mpsc::Receiver<Wish>> {
        self.queue.lock().take()
    }
}

impl Wish {
    /// Tells whoever waits; they may have gone away.
    pub fn answer(self, outcome: Result<()>) {
        let _nobody_waits = self.done.send(outcome);
    }
}
