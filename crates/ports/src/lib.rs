//! What FastAuth asks of the world: the traits that its adapters implement, and nothing else.
//!
//! A port has few methods, and each is a whole promise: what its documentation says, the contract
//! suite in `fastauth-testkit` holds every adapter to. Ports are used as `Arc<dyn Port>`, because an
//! adapter is chosen when the program starts.

pub mod access_tokens;
pub mod accounts;
pub mod audit;
pub mod breaches;
pub mod clock;
pub mod commit;
pub mod deliveries;
#[cfg(feature = "mock")]
pub mod fault;
pub mod health;
pub mod housekeeping;
pub mod letters;
pub mod limits;
pub mod mail;
pub mod notices;
pub mod one_time;
pub mod passwords;
pub mod pending_requests;
pub mod randomness;
pub mod roles;
pub mod sessions;
pub mod unavailable;
