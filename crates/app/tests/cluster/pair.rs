//! Two instances on one database.

use std::{
    collections::HashMap,
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;

use crate::{
    database::Database,
    door::Door,
    engine::Engine,
    mail,
    place::{PATIENCE, Place, Program},
};

/// The same for every instance.
pub(crate) const SECRET: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";

pub(crate) const VERIFY: &str = "Verify your email address";
pub(crate) const RESET: &str = "Choose a new password";

/// Two instances of the program.
pub(crate) struct Pair {
    pub(crate) database: Database,
    places: [Place; 2],
    programs: [Option<Program>; 2],
    /// What instances printed that are no more.
    printed: String,
}

impl Pair {
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[]).await
    }

    /// The same with settings.
    pub(crate) async fn start_with(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let database = Database::new(engine).await;
        let url = database.url().to_owned();
        Self::start_on(database, [&url, &url], settings)
    }

    /// The same with a URL for each instance, by which it finds the database.
    pub(crate) fn start_on(database: Database, urls: [&str; 2], settings: &[(&str, &str)]) -> Self {
        let places = urls.map(|url| {
            settings.iter().fold(place(url), |place, (name, text)| place.with(name, text))
        });
        let programs = thread::scope(|scope| {
            let starting = places.each_ref().map(|place| scope.spawn(|| place.start()));
            starting.map(|program| Some(program.join().unwrap()))
        });
        Self { database, places, programs, printed: String::new() }
    }

    /// The way to one instance.
    pub(crate) fn door(&self, index: usize) -> Door {
        Door::to(&[self.places[index].port])
    }

    /// The way to whichever instance answers, this one first.
    pub(crate) fn doors(&self, first: usize) -> Door {
        Door::to(&[self.places[first % 2].port, self.places[(first + 1) % 2].port])
    }

    /// The tokens that were mailed under a subject, by address. Waits until there are so many.
    pub(crate) async fn tokens(&self, subject: &str, count: usize) -> HashMap<String, String> {
        let started = Instant::now();
        loop {
            let tokens = tokens(&self.output(), subject);
            if tokens.len() >= count {
                return tokens;
            }
            assert!(started.elapsed() < PATIENCE, "{} of {count}", tokens.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The newest token that was mailed to an address under a subject.
    pub(crate) async fn token(&self, subject: &str, email: &str) -> String {
        let started = Instant::now();
        loop {
            if let Some(token) = tokens(&self.output(), subject).remove(email) {
                return token;
            }
            assert!(started.elapsed() < PATIENCE, "{subject}: {email}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Kills an instance, as the operating system does when there is no memory left.
    pub(crate) fn kill(&mut self, index: usize) {
        let mut program = self.programs[index].take().unwrap();
        program.send(Signal::KILL);
        assert!(!program.wait().success());
        self.printed.push_str(&program.output());
    }

    /// Stops an instance as an operator would, to start it with another setting.
    pub(crate) fn restart_with(&mut self, index: usize, settings: &[(&str, &str)]) {
        let mut program = self.programs[index].take().unwrap();
        program.send(Signal::TERM);
        assert!(program.wait().success());
        self.printed.push_str(&program.output());
        for (name, text) in settings {
            self.places[index].set(name, text);
        }
        self.restart(index);
    }

    /// Starts it again.
    pub(crate) fn restart(&mut self, index: usize) {
        self.programs[index] = Some(self.places[index].start());
    }

    /// Stops both as an operator would.
    pub(crate) fn stop(self) {
        for program in self.programs.into_iter().flatten() {
            program.stop();
        }
    }

    /// What an instance has logged so far.
    pub(crate) fn errors(&self, index: usize) -> String {
        self.programs[index].as_ref().map(Program::errors).unwrap_or_default()
    }

    fn output(&self) -> String {
        let running = self.programs.iter().flatten().map(Program::output);
        running.fold(self.printed.clone(), |all, output| all + &output)
    }
}

/// Where an instance is started that finds the database by this URL. Passwords are hashed as weakly
/// as is allowed, because much is to happen in a short time.
pub(crate) fn place(url: &str) -> Place {
    Place::new()
        .with("DATABASE_URL", url)
        .with("SECRET_KEY", SECRET)
        .with("PUBLIC_URL", "https://auth.example.com")
        .with("EMAIL_PROVIDER", "console")
        .with("EMAIL_STRANGERS", "off")
        .with("EMAIL_STRANGERS_PER_DOMAIN", "off")
        .with("ARGON2_MEMORY_KIB", "7168")
        .with("ARGON2_ITERATIONS", "5")
}

/// The tokens in printed mail with a subject, by address; the last one counts.
fn tokens(output: &str, subject: &str) -> HashMap<String, String> {
    let mails = mail::with_subject(output, subject);
    let recipient = |mail: &str| mail.lines().next().unwrap().replace("To: ", "").trim().to_owned();
    mails
        .iter()
        .filter(|mail| mail.contains("token="))
        .map(|mail| (recipient(mail), mail::token(mail).to_owned()))
        .collect()
}
