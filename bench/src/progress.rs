//! How far something long has come, for whoever watches a terminal.

use std::io::{IsTerminal, Write, stderr};

const WIDTH: usize = 40;

/// A bar that is gone when it is done.
pub(crate) struct Progress {
    what: &'static str,
    all: usize,
    shown: Option<usize>,
}

impl Progress {
    pub(crate) fn of(what: &'static str, all: usize) -> Self {
        Self { what, all: all.max(1), shown: None }
    }

    /// So many are done.
    pub(crate) fn at(&mut self, done: usize) {
        let percent = done.min(self.all) * 100 / self.all;
        if !stderr().is_terminal() || self.shown.replace(percent) == Some(percent) {
            return;
        }
        let bar = "#".repeat(percent * WIDTH / 100);
        // Nothing depends on whether it is seen.
        let _ = write!(stderr(), "\r{} [{bar:<WIDTH$}] {percent:>3} %", self.what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
