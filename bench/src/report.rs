//! The figures as a table for people and as JSON for programs.

use std::{fs, io::Write, path::Path};

use serde_json::{Value, json};

use crate::{
    Failure,
    suite::{Series, Suite},
};

pub(crate) fn print(suite: &Suite) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "| measured | per second | median | p99 | floor | per second | ratio |")?;
    writeln!(out, "|---|--:|--:|--:|---|--:|--:|")?;
    for series in &suite.series {
        let Some((ratio, floor, measured)) = series.median() else { continue };
        writeln!(
            out,
            "| {} | {:.0} | {:.2} ms | {:.2} ms | {} | {floor:.0} | {ratio:.2} |",
            series.name,
            measured.per_second,
            measured.median.as_secs_f64() * 1e3,
            measured.p99.as_secs_f64() * 1e3,
            series.floor.name(),
        )?;
    }
    if let Some(memory) = suite.peak_memory_mib {
        writeln!(out, "\nThe server's memory was at most {memory} MiB.")?;
    }
    Ok(())
}

pub(crate) fn write_json(suite: &Suite, path: &Path) -> Result<(), Failure> {
    let series: Vec<Value> = suite.series.iter().map(figures).collect();
    let report = json!({ "series": series, "peak_memory_mib": suite.peak_memory_mib });
    Ok(fs::write(path, serde_json::to_string_pretty(&report)?)?)
}

fn figures(series: &Series) -> Value {
    let rounds: Vec<Value> = series
        .rounds
        .iter()
        .map(|(floor, measured)| {
            json!({
                "per_second": measured.per_second,
                "median_ms": measured.median.as_secs_f64() * 1e3,
                "p99_ms": measured.p99.as_secs_f64() * 1e3,
                "floor_per_second": floor,
            })
        })
        .collect();
    let ratio = series.median().map(|(ratio, ..)| ratio);
    json!({ "name": series.name, "floor": series.floor.name(), "ratio": ratio, "rounds": rounds })
}
