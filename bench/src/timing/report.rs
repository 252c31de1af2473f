//! The figures as a table for people.

use std::io::Write;

use super::{
    Plan, Question,
    compared::{compare, quantile},
};
use crate::Failure;

/// How the times of a case are spread: the parts of them that stay within the times that are printed.
const PERCENT: [usize; 5] = [5, 25, 50, 75, 95];

/// Fails for the first case that is told apart from the one that it is to look like, although it was asked
/// for again.
pub(crate) fn insist(questions: &[Question]) -> Result<(), Failure> {
    for question in questions {
        if let Some(case) = question.told_apart() {
            return Err(format!("{}: `{}` is told apart", question.name, case.name).into());
        }
    }
    Ok(())
}

pub(crate) fn print(plan: &Plan<'_>, questions: &[Question]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let Plan { store, samples, .. } = plan;
    writeln!(out, "{}, {samples} answers in each case, in milliseconds.\n", store.name())?;
    let quantiles = PERCENT.map(|percent| format!("{percent} %")).join(" | ");
    writeln!(out, "| question | case | {quantiles} | median to the first | chance of that |")?;
    writeln!(out, "|---|---|{}--:|--:|", "--:|".repeat(PERCENT.len()))?;
    for Question { name, cases, .. } in questions {
        let Some(first) = cases.first() else { continue };
        for case in cases {
            let millis = |percent| quantile(&case.times, percent).as_secs_f64() * 1e3;
            let quantiles = PERCENT.map(|percent| format!("{:.2}", millis(percent))).join(" | ");
            let compared = compare(&case.times, &first.times);
            let (more, chance) = (compared.median * 100.0, compared.chance);
            let compared = format!("{more:+.1} % | {chance:.3}");
            writeln!(out, "| {name} | {} | {quantiles} | {compared} |", case.name)?;
        }
    }
    Ok(())
}
