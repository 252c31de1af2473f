//! What the hasher promises, on real threads.

#[cfg(test)]
mod promises {
    use std::{collections::HashSet, num::NonZero, sync::Arc, time::Duration};

    use fastauth_argon2::{Argon2Hasher, InvalidParameters, Parameters};
    use fastauth_domain::{
        email::EmailAddress,
        password::{NewPassword, PasswordHash, PasswordPolicy, PresentedPassword},
    };
    use fastauth_ports::passwords::{HashPasswords, Match};

    /// Made with the reference implementation (argon2-cffi): "winter harbour", m=64, t=2, p=1.
    const REFERENCE: &str = "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$Wz5D86Y2TTPGJ3isc/7AaiMy2dC5IzWb4wM8HPbZnJs";

    fn quick() -> Parameters {
        Parameters::new(64, 2, 1).unwrap()
    }

    fn hasher() -> Argon2Hasher {
        Argon2Hasher::start_with(&quick(), NonZero::new(2).unwrap()).unwrap()
    }

    fn accepted(text: &str) -> NewPassword {
        let owner = EmailAddress::parse("ada@example.com").unwrap();
        let policy = PasswordPolicy { min_length: 1, max_length: 1_024 };
        NewPassword::parse(&text.into(), &owner, policy).unwrap()
    }

    fn presented(text: &str) -> PresentedPassword {
        PresentedPassword::new(&text.into())
    }

    async fn compare(hasher: &Argon2Hasher, text: &str, stored: &str) -> Match {
        let stored = PasswordHash::from_phc(stored);
        hasher.verify(&presented(text), Some(&stored)).await.unwrap()
    }

    #[tokio::test]
    async fn a_hash_of_the_reference_implementation_matches() {
        let matched = compare(&hasher(), "winter harbour", REFERENCE).await;
        assert_eq!(matched, Match::Yes { outdated: false });
        assert_eq!(compare(&hasher(), "winter harbor", REFERENCE).await, Match::No);
    }

    #[tokio::test]
    async fn every_byte_of_a_password_counts() {
        let hasher = hasher();
        let long = format!("{}\0x", "long ".repeat(40));
        let hash = hasher.hash(&accepted(&format!("{long}a"))).await.unwrap();
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
            let hash = hasher.hash(&accepted("winter harbour")).await.unwrap();
            let parts: Vec<_> = hash.as_phc().split('$').map(ToOwned::to_owned).collect();
            assert_eq!(parts[1..4], ["argon2id", "v=19", "m=64,t=2,p=1"]);
            assert_eq!((parts[4].len(), parts[5].len()), (22, 43), "16 and 32 bytes in base64");
            assert!(salts.insert(parts[4].clone()));
        }
    }

    #[tokio::test]
    async fn a_hash_of_other_parameters_matches_and_is_outdated_and_renewed() {
        let other = Argon2Hasher::start(&Parameters::new(512, 1, 1).unwrap()).unwrap();
        let old = other.hash(&accepted("winter harbour")).await.unwrap();
        let hasher = hasher();
        let matched = compare(&hasher, "winter harbour", old.as_phc()).await;
        assert_eq!(matched, Match::Yes { outdated: true });
        let renewed = hasher.renew(&presented("winter harbour")).await.unwrap();
        let matched = compare(&hasher, "winter harbour", renewed.as_phc()).await;
        assert_eq!(matched, Match::Yes { outdated: false });
    }

    #[tokio::test]
    async fn what_is_no_hash_of_ours_or_absurd_is_no_match() {
        let tag = "c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for stored in [
            String::new(),
            "winter harbour".to_owned(),
            format!("$argon2i$v=19$m=64,t=2,p=1${tag}"),
            format!("$argon2id$v=16$m=64,t=2,p=1${tag}"),
            format!("$argon2id$v=19$m=4294967295,t=2,p=1${tag}"),
            format!("$argon2id$v=19$m=64,t=4294967295,p=1${tag}"),
            format!("$argon2id$v=19$m=262144,t=2,p=64${tag}"),
            "$argon2id$v=19$m=64,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA".to_owned(),
        ] {
            assert_eq!(compare(&hasher(), "winter harbour", &stored).await, Match::No, "{stored}");
        }
        let nobody = hasher().verify(&presented("winter harbour"), None).await.unwrap();
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

    /// One thread and hashes of a quarter of a second, so that a queue can form.
    fn slow() -> Arc<Argon2Hasher> {
        let slow = Parameters::new(65_536, 4, 1).unwrap();
        Arc::new(Argon2Hasher::start_with(&slow, NonZero::<usize>::MIN).unwrap())
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once_and_callers_that_left_free_it_without_a_hash() {
        let hasher = slow();
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let hasher = Arc::clone(&hasher);
            waiting.spawn(async move { hasher.verify(&presented("winter harbour"), None).await });
        }
        let refused = loop {
            if let Err(refused) = waiting.join_next().await.unwrap().unwrap() {
                break refused;
            }
        };
        assert!(refused.retry_in() >= Duration::from_secs(1));
        waiting.shutdown().await;
        // Were the hashes of those who left computed, this would take a quarter of a minute.
        let started = std::time::Instant::now();
        while hasher.verify(&presented("winter harbour"), None).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    }
}
