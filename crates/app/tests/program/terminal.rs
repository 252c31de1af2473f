//! Somebody who sits at a terminal and types.

#![cfg(target_os = "linux")]

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt},
    termios::{LocalModes, tcgetattr},
};

use crate::place::{PATIENCE, Place, Program};

const CREATE: [&str; 4] = ["user", "create", "--email", "ada@example.com"];
const CTRL_C: &str = "\u{3}";

/// A terminal, and a command that was started at it.
struct Terminal {
    keys: File,
    screen: Arc<Mutex<String>>,
    /// Kept open, so that the terminal outlives the command.
    _line: OwnedFd,
    program: Program,
}

impl Terminal {
    fn start(place: &Place, words: &[&str]) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let keys = openpt(flags).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let line = ioctl_tiocgptpeer(&keys, flags).unwrap();
        let keys = File::from(keys);
        let screen = watch(keys.try_clone().unwrap());
        let program = env!("CARGO_BIN_EXE_fastauth");
        let mut command =
            place.command_of("setsid", &[&["--ctty", "--wait", program], words].concat());
        command.stdin(line.try_clone().unwrap());
        Self { keys, screen, _line: line, program: place.spawn(&mut command) }
    }

    fn shows_what_is_typed(&self) -> bool {
        tcgetattr(&self.keys).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits to be asked so often, with what is typed hidden, and types.
    fn answer(&mut self, asked: usize, keys: &str) {
        let started = Instant::now();
        while self.screen().matches(": ").count() < asked || self.shows_what_is_typed() {
            assert!(started.elapsed() < PATIENCE, "{}", self.screen());
            thread::sleep(Duration::from_millis(10));
        }
        self.keys.write_all(keys.as_bytes()).unwrap();
    }
}

/// What a terminal shows, as it comes.
fn watch(mut terminal: File) -> Arc<Mutex<String>> {
    let screen = Arc::new(Mutex::new(String::new()));
    let filled = Arc::clone(&screen);
    thread::spawn(move || {
        let mut bytes = [0; 256];
        // It fails when nobody is at the other end any more.
        while let Ok(count @ 1..) = terminal.read(&mut bytes) {
            filled.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    });
    screen
}

#[test]
fn a_password_is_typed_twice_and_not_shown() {
    let place = Place::new();
    let mut terminal = Terminal::start(&place, &CREATE);
    terminal.answer(1, "correct horse battery\r");
    terminal.answer(2, "correct horse battery\r");
    assert_eq!(terminal.program.wait().code(), Some(0));
    let seen = format!("{}{}", terminal.screen(), terminal.program.output());
    assert!(seen.contains("has an account") && !seen.contains("horse"), "{seen}");
    assert!(terminal.shows_what_is_typed());
}

#[test]
fn a_password_that_is_typed_in_two_ways_is_refused() {
    let place = Place::new();
    let mut terminal = Terminal::start(&place, &CREATE);
    terminal.answer(1, "correct horse battery\r");
    terminal.answer(2, "correct horse batery\r");
    assert_eq!(terminal.program.wait().code(), Some(4));
    assert_eq!(terminal.program.errors(), "fastauth: the two passwords differ.\n");
    assert_eq!(place.run(&["user", "show", "ada@example.com"]).status.code(), Some(3));
}

#[test]
fn ctrl_c_ends_the_asking_and_leaves_the_terminal_as_it_was() {
    let mut terminal = Terminal::start(&Place::new(), &CREATE);
    terminal.answer(1, "correct");
    terminal.answer(1, CTRL_C);
    assert_eq!(terminal.program.wait().code(), Some(1));
    assert!(terminal.shows_what_is_typed());
}
