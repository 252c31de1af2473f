//! Sends mail by Amazon SES (its API v2).
//!
//! Nothing is tried twice here: the outbox does that, and knows when to stop.

mod client;
pub mod notices;
mod options;
mod outcome;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sesv2::{
    Client,
    error::BuildError,
    operation::send_email::builders::SendEmailFluentBuilder,
    primitives::Blob,
    types::{Destination, EmailContent, MessageTag, RawMessage},
};
use fastauth_domain::delivery::Reason;
use fastauth_mime::MimeMessage;
use fastauth_ports::{
    clock::Clock,
    mail::{NotSent, OutgoingMail, SendMail},
};
use secrecy::ExposeSecret;

pub use self::options::{EndpointUrl, InvalidEndpointUrl, InvalidTags, Options, Patience, Tags};

/// The tag by which SES tells, in a notice, which mail it is about. Its value is the identifier.
pub const MAIL_TAG: &str = "fastauth-mail";

/// Sends mail by Amazon SES.
pub struct SesMail {
    client: Client,
    options: Options,
    clock: Arc<dyn Clock>,
}

impl SesMail {
    /// Sends with the region, unless there is one in the options, and the credentials that AWS's
    /// tools find too: in the environment, in its files, for a web identity, in a container, on a
    /// machine of EC2. Credentials are looked for at the first mail, and again before they expire.
    pub async fn new(options: Options, clock: Arc<dyn Clock>) -> Self {
        let config = client::load(options.region.clone(), Arc::clone(&clock)).await;
        Self::with_aws_config(&config, options, clock)
    }

    /// Sends with an AWS configuration that a program has already, and whose credentials may come
    /// from anywhere. It must have a region, unless there is one in the options.
    pub fn with_aws_config(config: &SdkConfig, options: Options, clock: Arc<dyn Clock>) -> Self {
        let client = client::client(config, &options, Arc::clone(&clock));
        Self { client, options, clock }
    }

    fn request(
        &self,
        mail: &OutgoingMail,
        message: &MimeMessage,
    ) -> Result<SendEmailFluentBuilder, BuildError> {
        let content = Blob::new(message.content().expose_secret());
        let content = RawMessage::builder().data(content).build()?;
        let tag = |name: &str, value: &str| MessageTag::builder().name(name).value(value).build();
        let own = (MAIL_TAG, mail.id.to_string());
        let others = self.options.tags.pairs().map(|(name, value)| tag(name, value));
        let tags = std::iter::once(tag(own.0, &own.1)).chain(others);
        let recipients = message.envelope().to().iter().map(ToString::to_string).collect();
        let sender = message.envelope().from().map(ToString::to_string);
        Ok(self
            .client
            .send_email()
            .set_from_email_address(sender)
            .destination(Destination::builder().set_to_addresses(Some(recipients)).build())
            .content(EmailContent::builder().raw(content).build())
            .set_email_tags(Some(tags.collect::<Result<_, _>>()?))
            .set_configuration_set_name(self.options.configuration_set.clone()))
    }
}

#[async_trait]
impl SendMail for SesMail {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        outcome::addresses_are_taken(mail)?;
        let message = MimeMessage::write(mail, self.clock.now())
            .map_err(|error| NotSent::Permanent(error.to_string()))?;
        let request =
            self.request(mail, &message).map_err(|error| NotSent::Permanent(error.to_string()))?;
        let answer = request.send().await.map_err(|error| outcome::not_sent(&error))?;
        // By this its support finds the mail.
        Ok(answer.message_id().map(Reason::new))
    }
}

impl fmt::Debug for SesMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SesMail").field("options", &self.options).finish_non_exhaustive()
    }
}
