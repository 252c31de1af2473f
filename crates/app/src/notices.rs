//! Where providers tell what became of mail.

use std::sync::Arc;

use fastauth_http::NoticeRoute;
use fastauth_ports::clock::Clock;
use fastauth_webhook::notices::SignedNotices;

use crate::{builder::BuildError, settings::Configuration};

/// A route for each provider that is to tell.
pub(crate) fn routes(
    configuration: &Configuration,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<NoticeRoute>, BuildError> {
    let signed = configuration.notice_secrets.as_ref().map(|secrets| NoticeRoute {
        path: "/mail/notices",
        reader: Arc::new(SignedNotices::new(secrets.clone(), Arc::clone(clock))),
    });
    Ok(signed.into_iter().chain(of_ses(configuration, clock)?).collect())
}

#[cfg(feature = "ses")]
fn of_ses(
    configuration: &Configuration,
    clock: &Arc<dyn Clock>,
) -> Result<Option<NoticeRoute>, BuildError> {
    let reader = crate::ses::notices(configuration, clock)?;
    let route = |reader| NoticeRoute { path: "/mail/notices/ses", reader: Arc::new(reader) };
    Ok(reader.map(route))
}

#[cfg(not(feature = "ses"))]
#[expect(clippy::unnecessary_wraps, reason = "as with the feature")]
const fn of_ses(_: &Configuration, _: &Arc<dyn Clock>) -> Result<Option<NoticeRoute>, BuildError> {
    Ok(None)
}
