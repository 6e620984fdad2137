//! Sets of measured times and what is said about them.

use std::time::Duration;

use super::table::Amount;

/// Times in milliseconds.
#[derive(Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1e3);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that `percent` of the samples don't exceed; NaN without samples.
    pub fn percentile(&self, percent: f64) -> Amount {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
        Amount::Milliseconds(sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN))
    }

    pub fn median(&self) -> Amount {
        self.percentile(50.0)
    }
}

/// The middle one of a few rates.
pub fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(f64::NAN)
}
