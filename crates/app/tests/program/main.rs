//! The built program, used as a person would use it.

mod client;
mod commands;
mod crash;
mod guide;
mod mail;
mod place;
mod promotion;
mod refusals;
mod shutdown;
mod start;
