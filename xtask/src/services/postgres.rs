//! How PostgreSQL is started.

use std::{fs, path::Path, process::Command};

use super::{
    engine::{Engine, Stop},
    place::Place,
};

pub(super) static ENGINE: Engine = Engine {
    name: "PostgreSQL",
    variable: "FASTAUTH_TEST_POSTGRES",
    features: "fastauth/test-postgres,fastauth-seaorm/test-postgres",
    debian: "postgresql",
    homebrew: "postgresql",
    initialiser: "initdb",
    server: "postgres",
    account: "postgres",
    initialise,
    serve,
    administrator: |place| ("password", place.password().to_owned()),
    answers,
    url,
    // SIGTERM would wait for the clients to leave.
    stop: Stop::Interrupt,
};

fn initialise(program: &Path, place: &Place) -> Command {
    let mut command = place.command(program);
    command.arg("--pgdata").arg(place.data());
    command.args(["--username=fastauth", "--pwfile=password", "--auth=scram-sha-256"]);
    // The new directory need not survive a power cut; what tests write to it later must.
    command.args(["--encoding=UTF8", "--no-locale", "--no-sync"]);
    command
}

fn serve(program: &Path, place: &Place) -> Command {
    let mut command = place.command(program);
    command.arg("-D").arg(place.data()).arg("-k").arg(place.folder());
    command.args(["-h", "127.0.0.1", "-p", &place.port().to_string()]);
    command.args(["-c", "max_connections=200"]);
    command.args(["-c", &format!("shared_buffers={}MB", place.memory_mib())]);
    command
}

/// The last line of this file is how `pg_ctl --wait` knows as well.
fn answers(place: &Place) -> bool {
    let status = fs::read_to_string(place.data().join("postmaster.pid")).unwrap_or_default();
    status.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

fn url(place: &Place) -> String {
    format!("postgres://fastauth:{}@127.0.0.1:{}/postgres", place.password(), place.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::Room;

    #[test]
    fn it_answers_once_its_last_line_says_so() {
        let place = Place::new(&ENGINE, Room::Little).unwrap();
        fs::create_dir(place.data()).unwrap();
        assert!(!answers(&place));
        let status =
            |last| format!("1\n/data\n2\n{}\n/tmp\n127.0.0.1\n3 4\n{last}\n", place.port());
        fs::write(place.data().join("postmaster.pid"), status("starting")).unwrap();
        assert!(!answers(&place));
        fs::write(place.data().join("postmaster.pid"), status("ready   ")).unwrap();
        assert!(answers(&place));
    }
}
