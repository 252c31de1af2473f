//! The engines to test on.

/// What a database is kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    #[cfg(feature = "test-postgres")]
    Postgres,
    #[cfg(feature = "test-mariadb")]
    MariaDb,
}

/// Makes a test of each function for each database server.
#[cfg(any(feature = "test-postgres", feature = "test-mariadb"))]
macro_rules! on_servers {
    ($($test:ident),+ $(,)?) => {
        #[cfg(feature = "test-postgres")]
        mod postgres {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::engine::Engine::Postgres).await;
            }
        )+}

        #[cfg(feature = "test-mariadb")]
        mod mariadb {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::engine::Engine::MariaDb).await;
            }
        )+}
    };
}

#[cfg(not(any(feature = "test-postgres", feature = "test-mariadb")))]
macro_rules! on_servers {
    ($($test:ident),+ $(,)?) => {};
}

/// Makes a test of each function for every engine.
macro_rules! everywhere {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::engine::Engine::Sqlite).await;
            }
        )+}

        on_servers!($($test),+);
    };
}
