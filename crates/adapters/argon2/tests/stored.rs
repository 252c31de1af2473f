//! Whatever is stored where a hash should be, it opens to nobody and stops nothing.

#[cfg(test)]
mod anything {
    use std::{num::NonZero, sync::LazyLock};

    use fastauth_argon2::{Argon2Hasher, Parameters, Peppers};
    use fastauth_domain::password::{PasswordHash, PresentedPassword};
    use fastauth_ports::passwords::{HashPasswords, Match, Turn};
    use proptest::prelude::*;
    use tokio::runtime::{Builder, Runtime};

    /// "winter harbour", hashed by the reference implementation (argon2-cffi).
    const REFERENCE: &str = "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$Wz5D86Y2TTPGJ3isc/7AaiMy2dC5IzWb4wM8HPbZnJs";

    static HASHER: LazyLock<(Runtime, Argon2Hasher)> = LazyLock::new(|| {
        let parameters = Parameters::new(64, 2, 1).unwrap();
        let threads = NonZero::new(1).unwrap();
        let hasher = Argon2Hasher::start_with(&parameters, &Peppers::default(), threads).unwrap();
        (Builder::new_current_thread().build().unwrap(), hasher)
    });

    /// Whether the password of the reference opens it.
    fn opens(stored: &str) -> bool {
        let (runtime, hasher) = &*HASHER;
        let stored = PasswordHash::from_phc(stored);
        let password = PresentedPassword::new(&"winter harbour".into());
        let turn = Turn::free();
        let compared = hasher.verify(&password, Some(&stored), &turn);
        !matches!(runtime.block_on(compared).unwrap(), Match::No)
    }

    /// Nearly a hash. What it asks for is little, or more than is ever given.
    fn nearly() -> impl Strategy<Value = String> {
        let algorithm = "argon2(id|i|d|)|bcrypt|[a-z0-9-]{0,12}";
        let version = "(v=(19|16|0|[0-9]{1,12}))?";
        let memory = "m=([0-9]{0,3}|[0-9]{7,12}|-1)";
        let others = "(,t=[0-9]{0,2}|,t=4294967297)(,p=[0-9]{0,2})(,keyid=[A-Za-z0-9+/]{0,12})?(,[a-z]=[0-9]{1,3})?";
        let base64 = "[A-Za-z0-9+/=]{0,90}";
        (algorithm, version, memory, others, base64, base64).prop_map(
            |(algorithm, version, memory, others, salt, tag)| {
                format!("${algorithm}${version}${memory}{others}${salt}${tag}")
            },
        )
    }

    /// The reference, of which one character is another.
    fn changed() -> impl Strategy<Value = String> {
        // Behind the numbers: other ones are costly, and are tried above.
        let first = REFERENCE.find("$c2F").unwrap_or_default();
        (first..REFERENCE.len(), any::<char>()).prop_map(|(at, new)| {
            let (before, after) = (&REFERENCE[..at], &REFERENCE[at + 1..]);
            format!("{before}{new}{after}")
        })
    }

    proptest! {
        #[test]
        fn what_is_no_hash_of_the_password_opens_to_nobody(
            text in any::<String>(), nearly in nearly(), changed in changed(),
        ) {
            prop_assert!(!opens(&text), "{}", text);
            prop_assert!(!opens(&nearly), "{}", nearly);
            prop_assert_eq!(opens(&changed), changed == REFERENCE, "{}", changed);
        }
    }

    #[test]
    fn the_hash_itself_opens() {
        assert!(opens(REFERENCE));
    }
}
