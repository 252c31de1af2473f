//! What use cases do beyond what they decide: commit, try again, send.

#[cfg(test)]
mod administration;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod breaches;
#[cfg(test)]
mod deletion;
#[cfg(test)]
mod export;
#[cfg(test)]
mod guess;
#[cfg(test)]
mod housekeeping;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod overtaken;
#[cfg(test)]
mod pending_requests;
#[cfg(test)]
mod quick_limits;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod session_cache;
#[cfg(test)]
mod uniformity;
#[cfg(test)]
mod watched;
