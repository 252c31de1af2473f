//! The figures as a table for people and as JSON for programs.

use std::{fs, io::Write, path::Path};

use serde_json::{Value, json};

use super::{Measurement, Sent, Series, Way};
use crate::Failure;

/// Prints the table.
pub(crate) fn print(measurement: &Measurement) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let Measurement { store, mails, series } = measurement;
    let store = store.name();
    writeln!(
        out,
        "| {store}, {mails} mails | relays | per second | least and most | to the floor |"
    )?;
    writeln!(out, "|---|--:|--:|--:|--:|")?;
    for Series { way, rounds } in series {
        let mut speeds: Vec<_> = rounds.iter().map(|round| round.per_second).collect();
        speeds.sort_by(f64::total_cmp);
        let [least, middle, most] = [0, speeds.len() / 2, speeds.len().saturating_sub(1)]
            .map(|at| speeds.get(at).copied().unwrap_or_default());
        let relays = way.relays().map(|relays| relays.to_string()).unwrap_or_default();
        let ratio = measurement.ratio(*way).map(|it| format!("{it:.2}")).unwrap_or_default();
        let name = way.name();
        writeln!(out, "| {name} | {relays} | {middle:.0} | {least:.0}–{most:.0} | {ratio} |")?;
    }
    let repeated: usize = series.iter().flat_map(|it| &it.rounds).map(|it| it.repeated).sum();
    writeln!(out, "\nEvery mail was handed over, and {repeated} were handed over again.")?;
    Ok(())
}

/// Writes the figures of every round.
pub(crate) fn write_json(measurement: &Measurement, path: &Path) -> Result<(), Failure> {
    let round = |sent: &Sent| json!({ "per_second": sent.per_second, "repeated": sent.repeated });
    let series: Vec<Value> = measurement
        .series
        .iter()
        .map(|Series { way, rounds }| {
            json!({
                "name": way.name(),
                "relays": way.relays(),
                "ratio": measurement.ratio(*way),
                "rounds": rounds.iter().map(round).collect::<Vec<_>>(),
            })
        })
        .collect();
    let store = measurement.store.name();
    let report = json!({ "store": store, "mails": measurement.mails, "series": series });
    Ok(fs::write(path, serde_json::to_string_pretty(&report)?)?)
}

impl Measurement {
    /// How fast a way is as a part of the floor; the median of its rounds. What is handed to no
    /// server has none.
    fn ratio(&self, way: Way) -> Option<f64> {
        let Way::ToServer(_) = way else { return None };
        let rounds = |way| Some(&self.series.iter().find(|series| series.way == way)?.rounds);
        let pairs = rounds(way)?.iter().zip(rounds(Way::Direct)?);
        let mut ratios: Vec<_> =
            pairs.map(|(sent, floor)| sent.per_second / floor.per_second).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied()
    }
}

impl Way {
    const fn name(self) -> &'static str {
        match self {
            Self::Direct => "to a mail server, without an outbox (the floor)",
            Self::ToServer(_) => "to a mail server",
            Self::AtOnce(_) => "to what takes it at once",
        }
    }

    const fn relays(self) -> Option<usize> {
        match self {
            Self::Direct => None,
            Self::ToServer(relays) | Self::AtOnce(relays) => Some(relays),
        }
    }
}
