//! What roles and permissions are called.
//!
//! ```text
//! word       = lower *63( lower / digit / "-" / "_" )      ; lower = a-z, digit = 0-9
//! role       = word
//! permission = word ":" word  /  word ":*"  /  "*:*"
//! ```
//!
//! The word before the colon is a resource and the one after it an action. `posts:*` stands for every
//! action on posts, and `*:*` for everything. Whatever else is refused: nothing is trimmed or folded, so
//! that no two names look alike and none is made by an accident of case.

use std::{borrow::Cow, fmt};

/// The most characters of a word.
const MAX_WORD: usize = 64;

/// What a role is called.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(Cow<'static, str>);

/// The text is no name of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a small letter from a to z, followed by at most 63 small letters, digits, hyphens and \
     underscores"
)]
pub struct InvalidRoleName;

impl RoleName {
    /// The role that whoever is made an administrator is given.
    pub const ADMIN: Self = Self::from_static("admin");

    /// The most characters it has.
    pub const MAX_LENGTH: usize = MAX_WORD;

    /// Accepts a name as it is, or refuses it.
    pub fn parse(text: &str) -> Result<Self, InvalidRoleName> {
        if is_word(text.as_bytes()) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(InvalidRoleName)
        }
    }

    /// The name that a program has written down, for a constant: what is no name does not compile there.
    ///
    /// # Panics
    ///
    /// If it is no name.
    pub const fn from_static(text: &'static str) -> Self {
        assert!(is_word(text.as_bytes()), "this is not the name of a role");
        Self(Cow::Borrowed(text))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The right to do something to something: `posts:publish`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(Cow<'static, str>);

/// The text is no permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be resource:action, resource:* or *:*, where resource and action are a small letter from a \
     to z, followed by at most 63 small letters, digits, hyphens and underscores"
)]
pub struct InvalidPermission;

impl Permission {
    /// The right to manage roles: to say who may do what.
    pub const MANAGE_ROLES: Self = Self::from_static("roles:manage");

    /// Everything that covers [`MANAGE_ROLES`](Self::MANAGE_ROLES).
    pub const MANAGING_ROLES: [Self; 3] =
        [Self::MANAGE_ROLES, Self::from_static("roles:*"), Self::from_static("*:*")];

    /// The most characters it has.
    pub const MAX_LENGTH: usize = MAX_WORD + 1 + MAX_WORD;

    /// Accepts a permission as it is, or refuses it.
    pub fn parse(text: &str) -> Result<Self, InvalidPermission> {
        if is_permission(text.as_bytes()) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(InvalidPermission)
        }
    }

    /// The permission that a program has written down, for a constant: what is none does not compile
    /// there.
    ///
    /// # Panics
    ///
    /// If it is no permission.
    pub const fn from_static(text: &'static str) -> Self {
        assert!(is_permission(text.as_bytes()), "this is not a permission");
        Self(Cow::Borrowed(text))
    }

    /// Whether whoever holds this may do what is asked.
    pub fn covers(&self, asked: &Self) -> bool {
        self.0 == "*:*" || self == asked || self.0.strip_suffix(":*") == Some(asked.resource())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn resource(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn is_permission(text: &[u8]) -> bool {
    match split(text) {
        Some((b"*", action)) => matches!(action, b"*"),
        Some((resource, b"*")) => is_word(resource),
        Some((resource, action)) => is_word(resource) && is_word(action),
        None => false,
    }
}

/// What is before the first colon and what is after it.
const fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        if *byte == b':' {
            return match text.split_at_checked(text.len() - rest.len()) {
                Some((before, _)) => Some((before, after)),
                None => None,
            };
        }
        rest = after;
    }
    None
}

const fn is_word(text: &[u8]) -> bool {
    let [first, rest @ ..] = text else { return false };
    if !first.is_ascii_lowercase() || text.len() > MAX_WORD {
        return false;
    }
    let mut rest = rest;
    while let [byte, after @ ..] = rest {
        if !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') {
            return false;
        }
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LONGEST: &str = "a-z_09-a-z_09-a-z_09-a-z_09-a-z_09-a-z_09-a-z_09-a-z_09-a-z_09-a";

    fn permission(text: &str) -> Permission {
        Permission::parse(text).unwrap()
    }

    #[test]
    fn a_role_is_called_by_a_word() {
        for good in ["a", "admin", "content-editor", "tier_2", LONGEST] {
            assert_eq!(RoleName::parse(good).unwrap().as_str(), good);
        }
        let too_long = format!("{LONGEST}a");
        for bad in [
            "", " ", "Admin", "ADMIN", "admin ", " admin", "аdmin", "admın", "2nd", "-a", "_a",
            "a.b", "a:b", "a/b", "*", "a\0", "a\nb", "ａdmin", &too_long,
        ] {
            assert_eq!(RoleName::parse(bad), Err(InvalidRoleName), "{bad:?}");
        }
    }

    #[test]
    fn a_permission_is_a_resource_and_an_action() {
        let longest = format!("{LONGEST}:{LONGEST}");
        assert_eq!(longest.len(), Permission::MAX_LENGTH);
        for good in ["posts:publish", "a:b", "blog-posts:hard_delete", "posts:*", "*:*", &longest] {
            assert_eq!(permission(good).as_str(), good);
        }
        for bad in [
            "",
            ":",
            "posts",
            "posts:",
            ":publish",
            "*",
            "**",
            "*:",
            ":*",
            "*:publish",
            "po*:a",
            "posts:pub*",
            "posts:**",
            "posts:*:*",
            "a:b:c",
            "Posts:publish",
            "posts:Publish",
            "posts: publish",
            "posts:publish ",
            "posts：publish",
            "pоsts:publish",
            "posts.publish",
            &format!("{longest}a"),
            &format!("a{longest}"),
        ] {
            assert_eq!(Permission::parse(bad), Err(InvalidPermission), "{bad:?}");
        }
    }

    #[test]
    fn a_permission_covers_itself_and_what_its_star_stands_for() {
        for (held, asked) in [
            ("posts:publish", "posts:publish"),
            ("posts:*", "posts:publish"),
            ("posts:*", "posts:*"),
            ("*:*", "posts:publish"),
            ("*:*", "posts:*"),
            ("*:*", "*:*"),
        ] {
            assert!(permission(held).covers(&permission(asked)), "{held} {asked}");
        }
        for (held, asked) in [
            ("posts:publish", "posts:edit"),
            ("posts:publish", "posts:*"),
            ("posts:*", "*:*"),
            ("posts:*", "post:publish"),
            ("post:*", "posts:publish"),
            ("posts:publish", "post:publish"),
        ] {
            assert!(!permission(held).covers(&permission(asked)), "{held} {asked}");
        }
    }

    prop_compose! {
        fn permissions()(text in r"(([ab]|roles):([ab]|manage|\*)|\*:\*)") -> Permission {
            permission(&text)
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_ascii_and_keeps_its_text(text in r"[a-zA-Z0-9:*_\-é ]{0,8}") {
            if let Ok(permission) = Permission::parse(&text) {
                prop_assert_eq!(permission.as_str(), &text);
                prop_assert!(text.is_ascii() && text == text.to_ascii_lowercase());
            }
            if let Ok(name) = RoleName::parse(&text) {
                prop_assert_eq!(name.as_str(), &text);
                prop_assert!(text.is_ascii() && text == text.to_ascii_lowercase());
                prop_assert!(Permission::parse(&text).is_err());
            }
        }

        #[test]
        fn covering_is_transitive(one in permissions(), two in permissions(), three in permissions()) {
            prop_assert!(one.covers(&one));
            if one.covers(&two) && two.covers(&three) {
                prop_assert!(one.covers(&three));
            }
            if one.covers(&two) && two.covers(&one) {
                prop_assert_eq!(one, two);
            }
        }

        #[test]
        fn roles_are_managed_by_what_covers_it_and_by_nothing_else(held in permissions()) {
            let is_listed = Permission::MANAGING_ROLES.contains(&held);
            prop_assert_eq!(held.covers(&Permission::MANAGE_ROLES), is_listed);
        }
    }
}
