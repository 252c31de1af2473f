//! Authentication done completely: a server to run, a router to mount, a library to call.
//!
//! [`FastAuth`] puts the parts together, the same way for the `fastauth` program and for a program
//! that embeds it: on the same database and with the same secret, either continues what the other
//! began.

mod adapters;
mod builder;
mod composition;
pub mod key_file;
mod notices;
mod operations;
mod secret;
#[cfg(feature = "ses")]
mod ses;
pub mod settings;
mod storage;
#[cfg(feature = "testing")]
pub mod testing;
mod use_cases;

/// Compiles and runs what the page shows.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/how-to/protect-routes.md")]
struct ProtectRoutes;

pub use fastauth_application as application;
pub use fastauth_argon2 as argon2;
pub use fastauth_domain as domain;
pub use fastauth_http as http;
pub use fastauth_memory as memory;
pub use fastauth_ports as ports;
pub use fastauth_seaorm as seaorm;
pub use fastauth_system as system;
pub use fastauth_templates as templates;
pub use secrecy;

pub use crate::{
    adapters::mailer,
    builder::{BuildError, Builder},
    composition::FastAuth,
    operations::Operations,
    secret::SecretOrigin,
    storage::{Store, open_database},
};
