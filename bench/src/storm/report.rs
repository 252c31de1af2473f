//! The figures as a table for people.

use std::io::Write;

use super::{Plan, Reads, Storm};
use crate::Failure;

pub(crate) fn print(plan: &Plan<'_>, storm: &Storm) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let Plan { attackers, reads, idle, length, store, .. } = plan;
    writeln!(
        out,
        "{}: {reads} reads due each second, {attackers} clients that try passwords, {idle} silent \
         connections, for {} s each.\n",
        store.name(),
        length.as_secs()
    )?;
    writeln!(out, "| reads | answered | failed | median | p99 | p99.9 | last |")?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|--:|")?;
    for (name, reads) in [("in the quiet", &storm.quiet), ("in the storm", &storm.reads)] {
        writeln!(out, "{}", row(name, reads))?;
    }
    let per_second = f64::from(storm.tried.compared) / storm.tried.seconds;
    writeln!(
        out,
        "\n{per_second:.0} passwords compared a second, {:.2} of the {:.0} of argon2 on all cores; {} \
         attempts turned away.",
        per_second / storm.floor,
        storm.floor,
        storm.tried.shed
    )?;
    if let (Some(before), Some(peak)) = (storm.memory_before_mib, storm.peak_memory_mib) {
        writeln!(out, "The server's memory was {before} MiB before and {peak} MiB at most.")?;
    }
    Ok(())
}

fn row(name: &str, reads: &Reads) -> String {
    let late = |per_mille| format!("{:.1} ms", reads.within(per_mille).as_secs_f64() * 1e3);
    format!(
        "| {name} | {} | {} | {} | {} | {} | {} |",
        reads.count(),
        reads.failed,
        late(500),
        late(990),
        late(999),
        late(1_000)
    )
}
