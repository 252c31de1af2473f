//! What the contract suite cannot know: files, processes that share one, and the statements
//! themselves.

#[cfg(test)]
mod cancellation;
#[cfg(test)]
mod files;
#[cfg(test)]
mod races;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod world;
