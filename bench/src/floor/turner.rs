//! Turning sessions as a refresh does: one read, and one conditional write.

use std::sync::Arc;

use sea_orm::{
    prelude::Uuid,
    sqlx::{
        ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Pool, Row, Type, query,
    },
};

use super::statements::Statements;
use crate::{Failure, draw::Draw, load::Worker, people::People};

/// The connections to one database.
pub(crate) struct Pools<DB: Database> {
    pub(super) reader: Pool<DB>,
    pub(super) writer: Pool<DB>,
    pub(super) statements: Statements,
    pub(super) rows_affected: fn(&DB::QueryResult) -> u64,
}

/// One who turns sessions that nobody else does.
pub(crate) struct Turner<DB: Database> {
    pools: Arc<Pools<DB>>,
    draw: Draw,
    sessions: Vec<Turn>,
}

/// What to write to a session next.
#[derive(Clone, Copy)]
struct Turn {
    id: Uuid,
    from: i64,
    at: i64,
    idle_until: i64,
}

impl<DB: Database> Turner<DB> {
    /// One for each of these groups of people.
    pub(super) fn all(
        pools: &Arc<Pools<DB>>,
        people: &People,
        groups: &[Vec<usize>],
    ) -> Result<Vec<Self>, Failure> {
        let turner = |(seed, group): (u64, &Vec<usize>)| {
            let sessions = group.iter().map(|&number| Turn::first(people, number));
            let sessions = sessions.collect::<Result<_, _>>()?;
            Ok(Self { pools: Arc::clone(pools), draw: Draw::seeded(seed), sessions })
        };
        (0..).zip(groups).map(turner).collect()
    }
}

impl Turn {
    fn first(people: &People, number: usize) -> Result<Self, Failure> {
        let session = people.person(number)?.session.ok_or("nobody is signed in there")?;
        Ok(Self {
            id: session.id.uuid(),
            from: session.generation.number().into(),
            at: session.turned_at.unix_micros(),
            idle_until: session.idle_until.unix_micros(),
        })
    }

    /// A second later.
    const fn next(self) -> Self {
        const SECOND: i64 = 1_000_000;
        Self {
            from: self.from + 1,
            at: self.at + SECOND,
            idle_until: self.idle_until + SECOND,
            ..self
        }
    }
}

impl<DB: Database> Worker for Turner<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    for<'q> i64: Encode<'q, DB> + Decode<'q, DB> + Type<DB>,
    for<'q> Uuid: Encode<'q, DB> + Type<DB>,
    for<'i> &'i str: ColumnIndex<DB::Row>,
    DB::Arguments: IntoArguments<DB>,
{
    type Work = ();

    async fn perform(&mut self, (): ()) -> Result<(), Failure> {
        let who = self.draw.below(self.sessions.len());
        let turn = self.sessions.get_mut(who).ok_or("there are too few people for the floor")?;
        let Pools { reader, writer, statements, rows_affected } = &*self.pools;
        let read = query(statements.read()).bind(turn.id).fetch_optional(reader).await?;
        let found: i64 = read.ok_or("a session is gone")?.try_get("A_generation")?;
        let write = query(statements.turn())
            .bind(turn.from + 1)
            .bind(turn.at)
            .bind(turn.idle_until)
            .bind(turn.id)
            .bind(turn.from);
        let done = write.execute(writer).await?;
        if found != turn.from || rows_affected(&done) != 1 {
            return Err("somebody else turned a session of the floor".into());
        }
        *turn = turn.next();
        Ok(())
    }
}
