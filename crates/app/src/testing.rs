//! For the tests of a program that embeds FastAuth: one in memory, whose people sign in without
//! waiting for a hash or for a mail, and whose clock the test turns. In the feature `testing`.
//!
//! ```
//! use std::time::Duration;
//!
//! use axum::{Router, http::StatusCode, routing::get};
//! use fastauth::{
//!     FastAuth,
//!     http::{CurrentUser, VerifiedUser},
//!     testing::{self, TestAuth},
//! };
//!
//! /// The program to test.
//! fn program(auth: &FastAuth) -> Router {
//!     Router::new()
//!         .route("/notes", get(async |CurrentUser(caller): CurrentUser| {
//!             format!("notes of {}", caller.account.email)
//!         }))
//!         .route("/orders", get(async |_: VerifiedUser| "orders"))
//!         .with_state(auth.accounts())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> testing::Outcome<()> {
//! let test = TestAuth::new().await?;
//! let program = program(&test.auth);
//! let ada = test.signed_in("ada@example.com").await?;
//! let bob = test.signed_in_unverified("bob@example.com").await?;
//!
//! let answer = ada.get(&program, "/notes").await?;
//! assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "notes of ada@example.com"));
//! assert_eq!(ada.get(&program, "/orders").await?.status, StatusCode::OK);
//! assert_eq!(bob.get(&program, "/orders").await?.status, StatusCode::FORBIDDEN);
//! assert_eq!(testing::get(&program, "/notes").await?.status, StatusCode::UNAUTHORIZED);
//!
//! test.clock.advance(Duration::from_mins(30));
//! assert_eq!(ada.get(&program, "/notes").await?.status, StatusCode::UNAUTHORIZED);
//! # Ok(())
//! # }
//! ```

mod requests;

use std::{error::Error, sync::Arc};

use axum::http::{HeaderValue, Request, header};
use fastauth_application::{
    login::Credentials,
    register::{NewUser, RegisterError},
    tokens::Tokens,
};
use fastauth_domain::{
    account::{Account, Change},
    change::Changes,
    email::EmailAddress,
    password::PresentedPassword,
    session::Persistence,
    visitor::Visitor,
};
use fastauth_memory::{Mailbox, MemoryStore};
use fastauth_ports::{accounts::ReadAccounts, clock::Clock, commit::Commit};
pub use fastauth_testkit::clock::TurnableClock;
use fastauth_testkit::passwords::PlainHasher;
use secrecy::SecretString;

pub use self::requests::{Answer, get, post, send};
use crate::{Builder, FastAuth};

/// What everybody signs in with.
pub const PASSWORD: &str = "securepassword123";

/// The secret of every test.
const SECRET_KEY: &str = "oJ0x1cEwFz2nqkD5u8VbR7mLyT4gHsPa";

/// What a test step comes to. A test may return it, or unwrap it.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A FastAuth to test with. Each is a world of its own.
#[derive(Debug)]
pub struct TestAuth {
    /// As the program gets it.
    pub auth: FastAuth,
    /// Its clock, which stands still until it is turned.
    pub clock: Arc<TurnableClock>,
    /// The mails that it sent: call `auth.mail_relay().deliver_due()` first.
    pub mailbox: Arc<Mailbox>,
    store: Arc<MemoryStore>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct TestUser {
    /// The account as it was then.
    pub account: Account,
    /// The tokens of the session.
    pub tokens: Tokens,
}

impl TestAuth {
    /// One with the server's defaults.
    pub async fn new() -> Outcome<Self> {
        Self::of(FastAuth::builder()).await
    }

    /// One with the settings of a program, but for where it stores, what it hashes with, where mail
    /// goes and what time it is.
    pub async fn of(builder: Builder) -> Outcome<Self> {
        let (clock, mailbox, store) = (Arc::default(), Arc::default(), Arc::default());
        Self::sharing(builder, clock, mailbox, store).await
    }

    /// Another instance with the same store, the same clock and the same secret, as two servers have
    /// that share a database.
    pub async fn beside(&self, builder: Builder) -> Outcome<Self> {
        let (clock, mailbox) = (Arc::clone(&self.clock), Arc::clone(&self.mailbox));
        Self::sharing(builder, clock, mailbox, Arc::clone(&self.store)).await
    }

    async fn sharing(
        builder: Builder,
        clock: Arc<TurnableClock>,
        mailbox: Arc<Mailbox>,
        store: Arc<MemoryStore>,
    ) -> Outcome<Self> {
        let builder = builder
            .secret_key(&SECRET_KEY.into())
            .store(Arc::clone(&store))
            .passwords(Arc::new(PlainHasher::default()))
            .mailer(Arc::clone(&mailbox) as _)
            .clock(Arc::clone(&clock) as _);
        Ok(Self { auth: builder.build().await?, clock, mailbox, store })
    }

    /// Signs somebody in who has proven the address: a new account, or a new session of the one that
    /// there is. The password is [`PASSWORD`].
    pub async fn signed_in(&self, email: &str) -> Outcome<TestUser> {
        let email = EmailAddress::parse(email)?;
        let account = self.registered(&email).await?;
        if account.verified_at.is_none() {
            let Account { id, version, .. } = account;
            let proof = Change::Verify { id, version, at: self.clock.now() };
            self.store.commit(&Changes::default().with(proof)).await?;
        }
        self.login(email).await
    }

    /// The same with an address that is not proven. Where addresses must be, nobody can.
    pub async fn signed_in_unverified(&self, email: &str) -> Outcome<TestUser> {
        let email = EmailAddress::parse(email)?;
        self.registered(&email).await?;
        self.login(email).await
    }

    /// The account of this address, which is opened if there is none.
    async fn registered(&self, email: &EmailAddress) -> Outcome<Account> {
        let password = SecretString::from(PASSWORD);
        let user = NewUser { email: email.clone(), password, name: None };
        let registrations = &self.auth.use_cases().registrations;
        match registrations.register(user, &Visitor::default()).await {
            Ok(_) | Err(RegisterError::UserAlreadyExists(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.auth.mail_relay().requests.attend_all().await?;
        self.stored(email).await
    }

    async fn login(&self, email: EmailAddress) -> Outcome<TestUser> {
        let password = PresentedPassword::new(&PASSWORD.into());
        let persistence = Persistence::Normal;
        let credentials = Credentials { email: email.clone(), password, persistence };
        let tokens = self.auth.use_cases().logins.login(credentials, &Visitor::default()).await?;
        Ok(TestUser { account: self.stored(&email).await?, tokens })
    }

    async fn stored(&self, email: &EmailAddress) -> Outcome<Account> {
        let found = self.store.with_email(email.key()).await?;
        Ok(found.ok_or("the account is not there")?)
    }
}

impl TestUser {
    /// The request, sent by this user: with the access token in its `Authorization` header.
    pub fn authorize<B>(&self, mut request: Request<B>) -> Request<B> {
        let credentials = format!("Bearer {}", self.tokens.access_token.expose());
        if let Ok(mut value) = HeaderValue::try_from(credentials) {
            value.set_sensitive(true);
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        request
    }
}
