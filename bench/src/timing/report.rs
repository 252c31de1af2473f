//! The figures as a table for people.

use std::io::Write;

use super::{
    Plan, Question,
    compared::{compare, median},
};
use crate::Failure;

/// Fails for the first case that is told apart from the one that it is to look like.
pub(crate) fn insist(questions: &[Question]) -> Result<(), Failure> {
    for Question { name, cases, .. } in questions {
        let Some(first) = cases.first() else { continue };
        if let Some(case) = cases.iter().find(|case| compare(&case.times, &first.times).differs()) {
            return Err(
                format!("{name}: `{}` is told apart from `{}`", case.name, first.name).into()
            );
        }
    }
    Ok(())
}

pub(crate) fn print(plan: &Plan<'_>, questions: &[Question]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let Plan { store, samples, .. } = plan;
    writeln!(out, "{}, {samples} answers in each case.\n", store.name())?;
    writeln!(out, "| question | case | median | to the first | chance of that by itself |")?;
    writeln!(out, "|---|---|--:|--:|--:|")?;
    for Question { name, cases, .. } in questions {
        let Some(first) = cases.first() else { continue };
        for case in cases {
            let middle = median(&case.times).as_secs_f64() * 1e3;
            let compared = compare(&case.times, &first.times);
            let (more, chance) = (compared.median * 100.0, compared.chance);
            writeln!(
                out,
                "| {name} | {} | {middle:.2} ms | {more:+.1} % | {chance:.3} |",
                case.name
            )?;
        }
    }
    Ok(())
}
