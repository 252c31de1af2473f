//! Failures that only a staged store shows: use cases that are overtaken, or whose commit fails.

#[cfg(test)]
mod overtaken;
