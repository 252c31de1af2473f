//! What the rules decide, told as sentences.

#[cfg(test)]
mod administration;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod support;
