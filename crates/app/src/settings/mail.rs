//! How mail is sent.

use std::{fs, net::IpAddr};

use fastauth_smtp::{Credentials, Encryption, ExtraRoots, Patience, Relay};
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
    /// To a mail server.
    Smtp,
    /// Nowhere: it is kept in the process.
    Memory,
}

impl Form for MailProvider {
    type Value = Self;

    fn words(&self) -> String {
        "console, smtp or memory".to_owned()
    }

    fn read(&self, text: &str) -> Result<Self, Refused> {
        match text {
            "console" => Ok(Self::Console),
            "smtp" => Ok(Self::Smtp),
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

impl Configuration {
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
        if self.mail_provider != MailProvider::Smtp {
            return;
        }
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
