//! How MariaDB is started.

use std::{
    ffi::OsString,
    io::Read,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    process::Command,
    time::Duration,
};

use super::{
    engine::{Engine, Stop},
    place::Place,
};

pub(super) static ENGINE: Engine = Engine {
    name: "MariaDB",
    variable: "FASTAUTH_TEST_MARIADB",
    features: "fastauth/test-mariadb,fastauth-seaorm/test-mariadb",
    debian: "mariadb-server",
    homebrew: "mariadb",
    initialiser: "mariadb-install-db",
    server: "mariadbd",
    account: "mysql",
    initialise,
    serve,
    administrator,
    answers,
    url,
    stop: Stop::Terminate,
};

const PATIENCE: Duration = Duration::from_secs(1);

fn initialise(program: &Path, place: &Place) -> Command {
    let mut command = place.command(program);
    command.args(["--no-defaults", "--skip-test-db", &log_size(place)]);
    command.arg("--auth-root-authentication-method=socket");
    command.arg(option("--datadir", &place.data()));
    command
}

/// With the defaults of MariaDB itself, latin1 among them, whatever its package configures: what
/// is stored must not depend on that.
fn serve(program: &Path, place: &Place) -> Command {
    let mut command = place.command(program);
    command.args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-networking=0"]);
    command.arg(format!("--port={}", place.port()));
    command.args(["--skip-name-resolve", "--max-connections=200"]);
    command.arg(format!("--innodb-buffer-pool-size={}M", place.memory_mib()));
    command.arg(log_size(place));
    command.arg(option("--datadir", &place.data()));
    command.arg(option("--socket", &place.folder().join("socket")));
    command.arg(option("--pid-file", &place.folder().join("pid")));
    command.arg(option("--init-file", &place.folder().join("administrator.sql")));
    command
}

fn log_size(place: &Place) -> String {
    format!("--innodb-log-file-size={}M", place.log_mib())
}

/// The program takes a path only after an equals sign.
fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push("=");
    option.push(path);
    option
}

/// Without name resolution, `localhost` is only who comes through the socket.
fn administrator(place: &Place) -> (&'static str, String) {
    let password = place.password();
    let sql = format!(
        "CREATE USER root@127.0.0.1 IDENTIFIED BY '{password}';\n\
         GRANT ALL PRIVILEGES ON *.* TO root@127.0.0.1 WITH GRANT OPTION;\n"
    );
    ("administrator.sql", sql)
}

/// It greets whoever connects: four bytes of length and number, then 10, the protocol's version.
fn answers(place: &Place) -> bool {
    let greeting = || -> std::io::Result<[u8; 5]> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, place.port()));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut greeting = [0; 5];
        stream.read_exact(&mut greeting)?;
        Ok(greeting)
    };
    matches!(greeting(), Ok([.., 10]))
}

fn url(place: &Place) -> String {
    format!("mysql://root:{}@127.0.0.1:{}/", place.password(), place.port())
}

#[cfg(test)]
mod tests {
    use std::{io::Write, net::TcpListener, thread};

    use super::*;
    use crate::services::Room;

    #[test]
    fn it_answers_once_it_greets() {
        let place = Place::new(&ENGINE, Room::Little).unwrap();
        assert!(!answers(&place));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, place.port())).unwrap();
        let greet = thread::spawn(move || {
            for greeting in [b"\x05\0\0\0\xff", b"\x05\0\0\0\x0a"] {
                listener.accept().unwrap().0.write_all(greeting).unwrap();
            }
        });
        assert!(!answers(&place));
        assert!(answers(&place));
        greet.join().unwrap();
    }
}
