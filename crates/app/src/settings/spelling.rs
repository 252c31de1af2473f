//! Names that are nearly right.

use super::table::{Setting, TABLE};

/// Names shorter than this are too near to too many others to be called misspelt.
const LONG: usize = 10;
/// So many letters added, dropped, changed or swapped are a slip.
const SLIP: usize = 2;

/// The setting that somebody meant who wrote this name into a file of settings.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let tolerated = (name.len() / 3).min(3);
    closest(name).filter(|(distance, _)| *distance <= tolerated).map(|(_, known)| known)
}

/// The setting that an environment variable is a slip of. The environment is full of names that are
/// none of our business, so that only long ones count.
pub(super) fn slip_of(variable: &str) -> Option<&'static str> {
    if variable.len() < LONG {
        return None;
    }
    closest(variable).filter(|(distance, _)| *distance <= SLIP).map(|(_, known)| known)
}

fn closest(name: &str) -> Option<(usize, &'static str)> {
    let name = name.to_ascii_uppercase();
    TABLE
        .iter()
        .flat_map(Setting::names)
        .map(|known| (strsim::osa_distance(&name, known), known))
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_file_is_recognised() {
        assert_eq!(nearest("PROT"), Some("PORT"));
        assert_eq!(nearest("EMAIL_PROVIDRE"), Some("EMAIL_PROVIDER"));
        assert_eq!(nearest("ACCESS_TOKEN_EXPIRES_MINUTES"), Some("ACCESS_TOKEN_EXPIRE_MINUTES"));
        assert_eq!(nearest("FAVOURITE_COLOUR"), None);
    }

    #[test]
    fn an_environment_variable_is_a_slip_only_if_it_is_long_and_near() {
        assert_eq!(slip_of("DATABSE_URL"), Some("DATABASE_URL"));
        assert_eq!(slip_of("database_url"), Some("DATABASE_URL"));
        assert_eq!(slip_of("SECRET_KEY_BASE"), None);
        assert_eq!(slip_of("HOSTS"), None);
    }
}
