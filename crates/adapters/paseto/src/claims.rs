//! The claims as they are signed.

use std::time::Duration;

use fastauth_domain::{
    gate::Grant,
    identifier::AccessTokenId,
    role::{Permission, Rights, RoleName},
    time::Timestamp,
};
use fastauth_ports::access_tokens::Claims;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// How far the clocks of two instances may differ.
const LEEWAY: Duration = Duration::from_secs(30);
const MICROS_PER_SECOND: i64 = 1_000_000;

/// Who may do what until when; nothing personal, because anybody can read it.
#[derive(Serialize, Deserialize)]
pub(crate) struct WireClaims {
    iss: String,
    sub: Uuid,
    aud: String,
    exp: String,
    nbf: String,
    iat: String,
    jti: Uuid,
    sid: Uuid,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    permissions: Vec<String>,
}

impl WireClaims {
    /// `None` if the time is beyond what RFC 3339 can write.
    pub(crate) fn new(
        grant: &Grant,
        id: AccessTokenId,
        issuer: &str,
        now: Timestamp,
        lifetime: Duration,
    ) -> Option<Self> {
        let iat = write(now)?;
        Some(Self {
            iss: issuer.to_owned(),
            sub: grant.account().uuid(),
            aud: issuer.to_owned(),
            exp: write(now.plus(lifetime))?,
            nbf: iat.clone(),
            iat,
            jti: id.uuid(),
            sid: grant.session().uuid(),
            roles: Vec::new(),
            permissions: Vec::new(),
        })
    }

    /// The claims, with what their holder may do.
    pub(crate) fn with(self, rights: &Rights) -> Self {
        let roles = rights.roles.iter().map(ToString::to_string).collect();
        let permissions = rights.permissions.iter().map(ToString::to_string).collect();
        Self { roles, permissions, ..self }
    }

    /// What the claims say, if they are meant for this server and in force. Expiry knows no leeway.
    pub(crate) fn check(&self, issuer: &str, now: Timestamp) -> Option<Claims> {
        let (issued_at, expires_at) = (read(&self.iat)?, read(&self.exp)?);
        let soon = now.plus(LEEWAY);
        let is_ours = self.iss == issuer && self.aud == issuer;
        let is_in_force = now < expires_at && issued_at <= soon && read(&self.nbf)? <= soon;
        let rights = self.rights()?;
        (is_ours && is_in_force).then(|| Claims {
            account: self.sub.into(),
            session: self.sid.into(),
            issued_at,
            expires_at,
            rights,
        })
    }

    fn rights(&self) -> Option<Rights> {
        let roles = self.roles.iter().map(|text| RoleName::parse(text).ok());
        let permissions = self.permissions.iter().map(|text| Permission::parse(text).ok());
        Some(Rights {
            roles: roles.collect::<Option<_>>()?,
            permissions: permissions.collect::<Option<_>>()?,
        })
    }
}

fn write(at: Timestamp) -> Option<String> {
    let seconds = at.unix_micros().div_euclid(MICROS_PER_SECOND);
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}

/// PASETO's times end in an upper-case `Z` or name their offset; they are compared as points in time.
fn read(text: &str) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?.to_offset(UtcOffset::UTC);
    let micros = time.unix_timestamp_nanos() / 1_000;
    i64::try_from(micros).ok().map(Timestamp::from_unix_micros)
}
