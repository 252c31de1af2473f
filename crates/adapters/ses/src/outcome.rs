//! What the answers of SES come to.
//!
//! Of an answer, only its status and its code are told. Its text is the service's, which repeats in
//! it whom the mail is to.

use std::error::Error;

use aws_sdk_sesv2::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    operation::send_email::SendEmailError,
};
use aws_smithy_runtime_api::client::result::DispatchFailure;
use fastauth_ports::{
    mail::{NotSent, OutgoingMail},
    unavailable::Unavailable,
};

/// What SES says of a sender's address, and while an account is in the sandbox of every address. It
/// comes with the code for content that is refused, and nothing but the text tells them apart.
const NOT_VERIFIED: &str = "not verified";

/// There is no request. What that comes from is not told, for it may repeat a file with credentials.
const NOT_ASKED: &str = "SES cannot be asked: are there credentials, and a region?";

/// SES takes no local part that is not ASCII: it does not know RFC 6531.
pub(crate) fn addresses_are_taken(mail: &OutgoingMail) -> Result<(), NotSent> {
    if !mail.from.address.local_part().is_ascii() {
        let cause = "SES does not take a sender's address that is not ASCII";
        return Err(Unavailable::new(cause).into());
    }
    if !mail.to.local_part().is_ascii() {
        let reason = "SES does not take recipients whose address is not ASCII";
        return Err(NotSent::Permanent(reason.to_owned()));
    }
    Ok(())
}

/// What a failure comes to. Only what SES finds wrong with the mail itself is for good: an account
/// that is paused, a quota, a domain that is not verified yet all heal, and the mail is as good as
/// ever then.
pub(crate) fn not_sent(error: &SdkError<SendEmailError, HttpResponse>) -> NotSent {
    let is_about_the_mail = error.as_service_error().is_some_and(is_about_the_mail);
    let told = told(error);
    if is_about_the_mail { NotSent::Permanent(told) } else { Unavailable::new(told).into() }
}

fn is_about_the_mail(error: &SendEmailError) -> bool {
    let text = error.message().unwrap_or_default().to_ascii_lowercase();
    match error {
        SendEmailError::BadRequestException(_) => true,
        SendEmailError::MessageRejected(_) => !text.contains(NOT_VERIFIED),
        _ => false,
    }
}

fn told(error: &SdkError<SendEmailError, HttpResponse>) -> String {
    match error {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code().filter(|code| is_code(code)).unwrap_or("no code");
            format!("SES answered {status} ({code})")
        }
        SdkError::ResponseError(answer) => {
            let status = answer.raw().status().as_u16();
            format!("SES answered {status} and something that cannot be read")
        }
        SdkError::TimeoutError(_) => "SES took too long".to_owned(),
        SdkError::DispatchFailure(failure) => told_of_dispatch(failure),
        _ => NOT_ASKED.to_owned(),
    }
}

fn told_of_dispatch(failure: &DispatchFailure) -> String {
    match failure.as_connector_error() {
        Some(error) if error.is_io() || error.is_timeout() => {
            format!("SES cannot be reached: {}", chain(error))
        }
        Some(error) if error.as_other().is_some() => "SES hung up".to_owned(),
        _ => NOT_ASKED.to_owned(),
    }
}

/// Whether it is a name such as `MessageRejected`, and nothing that somebody else might have said.
fn is_code(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|it| it.is_ascii_alphanumeric())
}

/// An error and what it comes from.
fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
