//! The outbox: mail that is stored with what it tells of, and handed out until it is settled.

use std::time::Duration;

use async_trait::async_trait;
use fastauth_domain::{
    delivery::{Delivery, Reason, State},
    email::EmailAddress,
    identifier::{AccountId, MailId},
    language::Language,
    mail::{Link, Mail, Message},
    one_time::Nonce,
    time::Timestamp,
    visitor::ClientNetwork,
};
use fastauth_ports::{
    mail::{Backlog, ClaimMail, ClaimedMail, Settlement},
    unavailable::Unavailable,
};
use sea_orm::{
    DbBackend, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*,
};

use crate::{SqlStore, row::ImpossibleRow, write::Write};

/// When a mail is due that is not due any more. It keeps settled mail out of the index's way.
pub(crate) const NEVER: i64 = i64::MAX;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    recipient: String,
    topic: String,
    nonce: Option<Vec<u8>>,
    link_expires_at: Option<i64>,
    language: Option<String>,
    created_at: i64,
    due_at: i64,
    attempts: i64,
    state: String,
    settled_at: Option<i64>,
    reason: Option<String>,
    recipient_key: Option<String>,
    client: Option<String>,
    first_contact: bool,
    account_id: Option<Uuid>,
    detail: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Mail> for Model {
    fn from(mail: &Mail) -> Self {
        let link = mail.message.link();
        Self {
            id: mail.id.uuid(),
            recipient: mail.to.as_typed().to_owned(),
            topic: mail.message.topic().to_owned(),
            nonce: link.map(|link| link.nonce.as_bytes().to_vec()),
            link_expires_at: link.map(|link| link.expires_at.unix_micros()),
            language: mail.language.as_ref().map(ToString::to_string),
            created_at: mail.created_at.unix_micros(),
            due_at: mail.created_at.unix_micros(),
            attempts: 0,
            state: State::Queued.name().to_owned(),
            settled_at: None,
            reason: None,
            recipient_key: Some(mail.to.key().as_str().to_owned()),
            client: mail.client.as_ref().map(|client| client.as_str().to_owned()),
            first_contact: mail.is_first_contact,
            account_id: mail.account.map(AccountId::uuid),
            detail: mail.message.detail().map(ToOwned::to_owned),
        }
    }
}

impl TryFrom<Model> for ClaimedMail {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let impossible = |column| ImpossibleRow { table: "outbox", column, id: row.id };
        let link = match (row.nonce, row.link_expires_at) {
            (Some(nonce), Some(expires_at)) => Some(Link {
                nonce: Nonce::from_stored(nonce.try_into().map_err(|_| impossible("nonce"))?),
                expires_at: Timestamp::from_unix_micros(expires_at),
            }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(impossible("link_expires_at")),
        };
        let message = Message::restore(&row.topic, link, row.detail.as_deref());
        let language = row.language.as_deref().map(Language::parse).transpose();
        let mail = Mail {
            id: row.id.into(),
            account: row.account_id.map(AccountId::from),
            to: EmailAddress::parse(&row.recipient).map_err(|_| impossible("recipient"))?,
            message: message.ok_or_else(|| impossible("topic"))?,
            language: language.map_err(|_| impossible("language"))?,
            is_first_contact: row.first_contact,
            client: row.client.as_deref().map(ClientNetwork::from_stored),
            created_at: Timestamp::from_unix_micros(row.created_at),
        };
        let attempt = row.attempts.try_into().map_err(|_| impossible("attempts"))?;
        Ok(Self { mail, attempt })
    }
}

impl TryFrom<Model> for Delivery {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let impossible = |column| ImpossibleRow { table: "outbox", column, id: row.id };
        Ok(Self {
            mail: row.id.into(),
            to: EmailAddress::parse(&row.recipient).map_err(|_| impossible("recipient"))?,
            topic: row.topic,
            state: State::named(&row.state).ok_or_else(|| impossible("state"))?,
            attempts: row.attempts.try_into().map_err(|_| impossible("attempts"))?,
            created_at: Timestamp::from_unix_micros(row.created_at),
            settled_at: row.settled_at.map(Timestamp::from_unix_micros),
            reason: row.reason.as_deref().map(Reason::new),
        })
    }
}

#[async_trait]
impl ClaimMail for SqlStore {
    async fn claim(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ClaimedMail>, Unavailable> {
        let due = Entity::find()
            .filter(Column::DueAt.lte(now.unix_micros()))
            .filter(Column::State.eq(State::Queued.name()))
            .order_by_asc(Column::DueAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit));
        loop {
            let rows = self.rows(&due).await.map_err(Unavailable::new)?;
            let seen = rows.iter().map(|row| Model::from_query_result(row, ""));
            let seen: Vec<_> = seen.collect::<Result<_, _>>().map_err(Unavailable::new)?;
            let was_empty = seen.is_empty();
            let leased = self.lease(seen, now.plus(lease)).await?;
            let claimed: Vec<_> = leased.into_iter().filter_map(readable).collect();
            // Where others were faster with all that was seen, there may be more behind it.
            if was_empty || !claimed.is_empty() {
                return Ok(claimed);
            }
        }
    }

    async fn settle(&self, id: MailId, settlement: Settlement) -> Result<(), Unavailable> {
        let text = |reason: Option<Reason>| reason.map(|reason| reason.as_str().to_owned());
        let update = Entity::update_many()
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::State.eq(State::Queued.name()));
        let update = match settlement {
            Settlement::Done { state, reason, at } => update
                .col_expr(Column::State, Expr::value(state.name()))
                .col_expr(Column::SettledAt, Expr::value(at.unix_micros()))
                .col_expr(Column::DueAt, Expr::value(NEVER))
                .col_expr(Column::Reason, Expr::value(text(reason))),
            Settlement::Retry { at, reason } => update
                .col_expr(Column::DueAt, Expr::value(at.unix_micros()))
                .col_expr(Column::Reason, Expr::value(text(reason)))
                .col_expr(Column::FirstContact, Expr::value(false)),
            Settlement::Postpone { until } => {
                update.col_expr(Column::DueAt, Expr::value(until.unix_micros()))
            }
        };
        self.write(&update).await.map(drop)
    }

    async fn backlog(&self) -> Result<Backlog, Unavailable> {
        let backlog = Entity::find()
            .select_only()
            .column_as(Column::Id.count(), "waiting")
            .column_as(Column::CreatedAt.min(), "oldest")
            .filter(Column::State.eq(State::Queued.name()));
        let rows = self.rows(&backlog).await.map_err(Unavailable::new)?;
        let Some(row) = rows.first() else { return Ok(Backlog::default()) };
        let waiting: i64 = row.try_get("", "waiting").map_err(Unavailable::new)?;
        let oldest: Option<i64> = row.try_get("", "oldest").map_err(Unavailable::new)?;
        Ok(Backlog {
            waiting: waiting.try_into().unwrap_or_default(),
            oldest: oldest.map(Timestamp::from_unix_micros),
        })
    }
}

impl SqlStore {
    /// Takes due mails, but for those that somebody else has taken since they were seen. It is done in
    /// one transaction, because each waits for the disk, and in the order in which others do it, so
    /// that none waits for one who waits for it.
    async fn lease(&self, seen: Vec<Model>, until: Timestamp) -> Result<Vec<Model>, Unavailable> {
        let due_at = until.unix_micros();
        let take = |seen: &Model| {
            Entity::update_many()
                .col_expr(Column::DueAt, Expr::value(due_at))
                .col_expr(Column::Attempts, Expr::value(seen.attempts.saturating_add(1)))
                .filter(Column::Id.eq(seen.id))
                .filter(Column::DueAt.eq(seen.due_at))
                .filter(Column::Attempts.eq(seen.attempts))
        };
        let rows = self.write_each(seen.iter().map(take)).await?;
        let leased = seen.into_iter().zip(rows).filter(|(_, rows)| *rows == 1);
        let raised =
            |seen: Model| Model { due_at, attempts: seen.attempts.saturating_add(1), ..seen };
        Ok(leased.map(|(seen, _)| raised(seen)).collect())
    }
}

/// A row that makes no sense, perhaps one of a newer program, must not hold up the others: it is
/// reported, and comes again when its lease ends.
fn readable(row: Model) -> Option<ClaimedMail> {
    ClaimedMail::try_from(row)
        .inspect_err(|error| tracing::error!(%error, "a mail cannot be sent"))
        .ok()
}

pub(crate) fn write(backend: DbBackend, mail: &Mail) -> Write {
    Write::any(backend, &Entity::insert(Model::from(mail).into_active_model()))
}
