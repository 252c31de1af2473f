//! What is true in FastAuth: values, entities, policies and decisions.
//!
//! Every rule is a plain function from facts to an outcome. There is no I/O here, no `async`, no
//! clock and no randomness: a caller brings the facts, the time and fresh random bytes, and takes
//! away a [`change::Decision`].

pub mod account;
pub mod administration;
pub mod audit;
pub mod breaches;
pub mod change;
pub mod deletion;
pub mod delivery;
pub mod email;
pub mod email_change;
pub mod email_verification;
pub mod gate;
pub mod guess;
pub mod identifier;
pub mod language;
pub mod limit;
pub mod login;
pub mod mail;
pub mod moment;
pub mod one_time;
pub mod password;
pub mod password_change;
pub mod password_reset;
pub mod pending_request;
pub mod profile;
pub mod provisioning;
pub mod refresh_token;
pub mod register;
pub mod retention;
pub mod revocation;
pub mod role;
pub mod server_key;
pub mod session;
pub mod time;
pub mod token;
pub mod visitor;
