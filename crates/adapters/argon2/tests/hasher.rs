//! What the hasher promises, on real threads.

#[cfg(test)]
mod promises {
    use std::{collections::HashSet, num::NonZero};

    use fastauth_argon2::{Argon2Hasher, InvalidParameters, Parameters, Peppers};
    use fastauth_domain::{
        email::EmailAddress,
        password::{NewPassword, PasswordHash, PasswordPolicy, PresentedPassword},
    };
    use fastauth_ports::passwords::{HashPasswords, Match, Turn};

    /// "winter harbour", hashed by the reference implementation (argon2-cffi).
    const REFERENCE: &str = "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$Wz5D86Y2TTPGJ3isc/7AaiMy2dC5IzWb4wM8HPbZnJs";
    /// The same under the parameters that the server has by default.
    const REFERENCE_DEFAULT: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$zgptOOB35wJxEj1gID6UpCeWdmPLn517hN8fDwEMLtM";

    fn quick() -> Parameters {
        Parameters::new(64, 2, 1).unwrap()
    }

    fn hasher() -> Argon2Hasher {
        Argon2Hasher::start_with(&quick(), &Peppers::default(), NonZero::new(2).unwrap()).unwrap()
    }

    fn accepted(text: &str) -> NewPassword {
        let owner = EmailAddress::parse("ada@example.com").unwrap();
        let policy = PasswordPolicy { min_length: 1, max_length: 1_024, product: None };
        NewPassword::parse(&text.into(), (&owner).into(), &policy).unwrap()
    }

    fn presented(text: &str) -> PresentedPassword {
        PresentedPassword::new(&text.into())
    }

    async fn compare(hasher: &Argon2Hasher, text: &str, stored: &str) -> Match {
        let stored = PasswordHash::from_phc(stored);
        hasher.verify(&presented(text), Some(&stored), &Turn::free()).await.unwrap()
    }

    #[tokio::test]
    async fn a_hash_of_the_reference_implementation_matches() {
        let matched = compare(&hasher(), "winter harbour", REFERENCE).await;
        assert_eq!(matched, Match::Yes { outdated: false });
        assert_eq!(compare(&hasher(), "winter harbor", REFERENCE).await, Match::No);
        let matched = compare(&hasher(), "winter harbour", REFERENCE_DEFAULT).await;
        assert_eq!(matched, Match::Yes { outdated: true });
    }

    #[tokio::test]
    async fn every_byte_of_a_password_counts() {
        let hasher = hasher();
        let long = format!("{}\0x", "long ".repeat(40));
        let hash = hasher.hash(&accepted(&format!("{long}a")), &Turn::free()).await.unwrap();
        let right = compare(&hasher, &format!("{long}a"), hash.as_phc()).await;
        assert_eq!(right, Match::Yes { outdated: false });
        assert_eq!(compare(&hasher, &format!("{long}b"), hash.as_phc()).await, Match::No);
        assert_eq!(compare(&hasher, &long, hash.as_phc()).await, Match::No);
    }

    #[tokio::test]
    async fn hashes_are_argon2id_in_phc_form_with_salts_of_their_own() {
        let hasher = hasher();
        let mut salts = HashSet::new();
        for _ in 0..100 {
            let hash = hasher.hash(&accepted("winter harbour"), &Turn::free()).await.unwrap();
            let parts: Vec<_> = hash.as_phc().split('$').map(ToOwned::to_owned).collect();
            assert_eq!(parts[1..4], ["argon2id", "v=19", "m=64,t=2,p=1"]);
            assert_eq!((parts[4].len(), parts[5].len()), (22, 43), "16 and 32 bytes in base64");
            assert!(salts.insert(parts[4].clone()));
        }
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_matches_and_is_outdated_and_renewed() {
        let other =
            Argon2Hasher::start(&Parameters::new(512, 1, 1).unwrap(), &Peppers::default()).unwrap();
        let old = other.hash(&accepted("winter harbour"), &Turn::free()).await.unwrap();
        let hasher = hasher();
        let matched = compare(&hasher, "winter harbour", old.as_phc()).await;
        assert_eq!(matched, Match::Yes { outdated: true });
        let renewed = hasher.renew(&presented("winter harbour"), &Turn::free()).await.unwrap();
        let matched = compare(&hasher, "winter harbour", renewed.as_phc()).await;
        assert_eq!(matched, Match::Yes { outdated: false });
    }

    #[tokio::test]
    async fn what_is_no_hash_of_ours_is_no_match() {
        for stored in ["", "winter harbour", &REFERENCE.replace("argon2id", "argon2i")] {
            assert_eq!(compare(&hasher(), "winter harbour", stored).await, Match::No, "{stored}");
        }
        let nobody =
            hasher().verify(&presented("winter harbour"), None, &Turn::free()).await.unwrap();
        assert_eq!(nobody, Match::No);
    }

    #[test]
    fn absurd_parameters_are_refused() {
        for (memory, iterations, parallelism) in
            [(262_145, 2, 1), (64, 11, 1), (64, 0, 1), (64, 2, 5), (64, 2, 0), (7, 1, 1)]
        {
            let refused = Parameters::new(memory, iterations, parallelism);
            assert_eq!(refused, Err(InvalidParameters), "{memory} {iterations} {parallelism}");
        }
    }
}
