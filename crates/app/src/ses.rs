//! Amazon SES, as it is configured.

use std::sync::Arc;

use fastauth_application::deliveries::Deliveries;
use fastauth_http::NoticeRoute;
use fastauth_ports::clock::Clock;
use fastauth_ses::{
    Options,
    notices::{HttpsFetch, SnsNotices, TopicArn},
};

use crate::{builder::BuildError, settings::Configuration};

/// How SES is spoken to.
pub(crate) fn options(configuration: &Configuration) -> Result<Options, BuildError> {
    let endpoint_url = configuration.ses_endpoint.as_deref().map(str::parse).transpose();
    let endpoint_url = endpoint_url.map_err(|why| BuildError::Ses(format!("{why}")))?;
    Ok(Options {
        region: configuration.ses_region.clone(),
        endpoint_url,
        configuration_set: configuration.ses_configuration_set.clone(),
        ..Options::default()
    })
}

/// Where SES tells what became of mail, if it is to.
pub(crate) fn notices(
    configuration: &Configuration,
    deliveries: &Arc<Deliveries>,
    clock: Arc<dyn Clock>,
) -> Result<Option<NoticeRoute>, BuildError> {
    let Some(topic) = &configuration.ses_topic else { return Ok(None) };
    let topic: TopicArn = topic.parse().map_err(|why| BuildError::Ses(format!("{why}")))?;
    let reader = SnsNotices::new(topic, Arc::new(HttpsFetch::new()), clock);
    Ok(Some(NoticeRoute {
        path: "/mail/notices/ses",
        reader: Arc::new(reader),
        deliveries: Arc::clone(deliveries),
    }))
}
