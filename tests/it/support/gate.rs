//! Holds an answer back until a test lets it go, so that something can happen in between for certain.

use tokio::sync::Semaphore;

/// Where an answer waits for the test.
#[derive(Debug)]
pub struct Gate {
    arrived: Semaphore,
    opened: Semaphore,
}

impl Default for Gate {
    fn default() -> Self {
        Self { arrived: Semaphore::new(0), opened: Semaphore::new(0) }
    }
}

impl Gate {
    /// Waits until somebody asks.
    pub async fn arrival(&self) {
        self.arrived.acquire().await.unwrap().forget();
    }

    /// Lets everybody have their answer.
    pub fn open(&self) {
        self.opened.close();
    }

    /// Says that somebody asks, and waits.
    pub async fn pass(&self) {
        self.arrived.add_permits(1);
        let _ = self.opened.acquire().await;
    }
}
