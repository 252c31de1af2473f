//! Handing a mail over on a connection: `MAIL`, `RCPT`, `DATA` (RFC 5321 section 3.3).

use fastauth_domain::delivery::Reason;
use fastauth_mime::MimeMessage;
use fastauth_ports::{mail::NotSent, unavailable::Unavailable};
use lettre::{
    Address,
    transport::smtp::{
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt, Rset},
        extension::{Extension, MailBodyParameter, MailParameter},
    },
};
use secrecy::ExposeSecret;

use crate::outcome::{self, Stage};

/// Whether a connection that was kept is still one, and ready for another mail.
pub(crate) async fn is_ready(connection: &mut AsyncSmtpConnection) -> bool {
    connection.command(Rset).await.is_ok_and(|answer| answer.has_code(250))
}

/// Hands a mail over. Once this is `Ok`, the server has taken charge of it, and has said so.
pub(crate) async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    message: &MimeMessage,
) -> Result<Option<Reason>, NotSent> {
    let content = message.content().expose_secret();
    let parameters = parameters(connection, message)?;
    let sender = Mail::new(message.envelope().from().cloned(), parameters);
    let answer = connection.command(sender).await;
    let answer = answer.map_err(|error| outcome::not_sent(Stage::Sender, &error))?;
    outcome::expect(Stage::Sender, &answer, 250)?;
    for recipient in message.envelope().to() {
        let answer = connection.command(Rcpt::new(recipient.clone(), Vec::new())).await;
        let answer = answer.map_err(|error| outcome::not_sent(Stage::Recipient, &error))?;
        // 251 is "will forward".
        if !answer.has_code(251) {
            outcome::expect(Stage::Recipient, &answer, 250)?;
        }
    }
    let answer = connection.command(Data).await;
    let answer = answer.map_err(|error| outcome::not_sent(Stage::Content, &error))?;
    outcome::expect(Stage::Content, &answer, 354)?;
    let answer = connection.message(content).await;
    let answer = answer.map_err(|error| outcome::not_sent(Stage::Content, &error))?;
    outcome::expect(Stage::Content, &answer, 250)?;
    let said = answer.message().collect::<Vec<_>>().join(" ");
    Ok(Some(Reason::new(&format!("250 {said}"))))
}

/// What has to be announced: addresses that are not ASCII (RFC 6531), which not every server takes.
fn parameters(
    connection: &AsyncSmtpConnection,
    message: &MimeMessage,
) -> Result<Vec<MailParameter>, NotSent> {
    let is_ascii = |address: &Address| address.to_string().is_ascii();
    let recipient_is_ascii = message.envelope().to().iter().all(is_ascii);
    let sender_is_ascii = message.envelope().from().is_none_or(is_ascii);
    if recipient_is_ascii && sender_is_ascii {
        return Ok(Vec::new());
    }
    if connection.server_info().supports_feature(Extension::SmtpUtfEight) {
        let octets = MailParameter::Body(MailBodyParameter::EightBitMime);
        return Ok(vec![octets, MailParameter::SmtpUtfEight]);
    }
    if recipient_is_ascii {
        let cause = "the mail server does not take a sender's address that is not ASCII";
        return Err(Unavailable::new(cause).into());
    }
    let reason = "the mail server does not take recipients whose address is not ASCII";
    Err(NotSent::Permanent(reason.to_owned()))
}
