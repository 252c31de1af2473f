//! The API as a client sees it: the real router, over a store in memory.

#[cfg(test)]
mod access;
#[cfg(test)]
mod activity;
#[cfg(test)]
mod anything;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod breaches;
#[cfg(test)]
mod cors;
mod deletion;
#[cfg(test)]
mod description;
#[cfg(test)]
mod email_change;
#[cfg(test)]
mod export;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod log;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod password_change;
#[cfg(test)]
mod principal;
#[cfg(test)]
mod profile;
mod required;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod role_names;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod roles_matrix;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod transport_security;
#[cfg(test)]
mod typing;
#[cfg(test)]
mod uniformity;
#[cfg(test)]
mod world;
