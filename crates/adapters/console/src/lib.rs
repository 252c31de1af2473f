//! Prints mail, in a form that a person can read and copy the link from.

use std::{
    io::{self, Stdout, Write},
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use fastauth_domain::delivery::Reason;
use fastauth_ports::{
    mail::{NotSent, OutgoingMail, SendMail},
    unavailable::Unavailable,
};
use secrecy::ExposeSecret;

const RULE: &str = "----------------------------------------------------------------------";

/// Sends mail to standard output, or wherever else it is told to.
#[derive(Debug)]
pub struct ConsoleMail<W = Stdout> {
    writer: Mutex<W>,
}

impl Default for ConsoleMail {
    /// Prints on standard output.
    fn default() -> Self {
        Self::to_writer(io::stdout())
    }
}

impl<W: Write + Send> ConsoleMail<W> {
    /// Prints to a writer.
    pub const fn to_writer(writer: W) -> Self {
        Self { writer: Mutex::new(writer) }
    }

    /// One write for each mail, so that mails do not run into each other.
    fn print(&self, mail: &OutgoingMail) -> io::Result<()> {
        let text = printable(mail.text.expose_secret());
        let block = format!(
            "{RULE}\nTo:      {}\nFrom:    {}\nSubject: {}\n\n{}\n{RULE}\n",
            one_line(mail.to.as_typed()),
            one_line(&mail.from.to_string()),
            one_line(&mail.subject),
            text.trim_end(),
        );
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.write_all(block.as_bytes())?;
        writer.flush()
    }
}

#[async_trait]
impl<W: Write + Send> SendMail for ConsoleMail<W> {
    async fn send(&self, mail: &OutgoingMail) -> Result<Option<Reason>, NotSent> {
        self.print(mail).map_err(Unavailable::new)?;
        Ok(None)
    }
}

/// The text without what would steer a terminal.
fn printable(text: &str) -> String {
    let harmless = |c: char| if c.is_control() && c != '\n' { '\u{fffd}' } else { c };
    text.chars().map(harmless).collect()
}

/// The same, of what must not look like the next line.
fn one_line(text: &str) -> String {
    printable(text).replace('\n', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use fastauth_domain::{
        account::DisplayName, email::EmailAddress, identifier::MailId, moment::Moment,
        time::Timestamp,
    };
    use fastauth_ports::mail::Sender;

    use super::*;

    fn mail(text: &str) -> OutgoingMail {
        let mut moment = Moment::new(Timestamp::from_unix_micros(0), [7; 32]);
        OutgoingMail {
            id: MailId::generate(&mut moment),
            from: Sender {
                address: EmailAddress::parse("no-reply@localhost").unwrap(),
                name: Some(DisplayName::parse("FastAuth").unwrap()),
            },
            to: EmailAddress::parse("Ada@Example.com").unwrap(),
            subject: "Verify your email address".to_owned(),
            text: text.into(),
            html: None,
        }
    }

    async fn printed(mail: &OutgoingMail) -> String {
        let console = ConsoleMail::to_writer(Vec::new());
        console.send(mail).await.unwrap();
        String::from_utf8(console.writer.into_inner().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_mail_is_a_block_with_the_link_on_a_line_of_its_own() {
        let link = format!("http://localhost:8000/verify-email?token={}", "t".repeat(120));
        let block = printed(&mail(&format!("Please verify:\n\n{link}\n\nThanks.\n"))).await;
        assert!(block.contains("To:      Ada@Example.com\n"));
        assert!(block.contains("From:    FastAuth <no-reply@localhost>\n"));
        assert!(block.contains("Subject: Verify your email address\n"));
        assert!(block.lines().any(|line| line == link), "{block}");
        assert_eq!(block.lines().filter(|line| *line == RULE).count(), 2);
    }

    #[tokio::test]
    async fn nothing_in_a_mail_steers_the_terminal() {
        let block = printed(&mail("\u{1b}[2J\rgone\u{7}")).await;
        assert!(!block.chars().any(|c| c.is_control() && c != '\n'), "{block:?}");
    }
}
