//! An event as it is shown.

use fastauth::domain::{
    audit::{Detail, Event, EventKind},
    visitor::{DeviceName, UserAgent},
};
use serde::Serialize;

use super::super::output::{rfc3339, rfc3339_exact};

/// An event for programs: what the owner of the account sees at `/account/activity`, and whose it is.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    id: String,
    at: String,
    event: &'static str,
    result: &'static str,
    detail: Option<&'a str>,
    account_id: Option<String>,
    actor_id: Option<String>,
    session_id: Option<String>,
    ip_address: Option<String>,
    device: Option<&'a str>,
    user_agent: Option<&'a str>,
}

impl<'a> From<&'a Event> for Shown<'a> {
    fn from(event: &'a Event) -> Self {
        let origin = &event.origin;
        Self {
            id: event.id.to_string(),
            at: rfc3339_exact(event.at),
            event: event.kind.name(),
            result: if event.kind.is_refusal() { "refused" } else { "success" },
            detail: event.detail.as_ref().map(Detail::as_str),
            account_id: event.account.map(|id| id.to_string()),
            actor_id: event.actor.map(|id| id.to_string()),
            session_id: event.session.map(|id| id.to_string()),
            ip_address: origin.address.map(|address| address.to_string()),
            device: origin.device.as_ref().map(DeviceName::as_str),
            user_agent: origin.user_agent.as_ref().map(UserAgent::as_str),
        }
    }
}

/// An event in one line: when, what, whose, what about, and where it came from.
pub(super) fn line(event: &Event) -> String {
    let kinds = EventKind::ALL.iter().map(|kind| kind.name().len());
    let width = kinds.max().unwrap_or_default();
    let account = event.account.map_or_else(|| "-".to_owned(), |id| id.to_string());
    let address = event.origin.address.map(|address| address.to_string());
    let device = event.origin.device.as_ref().map(|device| device.as_str().to_owned());
    let detail = event.detail.as_ref().map(|detail| detail.as_str().to_owned());
    let rest: Vec<_> = detail.into_iter().chain(address).chain(device).collect();
    let (at, kind) = (rfc3339(event.at), event.kind.name());
    format!("{at}  {kind:width$}  {account:36}  {}", rest.join(", ")).trim_end().to_owned()
}
