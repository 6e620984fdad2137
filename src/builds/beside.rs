//! Looking for more to do while what was begun goes on. It knows nothing of what is done.

use std::pin::pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

/// Does something while what runs goes on, which may hold what it waits for; what ends meanwhile is added to `over`.
pub async fn beside<T, L>(
    work: impl Future<Output = T>,
    running: &mut FuturesUnordered<impl Future<Output = L>>,
    over: &mut Vec<L>,
) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            Some(ended) = running.next() => over.push(ended),
        }
    }
}
