//! What SNS posts, and what is made of it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod certificates;
mod events;
mod forgeries;
mod sns;
mod subscriptions;
