//! The figures as a table for people.

use std::io::Write;

use super::{Memory, Plan, Storm, attackers::Tried, latencies::Latencies};
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
    writeln!(out, "| | answered | median | p99 | p99.9 | last |")?;
    writeln!(out, "|---|--:|--:|--:|--:|--:|")?;
    for (when, of) in [("in the quiet", &storm.quiet), ("in the storm", &storm.reads)] {
        writeln!(out, "{}", row(&format!("reads {when}"), &of.me))?;
        writeln!(out, "{}", row(&format!("refreshes {when}"), &of.refreshes))?;
    }
    let Tried { compared, shed, seconds } = &storm.tried;
    for (name, latencies) in [("passwords compared", compared), ("turned away", shed)] {
        writeln!(out, "{}", row(name, latencies))?;
    }
    let (before, in_it) = (storm.quiet.failed, storm.reads.failed);
    writeln!(out, "\n{before} reads and refreshes failed in the quiet, and {in_it} in the storm.")?;
    let [before, after] = storm.floors;
    let floor = f64::midpoint(before, after);
    // A closed loop of a bench does not run for so long that this is not exact.
    let per_second = f64::from(u32::try_from(compared.count())?) / seconds;
    writeln!(
        out,
        "\n{per_second:.0} passwords compared a second, {:.2} of the {floor:.0} of argon2 on all cores \
         ({before:.0} before the storm, {after:.0} after it).",
        per_second / floor,
    )?;
    if let Memory { before: Some(before), peak: Some(peak), after: Some(after) } = storm.memory {
        writeln!(
            out,
            "The server's memory was {before} MiB before, {peak} MiB at most, and {after} MiB {} s \
             after it.",
            super::CALM.as_secs()
        )?;
    }
    Ok(())
}

fn row(name: &str, latencies: &Latencies) -> String {
    let late = |per_mille| format!("{:.1} ms", latencies.within(per_mille));
    format!(
        "| {name} | {} | {} | {} | {} | {} |",
        latencies.count(),
        late(500),
        late(990),
        late(999),
        late(1_000)
    )
}
