//! Tokens of installations, each kept until shortly before it expires. Who needs one while it is being made waits
//! for that one, so that a burst of builds asks GitHub once. They are in memory only.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use zeroize::Zeroizing;

use super::app::Purpose;
use crate::domain::id::IntegrationId;

/// A token and when it expires, in Unix seconds.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub value: Zeroizing<String>,
    pub expires_at: i64,
}

/// Whose token, and for what.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub integration: IntegrationId,
    /// GitHub's number of the installation.
    pub installation: String,
    pub purpose: Purpose,
}

type Slot = Arc<tokio::sync::Mutex<Option<Token>>>;

/// All tokens.
#[derive(Debug, Default)]
pub struct Tokens {
    slots: Mutex<HashMap<Key, Slot>>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(until {})", self.expires_at)
    }
}

impl Purpose {
    /// How long a token that is handed out is good for at least, in seconds: a checkout takes its time.
    fn least_seconds(&self) -> i64 {
        match self {
            Purpose::Api => 120,
            Purpose::Clone(_) => 1800,
        }
    }
}

impl Tokens {
    /// The token that is there, or a new one of `mint`.
    pub async fn get<E>(
        &self,
        key: Key,
        now: i64,
        mint: impl AsyncFnOnce() -> Result<Token, E>,
    ) -> Result<Token, E> {
        let good_until = now + key.purpose.least_seconds();
        let slot = self.slot(key, now);
        let mut held = slot.lock().await;
        if let Some(token) = held.as_ref().filter(|token| token.expires_at > good_until) {
            return Ok(token.clone());
        }
        let token = mint().await?;
        *held = Some(token.clone());
        Ok(token)
    }

    /// Where the token of a key is, or will be. Those that are over and that nobody waits for make room.
    fn slot(&self, key: Key, now: i64) -> Slot {
        let mut slots = self.slots();
        let is_over = |slot: &Slot| {
            let held = slot.try_lock();
            held.is_ok_and(|held| held.as_ref().is_none_or(|token| token.expires_at <= now))
        };
        slots.retain(|known, slot| *known == key || Arc::strong_count(slot) > 1 || !is_over(slot));
        slots.entry(key).or_default().clone()
    }

    /// Lets go of an integration's tokens: what they may see has changed, or it is gone.
    pub fn forget(&self, integration: IntegrationId) {
        self.slots().retain(|key, _| key.integration != integration);
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<Key, Slot>> {
        self.slots.lock()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn key(purpose: Purpose) -> Key {
        Key { integration: IntegrationId::new(), installation: "1".to_owned(), purpose }
    }

    fn token(expires_at: i64) -> Token {
        Token { value: Zeroizing::new("t".to_owned()), expires_at }
    }

    #[tokio::test]
    async fn many_who_need_a_token_at_once_get_one() {
        let (tokens, minted, key) = (Tokens::default(), AtomicUsize::new(0), key(Purpose::Api));
        let mint = async || {
            minted.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok::<_, ()>(token(10_000))
        };
        let all = (0..50).map(|_| tokens.get(key.clone(), 0, &mint));
        futures_util::future::join_all(all).await;
        assert_eq!(minted.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_token_about_to_expire_is_replaced_and_a_failure_is_not_kept() {
        let (tokens, key) = (Tokens::default(), key(Purpose::Clone(vec![1])));
        tokens.get(key.clone(), 0, async || Ok::<_, ()>(token(3600))).await.unwrap();
        let same = tokens.get(key.clone(), 1799, async || Err(())).await;
        assert_eq!(same, Ok(token(3600)));
        tokens.get(key.clone(), 1801, async || Err(())).await.unwrap_err();
        let renewed = tokens.get(key.clone(), 1801, async || Ok::<_, ()>(token(9000))).await;
        assert_eq!(renewed, Ok(token(9000)));
        tokens.forget(key.integration);
        tokens.get(key, 1801, async || Err(())).await.unwrap_err();
    }
}
