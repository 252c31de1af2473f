//! What more people change, as a table for people and as JSON for programs.

use std::{fs, io::Write, path::Path};

use serde_json::{Value, json};

use crate::{
    Failure,
    load::Measured,
    scale::{Scale, Series, Step},
    visitors::Work,
};

/// How far a ratio may be from one to be called flat.
const FLAT: f64 = 0.1;

pub(crate) fn print(scale: &Scale) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let name = scale.store.name();
    writeln!(
        out,
        "| {name} | users | per second | least and most | median | p99 | to the fewest | to the driver |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
    for series in &scale.series {
        for (index, &size) in scale.sizes.iter().enumerate() {
            let line = line(scale, series, index);
            writeln!(out, "| {} | {} {line} |", series.step.name(), grouped(size))?;
        }
    }
    for series in &scale.series {
        if let Some(ratio) = series.growth(scale.sizes.len().saturating_sub(1)) {
            let verdict = if (ratio - 1.0).abs() <= FLAT { "flat within 10 %" } else { "not flat" };
            writeln!(out, "\n{}: {verdict} ({ratio:.2}).", series.step.name())?;
        }
    }
    Ok(())
}

/// The cells that follow the number of people.
fn line(scale: &Scale, series: &Series, size: usize) -> String {
    let Some((least, middle, most)) = series.spread(size) else { return String::new() };
    let ratio = |ratio: Option<f64>| ratio.map(|it| format!("{it:.2}")).unwrap_or_default();
    format!(
        "| {:.0} | {:.0}–{:.0} | {:.2} ms | {:.2} ms | {} | {}",
        middle.per_second,
        least.per_second,
        most.per_second,
        middle.median.as_secs_f64() * 1e3,
        middle.p99.as_secs_f64() * 1e3,
        ratio(series.growth(size)),
        ratio(scale.share_of_floor(series, size)),
    )
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Visit(work) => work.name(),
            Self::Floor => "the same by the bare driver",
        }
    }
}

impl Series {
    /// The slowest round at a size, the one in the middle, and the fastest.
    fn spread(&self, size: usize) -> Option<(&Measured, &Measured, &Measured)> {
        let mut rounds: Vec<_> = self.rounds.iter().filter_map(|round| round.get(size)).collect();
        rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
        Some((rounds.first()?, rounds.get(rounds.len() / 2)?, rounds.last()?))
    }

    /// What is done at a size, of what is done at the smallest; the median over the rounds.
    fn growth(&self, size: usize) -> Option<f64> {
        if size == 0 {
            return None;
        }
        let ratio =
            |round: &Vec<Measured>| Some(round.get(size)?.per_second / round.first()?.per_second);
        median(self.rounds.iter().filter_map(ratio).collect())
    }
}

impl Scale {
    /// Refreshes as a part of what the bare driver does; the median over the rounds.
    fn share_of_floor(&self, series: &Series, size: usize) -> Option<f64> {
        if series.step != Step::Visit(Work::Refresh) {
            return None;
        }
        let floor = self.series.iter().find(|series| series.step == Step::Floor)?;
        let rounds = series.rounds.iter().zip(&floor.rounds);
        let ratio = |(refresh, floor): (&Vec<Measured>, &Vec<Measured>)| {
            Some(refresh.get(size)?.per_second / floor.get(size)?.per_second)
        };
        median(rounds.filter_map(ratio).collect())
    }
}

fn median(mut ratios: Vec<f64>) -> Option<f64> {
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied()
}

/// 1000000 as 1,000,000.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

pub(crate) fn write_json(scale: &Scale, path: &Path) -> Result<(), Failure> {
    let series: Vec<_> = scale.series.iter().map(|series| figures(scale, series)).collect();
    let report = json!({ "store": scale.store.name(), "series": series });
    Ok(fs::write(path, serde_json::to_string_pretty(&report)?)?)
}

fn figures(scale: &Scale, series: &Series) -> Value {
    let at = |(index, users): (usize, &usize)| {
        let rounds: Vec<_> =
            series.rounds.iter().filter_map(|round| round.get(index)).map(round).collect();
        json!({
            "users": users,
            "to_the_fewest": series.growth(index),
            "to_the_driver": scale.share_of_floor(series, index),
            "rounds": rounds,
        })
    };
    let sizes: Vec<_> = scale.sizes.iter().enumerate().map(at).collect();
    json!({ "name": series.step.name(), "sizes": sizes })
}

fn round(measured: &Measured) -> Value {
    json!({
        "per_second": measured.per_second,
        "median_ms": measured.median.as_secs_f64() * 1e3,
        "p99_ms": measured.p99.as_secs_f64() * 1e3,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::database::Store;

    fn measured(per_second: f64) -> Measured {
        Measured { per_second, median: Duration::ZERO, p99: Duration::ZERO }
    }

    fn series(step: Step, rounds: &[[f64; 2]]) -> Series {
        Series { step, rounds: rounds.iter().map(|it| it.map(measured).into()).collect() }
    }

    #[test]
    fn ratios_are_taken_within_a_round_and_the_median_counts() {
        let refreshes =
            series(Step::Visit(Work::Refresh), &[[100.0, 90.0], [50.0, 50.0], [10.0, 1.0]]);
        let floor = series(Step::Floor, &[[200.0, 100.0], [100.0, 100.0], [20.0, 20.0]]);
        assert_eq!(refreshes.growth(0), None);
        assert_eq!(refreshes.growth(1), Some(0.9));
        let series = vec![refreshes, floor];
        let scale = Scale { store: Store::Sqlite, sizes: vec![10, 20], series };
        assert_eq!(scale.share_of_floor(&scale.series[0], 0), Some(0.5));
        assert_eq!(scale.share_of_floor(&scale.series[1], 0), None);
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!([1, 1_000, 12_345_678].map(grouped), ["1", "1,000", "12,345,678"]);
    }
}
