//! The API as a client sees it: the real router, over a store in memory.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod description;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod log;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod principal;
#[cfg(test)]
mod required;
#[cfg(test)]
mod role_names;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod roles_matrix;
#[cfg(test)]
mod uniformity;
#[cfg(test)]
mod world;
