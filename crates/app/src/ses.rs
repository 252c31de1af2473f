//! Amazon SES, as it is configured.

use std::sync::Arc;

use fastauth_ports::clock::Clock;
use fastauth_ses::{
    InvalidEndpointUrl, Options,
    notices::{HttpsFetch, SnsNotices, TopicArn},
};

use crate::{builder::BuildError, settings::Configuration};

/// How SES is spoken to.
pub(crate) fn options(configuration: &Configuration) -> Result<Options, BuildError> {
    let endpoint_url = configuration.ses_endpoint.as_deref().map(str::parse).transpose();
    let endpoint_url =
        endpoint_url.map_err(|why: InvalidEndpointUrl| BuildError::Ses(why.to_string()))?;
    Ok(Options {
        region: configuration.ses_region.clone(),
        endpoint_url,
        configuration_set: configuration.ses_configuration_set.clone(),
        ..Options::default()
    })
}

/// Understands what SES tells of mail, if it is to.
pub(crate) fn notices(
    configuration: &Configuration,
    clock: &Arc<dyn Clock>,
) -> Result<Option<SnsNotices>, BuildError> {
    let topic = configuration.ses_topic.as_deref().map(str::parse::<TopicArn>).transpose();
    let topic = topic.map_err(|why| BuildError::Ses(why.to_string()))?;
    let reader = |topic| SnsNotices::new(topic, Arc::new(HttpsFetch::new()), Arc::clone(clock));
    Ok(topic.map(reader))
}
