//! FastAuth as a library: registering, signing in and the four errors to know, without HTTP and with
//! everything in memory.
//!
//! `cargo run -p example-library`

use std::{
    error::Error,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use fastauth::{
    FastAuth,
    application::{
        login::{Credentials, LoginError},
        password_reset::PasswordResetError,
        register::{NewUser, RegisterError, Welcome},
    },
    domain::{
        email::EmailAddress, password::PresentedPassword, session::Persistence, time::Timestamp,
        token::Token, visitor::Visitor,
    },
    memory::Mailbox,
    ports::clock::Clock,
    secrecy::ExposeSecret,
};

const PASSWORD: &str = "securepassword123";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    let auth = FastAuth::builder().database("memory://").build().await?;
    let registrations = &auth.use_cases().registrations;
    let logins = &auth.use_cases().logins;

    if let Welcome::SignedIn(tokens) = registrations.register(user()?, &nobody()).await? {
        let caller = auth.accounts().identify(&tokens.access_token).await?;
        writeln!(out, "registered and signed in: {}", caller.account.email)?;
    }
    let tokens = logins.login(credentials(PASSWORD)?, &nobody()).await?;
    writeln!(out, "signed in again, for {} minutes", tokens.expires_in.as_secs() / 60)?;

    if let Err(error @ RegisterError::UserAlreadyExists(_)) =
        registrations.register(user()?, &nobody()).await
    {
        writeln!(out, "UserAlreadyExists: {error}")?;
    }
    let wrong = logins.login(credentials("wrongpassword123")?, &nobody()).await;
    if let Err(error @ LoginError::InvalidCredentials(_)) = wrong {
        writeln!(out, "InvalidCredentials: {error}")?;
    }
    before_verification(&mut out).await?;
    after_expiry(&mut out).await
}

/// Where addresses must be verified, nobody signs in before.
async fn before_verification(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let auth =
        FastAuth::builder().database("memory://").require_email_verification(true).build().await?;
    auth.use_cases().registrations.register(user()?, &nobody()).await?;
    // Whether an address is free is found out after the answer.
    auth.mail_relay().requests.attend_all().await?;
    let early = auth.use_cases().logins.login(credentials(PASSWORD)?, &nobody()).await;
    if let Err(error @ LoginError::EmailNotVerified(_)) = early {
        writeln!(out, "EmailNotVerified: {error}")?;
    }
    Ok(())
}

/// A link to a new password works for an hour. Any part can be replaced: here, the clock and what
/// sends mail.
async fn after_expiry(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let (clock, mailbox) = (Arc::new(TurnableClock::default()), Arc::new(Mailbox::default()));
    let auth = FastAuth::builder()
        .database("memory://")
        .clock(clock.clone())
        .mailer(mailbox.clone())
        .build()
        .await?;
    let resets = &auth.use_cases().password_resets;
    auth.use_cases().registrations.register(user()?, &nobody()).await?;
    resets.request(EmailAddress::parse("user@example.com")?, &nobody()).await?;
    auth.mail_relay().deliver_due().await?;
    let token = reset_token(&mailbox).ok_or("no mail")?;

    clock.advance(Duration::from_hours(2));
    let late = resets.confirm(&Token::presented(token), &"newpassword456".into(), &nobody()).await;
    if let Err(error @ PasswordResetError::TokenExpired(_)) = late {
        writeln!(out, "TokenExpired: {error}")?;
    }
    Ok(())
}

/// Nothing is known of who asks.
fn nobody() -> Visitor {
    Visitor::default()
}

fn user() -> Result<NewUser, Box<dyn Error>> {
    let email = EmailAddress::parse("user@example.com")?;
    Ok(NewUser { email, password: PASSWORD.into(), name: None })
}

fn credentials(password: &str) -> Result<Credentials, Box<dyn Error>> {
    Ok(Credentials {
        email: EmailAddress::parse("user@example.com")?,
        password: PresentedPassword::new(&password.into()),
        persistence: Persistence::Normal,
    })
}

/// The token in the link to a new password.
fn reset_token(mailbox: &Mailbox) -> Option<String> {
    let mails = mailbox.mails();
    let mail = mails.iter().find(|mail| mail.subject.starts_with("Choose a new password"))?;
    let (_, rest) = mail.text.expose_secret().split_once("token=")?;
    rest.split_whitespace().next().map(ToOwned::to_owned)
}

/// Stands still until it is turned.
#[derive(Default)]
struct TurnableClock(AtomicI64);

impl TurnableClock {
    fn advance(&self, by: Duration) {
        self.0.store(self.now().plus(by).unix_micros(), Ordering::SeqCst);
    }
}

impl Clock for TurnableClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.0.load(Ordering::SeqCst))
    }
}
