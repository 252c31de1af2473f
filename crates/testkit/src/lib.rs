//! The contracts that every FastAuth store and mailer is held to, and doubles to test with.
//!
//! # Testing a store
//!
//! An adapter's test file makes a fresh, empty store for each case and names the contract:
//!
//! ```ignore
//! use std::sync::Arc;
//!
//! use fastauth_domain::audit::Event;
//! use fastauth_ports::fault::Fault;
//! use fastauth_testkit::{
//!     store::{Store, TestedStore},
//!     store_contract,
//! };
//!
//! struct Tested {
//!     store: MyStore,
//!     fault: Arc<Fault>,
//! }
//!
//! #[async_trait::async_trait]
//! impl TestedStore for Tested {
//!     fn store(&self) -> Arc<dyn Store> {
//!         Arc::new(self.store.clone())
//!     }
//!     async fn beside(&self) -> Arc<dyn Store> {
//!         Arc::new(MyStore::connect(self.store.url()).await)
//!     }
//!     fn fault(&self) -> &Fault {
//!         &self.fault
//!     }
//!     async fn audit_events(&self) -> Vec<Event> {
//!         self.store.every_audit_event().await
//!     }
//! }
//!
//! async fn fresh() -> Tested {
//!     // An empty database, and a store that calls `fault.before_write()` before each write.
//! }
//!
//! store_contract!(fresh().await);
//! ```
//!
//! That is all: [`store_contract!`] makes every case a test of its own, in modules named after the
//! slices, so that `cargo test one_time` runs what concerns one-time tokens. The test crate needs
//! `tokio` with the features `macros` and `rt-multi-thread`.
//!
//! # Testing a mailer
//!
//! A mailer is tested the same way, by [`mailer_contract!`] and something that implements
//! [`TestedMailer`](crate::mailer::TestedMailer): the mailer, and somebody at the other end who says
//! what arrived.
//!
//! # Testing what counts attempts
//!
//! Every store counts, and is tested for it. What counts and is no store is tested by
//! [`limit_contract!`] and something that implements [`TestedLimits`](crate::limits::TestedLimits).
//!
//! # Testing what uses the ports
//!
//! The other modules hold doubles that are quick and do as they are told: a clock that is turned by
//! hand, dice that always fall the same way, a hasher that does not hash, and so on. They are no use
//! in production, each for an obvious reason.

pub mod access_tokens;
pub mod clock;
#[doc(hidden)]
pub mod contract;
pub mod letters;
pub mod limits;
pub mod mail;
pub mod mailer;
pub mod passwords;
pub mod randomness;
#[cfg(feature = "redis-server")]
pub mod redis_server;
pub mod store;
