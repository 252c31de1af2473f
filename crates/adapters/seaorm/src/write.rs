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
    /// It meets the one row that it is about, and its new keys are free.
    OneRowFreeKeys { gone: Conflict, taken: Conflict },
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

    /// A statement that meets one row and gives it new keys, or is in conflict: because the row is gone,
    /// or because a key is taken.
    pub(crate) fn one_renamed(
        backend: DbBackend,
        query: &impl QueryTrait,
        gone: Conflict,
        taken: Conflict,
    ) -> Self {
        let expectation = Expectation::OneRowFreeKeys { gone, taken };
        Self { statement: query.build(backend), expectation }
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
            (
                Ok(done),
                Expectation::OneRow { otherwise: conflict }
                | Expectation::OneRowFreeKeys { gone: conflict, .. },
            ) if done.rows_affected() != 1 => Ok(Err(conflict)),
            (
                Err(error),
                Expectation::FreeKeys { otherwise: conflict }
                | Expectation::OneRowFreeKeys { taken: conflict, .. },
            ) if is_taken(&error) => Ok(Err(conflict)),
            (Err(error), Expectation::Parents { otherwise }) if is_orphaned(&error) => {
                Ok(Err(otherwise))
            }
            (Err(error), _) => Err(error),
            (Ok(_), _) => Ok(Ok(())),
        }
    }
}
