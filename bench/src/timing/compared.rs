//! What two samples of times say of each other.

use std::time::Duration;

/// A sample beside the one that it is compared with.
pub(crate) struct Compared {
    /// By how much its median is above the other one, as a part of that.
    pub(crate) median: f64,
    /// How likely such a difference of the distributions is if there is none (Kolmogorov and Smirnov, two
    /// samples, asymptotically).
    pub(crate) chance: f64,
}

impl Compared {
    /// Whether the two are told apart: the medians differ by more than a tenth, and probably not by
    /// chance, or by more than a twentieth, and not by chance.
    pub(crate) fn differs(&self) -> bool {
        let gap = self.median.abs();
        (gap > 0.1 && self.chance < 0.01) || (gap > 0.05 && self.chance < 0.001)
    }
}

/// The time that half of the answers stayed within.
fn median(times: &[Duration]) -> Duration {
    quantile(times, 50)
}

/// The time that so many of a hundred answers stayed within.
pub(crate) fn quantile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or_default()
}

pub(crate) fn compare(times: &[Duration], with: &[Duration]) -> Compared {
    let (own, other) = (median(times).as_secs_f64(), median(with).as_secs_f64());
    let sizes = size(times) * size(with) / (size(times) + size(with));
    Compared { median: own / other - 1.0, chance: chance(distance(times, with) * sizes.sqrt()) }
}

/// The greatest distance between the two distributions.
fn distance(one: &[Duration], other: &[Duration]) -> f64 {
    let within = |times: &[Duration], limit| {
        let count = u32::try_from(times.iter().filter(|&&time| time <= limit).count());
        f64::from(count.unwrap_or(u32::MAX)) / size(times)
    };
    let differ = |&limit: &Duration| (within(one, limit) - within(other, limit)).abs();
    one.iter().chain(other).map(differ).fold(0.0, f64::max)
}

fn size(times: &[Duration]) -> f64 {
    f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX))
}

/// The distribution of Kolmogorov, from its end.
fn chance(scaled: f64) -> f64 {
    let term = |nth: i32| {
        let sign = if nth % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(nth * nth) * scaled * scaled).exp()
    };
    // Its series does not converge where the distributions are all but the same.
    if scaled < 0.2 { 1.0 } else { (1..=100).map(term).sum::<f64>().clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(times: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        times.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn what_is_the_same_is_likely_and_what_differs_is_not() {
        let times = millis(0..300);
        let same = compare(&times, &times);
        assert!(same.median.abs() < 1e-9 && same.chance > 0.99, "{}", same.chance);
        assert!(!same.differs());
        let later = compare(&millis(100..400), &times);
        assert!(later.median > 0.6 && later.chance < 1e-6, "{}", later.chance);
        assert!(later.differs());
    }

    #[test]
    fn what_differs_by_little_or_by_chance_is_not_told_apart() {
        let times = millis(1_000..1_300);
        let a_little_later = compare(&millis(1_055..1_355), &times);
        assert!(a_little_later.chance < 0.001 && !a_little_later.differs());
        let a_twentieth_later = compare(&millis(1_080..1_380), &times);
        assert!(a_twentieth_later.median < 0.1 && a_twentieth_later.differs());
        let by_chance = compare(&millis([1_000, 1_400, 1_401]), &times);
        assert!(by_chance.median > 0.2 && !by_chance.differs(), "{}", by_chance.chance);
    }

    #[test]
    fn quantiles_are_what_part_of_a_sample_stays_within() {
        let times = millis((0..100).rev());
        assert_eq!(
            [5, 25, 50, 75, 95].map(|it| quantile(&times, it).as_millis()),
            [5, 25, 50, 75, 95]
        );
        assert_eq!(quantile(&[], 50), Duration::ZERO);
    }

    #[test]
    fn the_distribution_is_that_of_the_tables() {
        // Smirnov's table: 1.36 at five hundredths, 1.63 at one.
        assert!((chance(1.358) - 0.05).abs() < 0.001, "{}", chance(1.358));
        assert!((chance(1.628) - 0.01).abs() < 0.001, "{}", chance(1.628));
    }
}
