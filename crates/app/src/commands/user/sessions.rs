//! `fastauth user sessions`

use clap::Args;
use fastauth::domain::{
    administration::Whom,
    session::Session,
    visitor::{DeviceName, UserAgent},
};
use serde::Serialize;

use super::{
    super::{
        operate,
        output::{rfc3339, rfc3339_exact, say_json, show},
        table::{Table, or_dash},
    },
    find,
};
use crate::failure::Failure;

#[derive(Args)]
pub(in super::super) struct Sessions {
    /// The address or the id of the account.
    #[arg(value_name = "ADDRESS_OR_ID")]
    whom: Whom,
    /// Print a JSON document.
    #[arg(long)]
    json: bool,
}

/// The sessions that are alive, the newest first.
#[derive(Serialize)]
struct Shown<'a> {
    sessions: Vec<ShownSession<'a>>,
}

/// A session for programs: what its owner sees at `/sessions`, and when it ends.
#[derive(Serialize)]
struct ShownSession<'a> {
    id: String,
    device: Option<&'a str>,
    ip_address: Option<String>,
    user_agent: Option<&'a str>,
    last_active: String,
    created_at: String,
    expires_at: String,
}

impl<'a> From<&'a Session> for ShownSession<'a> {
    fn from(session: &'a Session) -> Self {
        let origin = &session.origin;
        Self {
            id: session.id.to_string(),
            device: origin.device.as_ref().map(DeviceName::as_str),
            ip_address: origin.address.map(|address| address.to_string()),
            user_agent: origin.user_agent.as_ref().map(UserAgent::as_str),
            last_active: rfc3339_exact(session.last_active()),
            created_at: rfc3339_exact(session.opened_at),
            expires_at: rfc3339_exact(session.idle_until),
        }
    }
}

impl Sessions {
    pub(super) fn run(&self) -> Result<(), Failure> {
        operate(async |operations, _| {
            let account = find(operations, &self.whom).await?;
            let sessions = operations.revocations.list(account.id).await?;
            if self.json {
                let sessions = sessions.iter().map(ShownSession::from).collect();
                return say_json(&Shown { sessions });
            }
            if sessions.is_empty() {
                return show(format_args!("{} is signed in nowhere.", account.email));
            }
            Table::new(["ID", "OPENED", "LAST ACTIVE", "ENDS", "ADDRESS", "DEVICE"])
                .with(sessions.iter().map(row))
                .print()
        })
    }
}

fn row(session: &Session) -> [String; 6] {
    let origin = &session.origin;
    let device = origin.device.as_ref().map(DeviceName::as_str);
    let agent = origin.user_agent.as_ref().map(UserAgent::as_str);
    [
        session.id.to_string(),
        rfc3339(session.opened_at),
        rfc3339(session.last_active()),
        rfc3339(session.idle_until),
        or_dash(origin.address.map(|address| address.to_string())),
        or_dash(device.or(agent)),
    ]
}
