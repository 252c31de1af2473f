//! Rows in aligned columns.

use super::output::show;
use crate::failure::Failure;

/// A table with so many columns.
pub(super) struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// An empty one with these headings.
    pub(super) fn new(headings: [&str; COLUMNS]) -> Self {
        Self { rows: vec![headings.map(str::to_owned)] }
    }

    /// The same with these rows at its end.
    pub(super) fn with(mut self, rows: impl Iterator<Item = [String; COLUMNS]>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Prints it.
    pub(super) fn print(&self) -> Result<(), Failure> {
        self.lines().try_for_each(show)
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let widths = self.rows.iter().fold([0; COLUMNS], |widest, row| {
            let mut widths = row.iter().map(|cell| cell.chars().count());
            widest.map(|widest: usize| widths.next().unwrap_or(0).max(widest))
        });
        self.rows.iter().map(move |row| {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
    }
}

/// What is not there, in a table.
pub(super) fn or_dash(text: Option<impl Into<String>>) -> String {
    text.map_or_else(|| "-".to_owned(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["é", "1"], ["Ada", "22"]].map(|row| row.map(str::to_owned));
        let table = Table::new(["NAME", "N"]).with(rows.into_iter());
        assert_eq!(table.lines().collect::<Vec<_>>(), ["NAME  N", "é     1", "Ada   22"]);
    }
}
