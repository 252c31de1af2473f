//! The letters there are, and writing one.

use std::collections::BTreeMap;

use fastauth_domain::{language::Language, mail::Message};
use fastauth_ports::letters::Letter;
use minijinja::Value;

use crate::{Templates, error::TemplateError, facts::Facts};

/// The files of a letter, by how they end.
const ENDINGS: [&str; 3] = [SUBJECT, "txt", "html"];
/// How the file of a subject ends.
pub(crate) const SUBJECT: &str = "subject.txt";
/// What letters of one language have in common: the line at the end, how long a link works in words,
/// and what to do with a link that cannot be pressed.
const PARTS: [&str; 3] = ["footer.txt", "lifetime.txt", "link_hint.txt"];
/// What every letter is given.
const GIVEN: [&str; 4] = ["email", "footer", "language", "product"];
/// What a letter with a link is given beside.
const GIVEN_WITH_LINK: [&str; 4] = ["lifetime", "link", "link_hint", "minutes"];

/// What a letter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Proves an address.
    VerifyEmail,
    /// Offers a new password.
    ResetPassword,
    /// Tells that somebody tried to register an address that has an account.
    AlreadyRegistered,
    /// Tells that the password was changed.
    PasswordChanged,
    /// Tells that a session was ended because somebody else had its refresh token.
    SessionStolen,
    /// Proves an address that an account is to have instead of its own.
    EmailChange,
    /// Tells the old address of that, with a way back.
    EmailChangeNotice,
    /// The same when an earlier mail offered a way back.
    EmailChangeRepeated,
    /// Tells of a sign-in from a device that is new.
    NewSignIn,
    /// Tells that the account was closed.
    AccountClosed,
}

impl LetterKind {
    /// Each of them.
    pub const ALL: [Self; 10] = [
        Self::VerifyEmail,
        Self::ResetPassword,
        Self::AlreadyRegistered,
        Self::PasswordChanged,
        Self::SessionStolen,
        Self::EmailChange,
        Self::EmailChangeNotice,
        Self::EmailChangeRepeated,
        Self::NewSignIn,
        Self::AccountClosed,
    ];

    /// The first part of its files' names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::AlreadyRegistered => "already_registered",
            Self::PasswordChanged => "password_changed",
            Self::SessionStolen => "session_stolen",
            Self::EmailChange => "email_change",
            Self::EmailChangeNotice => "email_change_notice",
            Self::EmailChangeRepeated => "email_change_repeated",
            Self::NewSignIn => "new_sign_in",
            Self::AccountClosed => "account_closed",
        }
    }

    pub(crate) const fn of(message: &Message) -> Self {
        match message {
            Message::VerifyEmail(_) => Self::VerifyEmail,
            Message::ResetPassword(_) => Self::ResetPassword,
            Message::AlreadyRegistered(_) => Self::AlreadyRegistered,
            Message::PasswordChanged => Self::PasswordChanged,
            Message::SessionStolen => Self::SessionStolen,
            Message::NewSignIn(_) => Self::NewSignIn,
            Message::ChangeEmail(_) => Self::EmailChange,
            Message::EmailChangeRequested { .. } => Self::EmailChangeNotice,
            Message::EmailChangeRepeated(_) => Self::EmailChangeRepeated,
            Message::AccountClosed => Self::AccountClosed,
        }
    }

    pub(crate) const fn carries_link(self) -> bool {
        !matches!(
            self,
            Self::PasswordChanged
                | Self::SessionStolen
                | Self::EmailChangeRepeated
                | Self::NewSignIn
                | Self::AccountClosed
        )
    }

    /// What only this kind is given, with an example of each.
    pub(crate) const fn own_variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::EmailChangeNotice | Self::EmailChangeRepeated => {
                &[("new_email", "ada@example.net")]
            }
            Self::NewSignIn => &[("at", "2030-03-01 12:00 UTC"), ("device", "Firefox on Linux")],
            _ => &[],
        }
    }

    /// Everything that its templates are given.
    pub(crate) fn variables(self) -> impl Iterator<Item = &'static str> {
        let with_link: &[&str] = if self.carries_link() { &GIVEN_WITH_LINK } else { &[] };
        let own = self.own_variables().iter().map(|(name, _)| *name);
        GIVEN.iter().chain(with_link).copied().chain(own)
    }

    /// One of its files in a language.
    pub(crate) fn file(self, language: &Language, ending: &str) -> String {
        format!("{language}/{}.{ending}", self.name())
    }

    /// All of its files in a language.
    pub(crate) fn files(self, language: &Language) -> [String; 3] {
        ENDINGS.map(|ending| self.file(language, ending))
    }
}

/// Whether a folder of a language may have a file of this name.
pub(crate) fn is_file_name(name: &str) -> bool {
    let is_of_letter = |kind: LetterKind| {
        let ending = name.strip_prefix(kind.name()).and_then(|rest| rest.strip_prefix('.'));
        ending.is_some_and(|ending| ENDINGS.contains(&ending))
    };
    PARTS.contains(&name) || LetterKind::ALL.into_iter().any(is_of_letter)
}

/// The files that a folder of a language may have, in words.
pub(crate) fn file_names() -> String {
    let letters = LetterKind::ALL.map(LetterKind::name).join(", ");
    format!("{}, and .subject.txt, .txt and .html of {letters}", PARTS.join(", "))
}

/// A letter that is being written.
pub(crate) struct Pick<'a> {
    pub(crate) templates: &'a Templates,
    pub(crate) kind: LetterKind,
    pub(crate) language: &'a Language,
}

type Context = BTreeMap<&'static str, Value>;

impl Pick<'_> {
    pub(crate) fn write(&self, facts: &Facts) -> Result<Letter, TemplateError> {
        let mut context = self.context(facts)?;
        let name = self.kind.file(self.language, SUBJECT);
        let subject = self.fill(&name, &context)?.trim().to_owned();
        if subject.is_empty() || subject.contains(char::is_control) {
            return Err(TemplateError::NotALine { file: name });
        }
        context.insert("subject", Value::from(subject.clone()));
        let text = self.fill(&self.kind.file(self.language, "txt"), &context)?;
        let html = self.fill(&self.kind.file(self.language, "html"), &context)?;
        let text = format!("{}\n", text.trim_end());
        Ok(Letter { subject, text: text.into(), html: Some(html.into()) })
    }

    fn context(&self, facts: &Facts) -> Result<Context, TemplateError> {
        let mut context = Context::from([
            ("email", Value::from(facts.email.as_str())),
            ("language", Value::from(self.language.as_str())),
            ("product", Value::from(self.templates.product.as_str())),
        ]);
        context.extend(facts.own.iter().cloned());
        if let Some((link, minutes)) = &facts.link {
            context.insert("link", Value::from(link.as_str()));
            context.insert("minutes", Value::from(*minutes));
            context.insert("lifetime", self.part("lifetime.txt", &context)?);
            context.insert("link_hint", self.part("link_hint.txt", &context)?);
        }
        context.insert("footer", self.part("footer.txt", &context)?);
        Ok(context)
    }

    /// What letters have in common, in this language or else in the default.
    fn part(&self, file: &str, context: &Context) -> Result<Value, TemplateError> {
        let own = format!("{}/{file}", self.language);
        let name = if self.templates.has(&own) {
            own
        } else {
            format!("{}/{file}", self.templates.languages.default())
        };
        Ok(Value::from(self.fill(&name, context)?.trim()))
    }

    fn fill(&self, name: &str, context: &Context) -> Result<String, TemplateError> {
        let template = self.templates.environment.get_template(name)?;
        let values = context.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Ok(template.render(Value::from(values.collect::<BTreeMap<_, _>>()))?)
    }
}
