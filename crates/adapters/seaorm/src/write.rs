//! A change as it is said to the database: one statement, and what is expected of it.

use fastauth_domain::change::Conflict;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryTrait, Statement};

use crate::failure::{is_orphaned, is_taken};

/// One statement, and what is expected of it.
pub(crate) struct Write {
    statement: Statement,
    expectation: Expectation,
}

enum Expectation {
    /// Nothing: there may be nothing to do.
    None,
    /// It meets the one row that it is about.
    OneRow { otherwise: Conflict },
    /// The keys of the row are free.
    FreeKeys { otherwise: Conflict },
    /// The rows that it belongs to are there.
    Parents { otherwise: Conflict },
}

impl Write {
    /// A statement that may meet any number of rows.
    pub(crate) fn any(backend: DbBackend, query: &impl QueryTrait) -> Self {
        Self { statement: query.build(backend), expectation: Expectation::None }
    }

    /// A statement that meets one row, or is in conflict.
    pub(crate) fn one(backend: DbBackend, query: &impl QueryTrait, otherwise: Conflict) -> Self {
        Self { statement: query.build(backend), expectation: Expectation::OneRow { otherwise } }
    }

    /// An insertion that is in conflict when a key of its row is taken.
    pub(crate) fn new(backend: DbBackend, query: &impl QueryTrait, otherwise: Conflict) -> Self {
        Self { statement: query.build(backend), expectation: Expectation::FreeKeys { otherwise } }
    }

    /// An insertion that is in conflict when what its row belongs to is gone.
    pub(crate) fn belonging(
        backend: DbBackend,
        query: &impl QueryTrait,
        otherwise: Conflict,
    ) -> Self {
        Self { statement: query.build(backend), expectation: Expectation::Parents { otherwise } }
    }

    /// Says it, and tells whether the expectation held.
    pub(crate) async fn execute(
        self,
        db: &impl ConnectionTrait,
    ) -> Result<Result<(), Conflict>, DbErr> {
        let done = db.execute_raw(self.statement).await;
        match (done, self.expectation) {
            (Ok(done), Expectation::OneRow { otherwise }) if done.rows_affected() != 1 => {
                Ok(Err(otherwise))
            }
            (Err(error), Expectation::FreeKeys { otherwise }) if is_taken(&error) => {
                Ok(Err(otherwise))
            }
            (Err(error), Expectation::Parents { otherwise }) if is_orphaned(&error) => {
                Ok(Err(otherwise))
            }
            (Err(error), _) => Err(error),
            (Ok(_), _) => Ok(Ok(())),
        }
    }
}
