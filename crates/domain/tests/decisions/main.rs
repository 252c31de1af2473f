//! What the rules decide, told as sentences.

#[cfg(test)]
mod administration;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod guesses;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod role_histories;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod strangers;
#[cfg(test)]
mod support;
