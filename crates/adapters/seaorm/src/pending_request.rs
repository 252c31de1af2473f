//! What strangers have asked for: rows that are inserted, read, and deleted by whoever attends to them.

use async_trait::async_trait;
use fastauth_domain::{
    account::DisplayName,
    change::Conflict,
    email::{EmailAddress, EmailKey},
    identifier::RequestId,
    language::Language,
    password::PasswordHash,
    pending_request::{Applicant, Change, PendingRequest, Wanted},
    time::Timestamp,
    visitor::Visitor,
};
use fastauth_ports::{pending_requests::ReadPendingRequests, unavailable::Unavailable};
use sea_orm::{
    DbBackend, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect, entity::prelude::*,
};

use crate::{SqlStore, origin, row::ImpossibleRow, write::Write};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_request")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    wanted: String,
    email: String,
    email_key: String,
    name: Option<String>,
    password_hash: Option<String>,
    language: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    device: Option<String>,
    created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&PendingRequest> for Model {
    fn from(request: &PendingRequest) -> Self {
        let origin::Columns { address, user_agent, device } = (&request.visitor.origin).into();
        let applicant = request.wanted.applicant();
        let name = applicant.and_then(|applicant| applicant.name.as_ref());
        Self {
            id: request.id.uuid(),
            wanted: request.wanted.name().to_owned(),
            email: request.email.as_typed().to_owned(),
            email_key: request.email.key().as_str().to_owned(),
            name: name.map(|name| name.as_str().to_owned()),
            password_hash: applicant.map(|applicant| applicant.password.as_phc().to_owned()),
            language: request.visitor.language.as_ref().map(ToString::to_string),
            address,
            user_agent,
            device,
            created_at: request.created_at.unix_micros(),
        }
    }
}

impl TryFrom<Model> for PendingRequest {
    type Error = ImpossibleRow;

    fn try_from(row: Model) -> Result<Self, ImpossibleRow> {
        let impossible = |column| ImpossibleRow { table: "pending_request", column, id: row.id };
        let name = row.name.as_deref().map(DisplayName::parse).transpose();
        let name = name.map_err(|_| impossible("name"))?;
        let applicant = row.password_hash.map(PasswordHash::from_phc);
        let applicant = applicant.map(|password| Applicant { name, password });
        let language = row.language.as_deref().map(Language::parse).transpose();
        let Model { address, user_agent, device, .. } = row;
        let visitor = Visitor {
            language: language.map_err(|_| impossible("language"))?,
            origin: origin::Columns { address, user_agent, device }.into(),
        };
        Ok(Self {
            id: row.id.into(),
            email: EmailAddress::parse(&row.email).map_err(|_| impossible("email"))?,
            wanted: Wanted::restore(&row.wanted, applicant).ok_or_else(|| impossible("wanted"))?,
            visitor,
            created_at: Timestamp::from_unix_micros(row.created_at),
        })
    }
}

#[async_trait]
impl ReadPendingRequests for SqlStore {
    async fn pending(
        &self,
        after: Option<RequestId>,
        limit: u32,
    ) -> Result<Vec<PendingRequest>, Unavailable> {
        // Every name is greater: so that each engine goes by the index.
        let mut after = after.map_or_else(Uuid::nil, RequestId::uuid);
        loop {
            let rows = self.oldest(Entity::find().filter(Column::Id.gt(after)), limit).await?;
            let Some(last) = rows.last() else { return Ok(Vec::new()) };
            after = last.id;
            let readable: Vec<_> = rows.into_iter().filter_map(readable).collect();
            if !readable.is_empty() {
                return Ok(readable);
            }
        }
    }

    async fn pending_registration(
        &self,
        address: &EmailKey,
    ) -> Result<Option<PendingRequest>, Unavailable> {
        let of_address = Entity::find()
            .filter(Column::EmailKey.eq(address.as_str()))
            .filter(Column::PasswordHash.is_not_null());
        Ok(self.oldest(of_address, 1).await?.pop().and_then(readable))
    }
}

impl SqlStore {
    async fn oldest(
        &self,
        requests: Select<Entity>,
        limit: u32,
    ) -> Result<Vec<Model>, Unavailable> {
        let oldest = requests.order_by_asc(Column::Id).limit(u64::from(limit));
        let rows = self.rows(&oldest).await.map_err(Unavailable::new)?;
        let rows = rows.iter().map(|row| Model::from_query_result(row, ""));
        rows.collect::<Result<_, _>>().map_err(Unavailable::new)
    }
}

/// A row that makes no sense, perhaps one of a newer program, must not hold up the others.
fn readable(row: Model) -> Option<PendingRequest> {
    PendingRequest::try_from(row)
        .inspect_err(|error| tracing::error!(%error, "a request cannot be attended to"))
        .ok()
}

pub(crate) fn write(backend: DbBackend, change: &Change) -> Write {
    match change {
        Change::Keep(request) => {
            Write::any(backend, &Entity::insert(Model::from(request).into_active_model()))
        }
        Change::Settle(id) => {
            let settle = Entity::delete_many().filter(Column::Id.eq(id.uuid()));
            Write::one(backend, &settle, Conflict::RequestSettled)
        }
    }
}
