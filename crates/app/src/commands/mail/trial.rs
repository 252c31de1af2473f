//! `fastauth mail test`

use std::sync::Arc;

use fastauth::{
    domain::{identifier::MailId, moment::Moment},
    ports::{clock::Clock, mail::OutgoingMail, randomness::Randomness},
    system::{OsRandomness, SystemClock},
};

use super::super::{configuration, run_async, say};
use crate::failure::Failure;

/// Sends one mail as the server would, past the outbox.
pub(super) fn run(to: &str) -> Result<(), Failure> {
    let to = super::address(to)?;
    let configuration = configuration()?;
    run_async(async {
        let moment = &mut Moment::new(SystemClock.now(), OsRandomness.seed()?);
        let product = configuration.product_name.as_str();
        let mail = OutgoingMail {
            id: MailId::generate(moment),
            from: configuration.sender(),
            to,
            subject: format!("A test of {product}"),
            text: format!("If you can read this, mail of {product} reaches you.\n").into(),
            html: None,
        };
        let mailer = fastauth::mailer(&configuration, Arc::new(SystemClock)).await?;
        let answer = mailer.send(&mail).await?;
        let said = answer.map(|answer| format!(" The answer was: {}", answer.as_str()));
        say(format_args!("The mail to {} was taken.{}", mail.to, said.unwrap_or_default()))
    })
}
