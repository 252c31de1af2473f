//! What differs from one kind of server to the next.

use std::{path::Path, process::Command};

use super::{mariadb, place::Place, postgres};

/// Every kind of server that tests may ask for.
pub(super) const ENGINES: [&Engine; 2] = [&postgres::ENGINE, &mariadb::ENGINE];

pub(super) struct Engine {
    /// As people write it.
    pub(super) name: &'static str,
    /// Tells the tests where the server is: the URL of someone who may create databases.
    pub(super) variable: &'static str,
    /// The features of packages that have tests which ask for it.
    pub(super) features: &'static str,
    /// What Debian calls it.
    pub(super) debian: &'static str,
    /// What Homebrew calls it.
    pub(super) homebrew: &'static str,
    /// The program that makes a data directory.
    pub(super) initialiser: &'static str,
    /// The program that serves it.
    pub(super) server: &'static str,
    /// Whom it runs as where root starts it.
    pub(super) account: &'static str,
    /// How the first program is called.
    pub(super) initialise: fn(&Path, &Place) -> Command,
    /// How the second program is called.
    pub(super) serve: fn(&Path, &Place) -> Command,
    /// Its first administrator, in SQL or as the first program wants it: the name of a file, and
    /// its text.
    pub(super) administrator: fn(&Place) -> (&'static str, String),
    /// Whether it accepts connections.
    pub(super) answers: fn(&Place) -> bool,
    /// Where it is, for that administrator.
    pub(super) url: fn(&Place) -> String,
    /// The signal on which it ends without waiting for its clients.
    pub(super) stop: Stop,
}

#[derive(Clone, Copy)]
pub(super) enum Stop {
    Interrupt,
    Terminate,
}

impl Engine {
    /// The one of this name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ENGINES.into_iter().find(|engine| engine.name == name)
    }
}
