//! How long answers took.

use std::time::Duration;

/// Times, of which quantiles are wanted.
#[derive(Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    pub(crate) fn join(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// What so many in a thousand stay within, in milliseconds.
    pub(crate) fn within(&self, per_mille: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let index = sorted.len().saturating_sub(1) * per_mille / 1_000;
        sorted.get(index).copied().unwrap_or_default().as_secs_f64() * 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_times() {
        let mut latencies = Latencies::default();
        assert!(latencies.within(500).abs() < 1e-9, "of none it is nothing");
        for millis in (1..=1_001).rev() {
            latencies.add(Duration::from_millis(millis));
        }
        let near = |value: f64, wanted: f64| (value - wanted).abs() < 1e-6;
        assert!(near(latencies.within(500), 501.0) && near(latencies.within(1_000), 1_001.0));
        assert!(near(latencies.within(0), 1.0) && near(latencies.within(990), 991.0));
    }
}
