//! The contract of a store, and what it cannot know, on PostgreSQL.

#[cfg(test)]
#[path = "../shared/cancellation.rs"]
mod cancellation;
#[cfg(test)]
#[path = "../shared/contract.rs"]
mod contract;
#[cfg(test)]
#[path = "../shared/migrations.rs"]
mod migrations;
#[cfg(test)]
mod place;
#[cfg(test)]
#[path = "../shared/races.rs"]
mod races;
#[cfg(test)]
#[path = "../shared/statements.rs"]
mod statements;
#[cfg(test)]
#[path = "../shared/world.rs"]
mod world;
