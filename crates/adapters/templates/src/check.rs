//! Trying templates out before the first mail is written.

use std::collections::BTreeSet;

use fastauth_domain::language::{Language, Languages};
use secrecy::ExposeSecret;

use crate::{
    Templates,
    error::TemplateError,
    facts::{Facts, SAMPLE_TOKEN},
    letter::{LetterKind, Pick, SUBJECT},
};

/// Every number of minutes that languages may have words of their own for.
const LIFETIMES: [u64; 5] = [1, 2, 60, 90, 120];

/// The languages that there are letters in. The default has all of them.
pub(crate) fn languages<'a>(
    default: Language,
    files: impl Iterator<Item = &'a String>,
) -> Result<Languages, TemplateError> {
    let files: BTreeSet<&str> = files.map(String::as_str).collect();
    let folders = files.iter().filter_map(|name| name.split_once('/'));
    let tags: BTreeSet<&str> = folders.map(|(tag, _)| tag).collect();
    let all: Vec<Language> = tags.into_iter().filter_map(|it| Language::parse(it).ok()).collect();
    for language in all.iter().chain([&default]) {
        for kind in LetterKind::ALL {
            let names = kind.files(language);
            let there = names.iter().filter(|name| files.contains(name.as_str())).count();
            let missing = names.iter().find(|name| !files.contains(name.as_str()));
            if let Some(name) = missing.filter(|_| there > 0 || *language == default) {
                return Err(TemplateError::Missing { name: name.clone() });
            }
        }
    }
    Ok(Languages::new(default, all))
}

/// Writes every letter in every language, and sees that none asks for what it is not given.
pub(crate) fn every_template(templates: &Templates) -> Result<(), TemplateError> {
    for language in templates.languages.iter() {
        for kind in LetterKind::ALL {
            if templates.has(&kind.file(language, "txt")) {
                variables(templates, kind, language)?;
                letters(templates, kind, language)?;
            }
        }
    }
    Ok(())
}

/// Also in the branches that no example goes through.
fn variables(
    templates: &Templates,
    kind: LetterKind,
    language: &Language,
) -> Result<(), TemplateError> {
    for file in kind.files(language) {
        let is_subject = file == kind.file(language, SUBJECT);
        let own = kind.variables().chain((!is_subject).then_some("subject"));
        let given: BTreeSet<&str> = own.collect();
        let globals: BTreeSet<&str> = templates.environment.globals().map(|it| it.0).collect();
        let used = templates.environment.get_template(&file)?.undeclared_variables(false);
        let unknown = used
            .into_iter()
            .find(|it| !given.contains(it.as_str()) && !globals.contains(it.as_str()));
        if let Some(variable) = unknown {
            let given = given.into_iter().collect::<Vec<_>>().join(", ");
            return Err(TemplateError::UnknownVariable { file, variable, given });
        }
    }
    Ok(())
}

fn letters(
    templates: &Templates,
    kind: LetterKind,
    language: &Language,
) -> Result<(), TemplateError> {
    let pick = Pick { templates, kind, language };
    for minutes in LIFETIMES {
        let mut facts = Facts::sample(kind);
        if let Some((_, lifetime)) = &mut facts.link {
            *lifetime = minutes;
        }
        let letter = pick.write(&facts)?;
        let html = letter.html.as_ref().map_or("", |html| html.expose_secret());
        for (ending, said) in [("txt", letter.text.expose_secret()), ("html", html)] {
            if kind.carries_link() && !said.contains(SAMPLE_TOKEN) {
                return Err(TemplateError::NoLink { file: kind.file(language, ending) });
            }
        }
    }
    Ok(())
}
