//! The templates that come with the program.

use std::collections::BTreeMap;

/// Each file, by its name in the directory of templates.
pub(crate) fn files() -> BTreeMap<String, String> {
    FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

macro_rules! files {
    ($($name:literal)+) => {
        &[$(($name, include_str!(concat!("../templates/", $name)))),+]
    };
}

const FILES: &[(&str, &str)] = files![
    "de/account_closed.html"
    "de/account_closed.subject.txt"
    "de/account_closed.txt"
    "de/already_registered.html"
    "de/already_registered.subject.txt"
    "de/already_registered.txt"
    "de/email_change.html"
    "de/email_change.subject.txt"
    "de/email_change.txt"
    "de/email_change_notice.html"
    "de/email_change_notice.subject.txt"
    "de/email_change_notice.txt"
    "de/email_change_repeated.html"
    "de/email_change_repeated.subject.txt"
    "de/email_change_repeated.txt"
    "de/footer.txt"
    "de/lifetime.txt"
    "de/link_hint.txt"
    "de/new_sign_in.html"
    "de/new_sign_in.subject.txt"
    "de/new_sign_in.txt"
    "de/password_changed.html"
    "de/password_changed.subject.txt"
    "de/password_changed.txt"
    "de/reset_password.html"
    "de/reset_password.subject.txt"
    "de/reset_password.txt"
    "de/session_stolen.html"
    "de/session_stolen.subject.txt"
    "de/session_stolen.txt"
    "de/verify_email.html"
    "de/verify_email.subject.txt"
    "de/verify_email.txt"
    "en/account_closed.html"
    "en/account_closed.subject.txt"
    "en/account_closed.txt"
    "en/already_registered.html"
    "en/already_registered.subject.txt"
    "en/already_registered.txt"
    "en/email_change.html"
    "en/email_change.subject.txt"
    "en/email_change.txt"
    "en/email_change_notice.html"
    "en/email_change_notice.subject.txt"
    "en/email_change_notice.txt"
    "en/email_change_repeated.html"
    "en/email_change_repeated.subject.txt"
    "en/email_change_repeated.txt"
    "en/footer.txt"
    "en/lifetime.txt"
    "en/link_hint.txt"
    "en/new_sign_in.html"
    "en/new_sign_in.subject.txt"
    "en/new_sign_in.txt"
    "en/password_changed.html"
    "en/password_changed.subject.txt"
    "en/password_changed.txt"
    "en/reset_password.html"
    "en/reset_password.subject.txt"
    "en/reset_password.txt"
    "en/session_stolen.html"
    "en/session_stolen.subject.txt"
    "en/session_stolen.txt"
    "en/verify_email.html"
    "en/verify_email.subject.txt"
    "en/verify_email.txt"
    "layout.html"
    "layout.txt"
];
