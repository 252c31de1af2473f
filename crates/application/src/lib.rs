//! What happens in FastAuth: use cases that read, decide and commit, and the background jobs.
//!
//! A use case reads a few facts through ports, lets a function of `fastauth-domain` decide, and
//! commits what was decided. It answers only after the commit. Its fields are the ports it touches.

#![expect(missing_debug_implementations, reason = "use cases are made of ports: nothing to print")]

pub mod account;
pub mod administration;
mod attempts;
pub mod audit;
pub mod bell;
pub mod breaches;
pub mod budget;
pub mod deletion;
pub mod deliveries;
pub mod email_change;
pub mod email_verification;
pub mod export;
pub mod guess;
pub mod housekeeping;
pub mod letters;
pub mod limit;
pub mod login;
pub mod metrics;
pub mod moments;
pub mod outbox;
pub mod password_change;
pub mod password_proof;
pub mod password_reset;
pub mod passwords;
pub mod pending_requests;
pub mod profile;
pub mod provisioning;
pub mod quick_limits;
pub mod register;
pub mod relay;
pub mod revocation;
pub mod roles;
pub mod session;
pub mod session_cache;
pub mod tokens;
