//! How mail is sent.

use std::{fs, net::IpAddr, path::PathBuf};

use fastauth_smtp::{Credentials, Encryption, ExtraRoots, Patience, Relay};
use fastauth_webhook::{Endpoint, Receiver, Secrets};
use secrecy::SecretString;

use super::{
    form::{Form, Refused},
    problem::Problems,
    table::Configuration,
};

/// Where mail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailProvider {
    /// To the console the program runs in.
    Console,
    /// Into a directory, a file each.
    Eml,
    /// To a mail server.
    Smtp,
    /// To Amazon SES.
    Ses,
    /// To a URL.
    Webhook,
    /// Nowhere: it is kept in the process.
    Memory,
}

impl Form for MailProvider {
    type Value = Self;

    fn words(&self) -> String {
        "console, eml, smtp, ses, webhook or memory".to_owned()
    }

    fn read(&self, text: &str) -> Result<Self, Refused> {
        match text {
            "console" => Ok(Self::Console),
            "eml" => Ok(Self::Eml),
            "smtp" => Ok(Self::Smtp),
            "ses" if cfg!(feature = "ses") => Ok(Self::Ses),
            "ses" => Err(Refused::Because(
                "this program was built without it; build it with the feature ses".to_owned(),
            )),
            "webhook" => Ok(Self::Webhook),
            "memory" => Ok(Self::Memory),
            _ => Err(Refused::OtherForm),
        }
    }
}

/// The name or the address of a machine.
pub(super) struct Host;

impl Form for Host {
    type Value = String;

    fn words(&self) -> String {
        "the name or the IP address of a machine, without a scheme or a port".to_owned()
    }

    fn read(&self, text: &str) -> Result<String, Refused> {
        let is_label = |label: &str| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            !label.is_empty() && label.chars().all(is_allowed)
        };
        if text.parse::<IpAddr>().is_ok() || text.split('.').all(is_label) {
            Ok(text.to_owned())
        } else {
            Err(Refused::OtherForm)
        }
    }
}

/// Where something is in the file system, or is to be.
pub(super) struct Path;

impl Form for Path {
    type Value = PathBuf;

    fn words(&self) -> String {
        "a path".to_owned()
    }

    fn read(&self, text: &str) -> Result<PathBuf, Refused> {
        Ok(text.into())
    }
}

/// A URL that requests are sent to.
pub(super) struct ServiceUrl;

impl Form for ServiceUrl {
    type Value = String;

    fn words(&self) -> String {
        "an http:// or https:// URL".to_owned()
    }

    fn read(&self, text: &str) -> Result<String, Refused> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let has_host = rest.is_some_and(|rest| rest.starts_with(|it: char| it.is_alphanumeric()));
        let is_plain = text.bytes().all(|it| it.is_ascii_graphic() && !b"?#@\\".contains(&it));
        if has_host && is_plain { Ok(text.to_owned()) } else { Err(Refused::OtherForm) }
    }
}

/// The name of a topic of Amazon SNS.
pub(super) struct Topic;

impl Form for Topic {
    type Value = String;

    fn words(&self) -> String {
        "the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:123456789012:mail".to_owned()
    }

    fn read(&self, text: &str) -> Result<String, Refused> {
        let parts: Vec<&str> = text.split(':').collect();
        let [arn, partition, sns, region, account, name] = parts.as_slice() else {
            return Err(Refused::OtherForm);
        };
        let is_arn = *arn == "arn" && partition.starts_with("aws") && *sns == "sns";
        let is_whole = [region, account, name].iter().all(|part| !part.is_empty());
        if is_arn && is_whole { Ok(text.to_owned()) } else { Err(Refused::OtherForm) }
    }
}

/// A text that is not secret.
pub(super) struct Text;

impl Form for Text {
    type Value = String;

    fn words(&self) -> String {
        "a text".to_owned()
    }

    fn read(&self, text: &str) -> Result<String, Refused> {
        Ok(text.to_owned())
    }
}

/// A text that is.
pub(super) struct Password;

impl Form for Password {
    type Value = SecretString;

    fn words(&self) -> String {
        "a password".to_owned()
    }

    fn read(&self, text: &str) -> Result<SecretString, Refused> {
        Ok(text.into())
    }

    fn show(&self, _: &str) -> Option<String> {
        None
    }
}

/// How the connection to a mail server is encrypted.
pub(super) struct Protection;

impl Form for Protection {
    type Value = Encryption;

    fn words(&self) -> String {
        "starttls, implicit or none".to_owned()
    }

    fn read(&self, text: &str) -> Result<Encryption, Refused> {
        match text {
            "starttls" => Ok(Encryption::StartTls),
            "implicit" => Ok(Encryption::Implicit),
            "none" => Ok(Encryption::None),
            _ => Err(Refused::OtherForm),
        }
    }
}

/// A file of certificates.
pub(super) struct Certificates;

impl Form for Certificates {
    type Value = ExtraRoots;

    fn words(&self) -> String {
        "a file with certificates in PEM".to_owned()
    }

    fn read(&self, text: &str) -> Result<ExtraRoots, Refused> {
        let pem = fs::read(text)
            .map_err(|error| Refused::Because(format!("the file cannot be read: {error}")))?;
        ExtraRoots::from_pem(&pem).map_err(|error| Refused::Because(error.to_string()))
    }
}

/// The URL of a webhook.
pub(super) struct WebhookUrl;

impl Form for WebhookUrl {
    type Value = Endpoint;

    fn words(&self) -> String {
        "an https:// URL, or an http:// URL of this machine".to_owned()
    }

    fn read(&self, text: &str) -> Result<Endpoint, Refused> {
        Endpoint::parse(text).map_err(|why| Refused::Because(why.to_string()))
    }

    fn show(&self, text: &str) -> Option<String> {
        Endpoint::parse(text).ok().map(|endpoint| format!("a URL of {}", endpoint.host()))
    }
}

/// Secrets of a webhook.
pub(super) struct WebhookSecrets;

impl Form for WebhookSecrets {
    type Value = Secrets;

    fn words(&self) -> String {
        "whsec_ and the base64 of 24 to 64 random bytes; several have spaces between them"
            .to_owned()
    }

    fn read(&self, text: &str) -> Result<Secrets, Refused> {
        Secrets::parse(text).map_err(|_| Refused::OtherForm)
    }

    fn show(&self, _: &str) -> Option<String> {
        None
    }
}

impl Configuration {
    /// Whoever mail is posted to, if they are named.
    pub fn webhook(&self) -> Option<Receiver> {
        Some(Receiver {
            endpoint: self.webhook_url.clone()?,
            secrets: self.webhook_secrets.clone()?,
            patience: fastauth_webhook::Patience::default(),
        })
    }

    /// The mail server, if one is named.
    pub fn smtp(&self) -> Option<Relay> {
        let credentials = self.smtp_username.clone().zip(self.smtp_password.clone());
        let credentials =
            credentials.map(|(username, password)| Credentials { username, password });
        Some(Relay {
            host: self.smtp_host.clone()?,
            port: self.smtp_port,
            encryption: self.smtp_tls,
            credentials,
            extra_roots: self.smtp_certificates.clone(),
            patience: Patience::default(),
        })
    }

    /// Checks what must hold between settings of mail.
    pub(super) fn check_mail(&self, problems: &mut Problems) {
        match self.mail_provider {
            MailProvider::Smtp => self.check_smtp(problems),
            MailProvider::Webhook => {
                if self.webhook().is_none() {
                    problems.add(
                        "EMAIL_PROVIDER is webhook, and EMAIL_WEBHOOK_URL and EMAIL_WEBHOOK_SECRET \
                         are not both set: set them."
                            .to_owned(),
                    );
                }
            }
            MailProvider::Console
            | MailProvider::Eml
            | MailProvider::Ses
            | MailProvider::Memory => {}
        }
    }

    fn check_smtp(&self, problems: &mut Problems) {
        match (&self.smtp_username, &self.smtp_password) {
            (Some(_), None) => problems.add(
                "SMTP_USERNAME is set and SMTP_PASSWORD is not: set both, or neither.".to_owned(),
            ),
            (None, Some(_)) => problems.add(
                "SMTP_PASSWORD is set and SMTP_USERNAME is not: set both, or neither.".to_owned(),
            ),
            (Some(_), Some(_)) | (None, None) => {}
        }
        let Some(host) = &self.smtp_host else {
            problems.add(
                "EMAIL_PROVIDER is smtp and SMTP_HOST is not set: set it to the name of the mail \
                 server."
                    .to_owned(),
            );
            return;
        };
        if self.mail_from.ascii_domain() == "localhost" && !is_here(host) {
            problems.add(format!(
                "EMAIL_FROM is {}, from which {host} will not take mail: set it to an address of \
                 yours.",
                self.mail_from
            ));
        }
        if self.smtp_tls == Encryption::None && self.smtp_password.is_some() && !is_here(host) {
            problems.add(format!(
                "SMTP_TLS is none, so that everybody on the way to {host} could read \
                 SMTP_PASSWORD: set it to starttls or implicit, or do without a password."
            ));
        }
    }
}

/// Whether what is said to a host does not leave the machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_more() {
        for host in ["mail", "smtp.example.com", "127.0.0.1", "::1", "mail_server"] {
            assert_eq!(Host.read(host), Ok(host.to_owned()));
        }
        for bad in ["smtp://mail", "mail:25", "a b", "mail.", "[::1]", "user@mail"] {
            assert_eq!(Host.read(bad), Err(Refused::OtherForm), "{bad}");
        }
    }

    #[test]
    fn what_is_said_to_this_machine_stays_here() {
        assert!(is_here("localhost") && is_here("127.0.0.2") && is_here("::1"));
        assert!(!is_here("mail.example.com") && !is_here("10.0.0.1"));
    }
}
