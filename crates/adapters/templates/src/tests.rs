use std::{fs, time::Duration};

use fastauth_domain::{
    email::EmailAddress,
    identifier::MailId,
    mail::{Link, Message},
    one_time::Nonce,
    time::Timestamp,
};
use tempfile::TempDir;

use super::*;

fn options() -> Options {
    Options {
        product: DisplayName::parse("Acme & Sons").unwrap(),
        language: language("en"),
        directory: None,
    }
}

fn language(tag: &str) -> Language {
    Language::parse(tag).unwrap()
}

/// A directory of templates with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

fn load(files: &[(&str, &str)]) -> Result<Templates, String> {
    let directory = directory(files);
    let options = Options { directory: Some(directory.path().to_owned()), ..options() };
    let root = directory.path().display().to_string();
    Templates::load(options).map_err(|error| error.to_string().replace(&root, ""))
}

fn mail(message: Message, tag: Option<&str>) -> Mail {
    Mail {
        account: None,
        id: MailId::from(uuid::Uuid::from_u128(1)),
        to: EmailAddress::parse("o'neil&co@example.com").unwrap(),
        message,
        language: tag.map(language),
        is_first_contact: false,
        client: None,
        created_at: Timestamp::from_unix_micros(0),
    }
}

fn reset(lifetime: Duration) -> Message {
    let expires_at = Timestamp::from_unix_micros(0).plus(lifetime);
    Message::ResetPassword(Link { nonce: Nonce::from_stored([7; 32]), expires_at })
}

fn written(templates: &Templates, mail: &Mail) -> (String, String, String) {
    let link = mail.message.link().map(|_| "https://x.org/reset?token=a&b=\"c".into());
    let Letter { subject, text, html } = templates.write(mail, link).unwrap();
    (subject, text.expose_secret().to_owned(), html.unwrap().expose_secret().to_owned())
}

#[test]
fn every_letter_is_built_in_in_every_language() {
    let templates = Templates::load(options()).unwrap();
    let samples = templates.samples().unwrap();
    assert_eq!(samples.len(), 2 * LetterKind::ALL.len());
    for (language, kind, letter) in samples {
        let html = letter.html.unwrap();
        assert!(html.expose_secret().contains(&format!("lang=\"{language}\"")), "{kind:?}");
        assert!(!letter.text.expose_secret().contains('<'), "{kind:?}");
        assert!(!letter.text.expose_secret().contains("&amp;"), "{kind:?}");
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere_when_a_letter_is_read() {
    for (_, kind, letter) in Templates::load(options()).unwrap().samples().unwrap() {
        let html = letter.html.unwrap().expose_secret().to_lowercase();
        for loader in ["<img", "<script", "<link", "url(", "@import", "src="] {
            assert!(!html.contains(loader), "{kind:?}: {loader}");
        }
    }
}

#[test]
fn what_is_filled_in_is_text_in_html_and_itself_in_text() {
    let templates = Templates::load(options()).unwrap();
    let (subject, text, html) = written(&templates, &mail(reset(Duration::from_hours(1)), None));
    assert_eq!(subject, "Choose a new password for Acme & Sons");
    assert!(text.contains("\nhttps://x.org/reset?token=a&b=\"c\n"), "{text}");
    assert!(html.contains("Acme &amp; Sons") && !html.contains("Acme & Sons"), "{html}");
    assert!(html.contains("token=a&amp;b=&quot;c") && !html.contains("b=\"c"), "{html}");
}

#[test]
fn how_long_a_link_works_is_said_in_words() {
    let templates = Templates::load(options()).unwrap();
    for (lifetime, en, de) in [
        (Duration::from_secs(10), "1 minute.", "1 Minute."),
        (Duration::from_mins(45), "45 minutes.", "45 Minuten."),
        (Duration::from_hours(1), "1 hour.", "1 Stunde."),
        (Duration::from_hours(24), "24 hours.", "24 Stunden."),
    ] {
        let (_, text, _) = written(&templates, &mail(reset(lifetime), Some("en")));
        assert!(text.contains(en), "{text}");
        let (_, text, _) = written(&templates, &mail(reset(lifetime), Some("de")));
        assert!(text.contains(de.trim_end_matches('.')), "{text}");
    }
}

#[test]
fn a_letter_is_in_the_language_closest_to_its_readers() {
    let templates = Templates::load(options()).unwrap();
    let subject = |tag| written(&templates, &mail(Message::PasswordChanged, tag)).0;
    assert_eq!(subject(Some("de-AT")), subject(Some("de")));
    assert_ne!(subject(Some("de")), subject(Some("en")));
    assert_eq!(subject(Some("fr")), subject(None));
    let options = Options { language: language("de"), ..options() };
    let german = Templates::load(options).unwrap();
    assert_eq!(written(&german, &mail(Message::PasswordChanged, None)).0, subject(Some("de")));
}

#[test]
fn one_file_can_be_replaced_and_the_others_stay() {
    let files = [("en/password_changed.subject.txt", "Changed at {{ product }}\n")];
    let templates = load(&files).unwrap();
    let (subject, text, _) = written(&templates, &mail(Message::PasswordChanged, None));
    assert_eq!(subject, "Changed at Acme & Sons");
    let built_in = Templates::load(options()).unwrap();
    assert_eq!(text, written(&built_in, &mail(Message::PasswordChanged, None)).1);
}

#[test]
fn a_language_can_be_added_letter_by_letter() {
    let templates = load(&[
        ("fr/password_changed.subject.txt", "Mot de passe modifié"),
        ("fr/password_changed.txt", "Bonjour."),
        ("fr/password_changed.html", "<p lang={{ language }}>Bonjour."),
    ])
    .unwrap();
    let (subject, text, html) = written(&templates, &mail(Message::PasswordChanged, Some("fr-CA")));
    assert_eq!((subject.as_str(), text.as_str()), ("Mot de passe modifié", "Bonjour.\n"));
    assert_eq!(html, "<p lang=fr>Bonjour.");
    let (subject, ..) = written(&templates, &mail(reset(Duration::from_hours(1)), Some("fr")));
    assert_eq!(subject, "Choose a new password for Acme & Sons");
}

#[test]
fn what_is_wrong_with_a_template_is_told_with_its_file_and_line() {
    let broken = |name, text| load(&[(name, text)]).unwrap_err();
    assert_eq!(
        broken("en/password_changed.txt", "Dear {{ nmae }},\n"),
        "en/password_changed.txt uses the variable nmae, which it is not given; it is given email, \
         footer, language, product, subject"
    );
    let unknown = broken("en/reset_password.txt", "{% if false %}{{ link.x }}{{ y }}{% endif %}");
    assert!(unknown.starts_with("en/reset_password.txt uses the variable y"), "{unknown}");
    let syntax = broken("de/verify_email.html", "<p>\n<b>{{ link }</b>");
    assert!(syntax.starts_with("de/verify_email.html, line 2: "), "{syntax}");
    let filter = broken("en/verify_email.html", "<p>\n\n{{ link|upside_down }}");
    assert!(filter.starts_with("en/verify_email.html, line 3: "), "{filter}");
    let missing = broken("layout.html", "{% extends 'nothing.html' %}");
    assert!(missing.contains("nothing.html"), "{missing}");
}

#[test]
fn a_letter_without_its_link_or_its_subject_is_refused() {
    let broken = |name, text| load(&[(name, text)]).unwrap_err();
    assert_eq!(
        broken("en/reset_password.txt", "Press the button."),
        "en/reset_password.txt does not show {{ link }}, without which its reader cannot do \
         anything"
    );
    for bad in ["", " \n", "one\ntwo"] {
        assert_eq!(
            broken("en/reset_password.subject.txt", bad),
            "en/reset_password.subject.txt must be one line that is not empty"
        );
    }
}

#[test]
fn a_file_that_would_be_passed_over_is_refused() {
    for name in ["en/verify_emial.txt", "en/password_changed.md", "de_CH/footer.txt", "notes.txt"] {
        let error = load(&[(name, "text")]).unwrap_err();
        assert!(error.contains("is no template: templates are layout.html"), "{error}");
    }
    assert_eq!(
        load(&[("fr/verify_email.txt", "{{ link }}")]).unwrap_err(),
        "fr/verify_email.subject.txt is missing: a letter needs its .subject.txt, its .txt and its \
         .html"
    );
    assert!(load(&[(".git/config", ""), ("en/.password_changed.txt.swp", "")]).is_ok());
}

#[test]
fn the_default_language_has_every_letter() {
    let error = Templates::load(Options { language: language("fr"), ..options() }).unwrap_err();
    assert!(error.to_string().starts_with("fr/verify_email.subject.txt is missing"), "{error}");
}
