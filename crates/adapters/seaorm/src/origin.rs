//! Where something came from, as it is stored with sessions and events.

use fastauth_domain::visitor::{DeviceName, Origin, UserAgent};

/// Its columns.
pub(crate) struct Columns {
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) device: Option<String>,
}

impl From<&Origin> for Columns {
    fn from(origin: &Origin) -> Self {
        Self {
            address: origin.address.map(|address| address.to_string()),
            user_agent: origin.user_agent.as_ref().map(|it| it.as_str().to_owned()),
            device: origin.device.as_ref().map(|it| it.as_str().to_owned()),
        }
    }
}

impl From<Columns> for Origin {
    /// What cannot be read is as if it had never been known.
    fn from(columns: Columns) -> Self {
        Self {
            address: columns.address.and_then(|address| address.parse().ok()),
            user_agent: columns.user_agent.as_deref().and_then(UserAgent::of),
            device: columns.device.as_deref().and_then(DeviceName::of),
        }
    }
}
