//! FastAuth's mail, written from templates in [minijinja](https://docs.rs/minijinja)'s language, a
//! Jinja2.
//!
//! Built in are English (`en`) and German (`de`). Each file of a template can be replaced by one of
//! the same name in a directory, and languages added there. Everything is tried out before the first
//! mail is written: a template that is wrong is refused with its file and line.
//!
//! What HTML templates are given is escaped. Links are given to them; no template decides where one
//! leads.

mod built_in;
mod check;
mod directory;
mod error;
mod facts;
mod letter;

use std::path::PathBuf;

use fastauth_domain::{
    account::DisplayName,
    language::{Language, Languages},
    mail::Mail,
};
use fastauth_ports::{
    letters::{Letter, WriteLetters},
    unavailable::Unavailable,
};
use minijinja::{Environment, UndefinedBehavior};
use secrecy::{ExposeSecret, SecretString};

pub use self::{error::TemplateError, letter::LetterKind};
use self::{facts::Facts, letter::Pick};

/// What templates are made for.
#[derive(Clone, Debug)]
pub struct Options {
    /// What the product is called that sends the mail.
    pub product: DisplayName,
    /// For readers whose language is not known, or not there.
    pub language: Language,
    /// Where templates are that take the place of those built in.
    pub directory: Option<PathBuf>,
}

/// Writes mail from templates.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    languages: Languages,
    product: DisplayName,
}

impl Templates {
    /// Reads the templates, and tries each.
    pub fn load(options: Options) -> Result<Self, TemplateError> {
        let Options { product, language, directory } = options;
        let mut files = built_in::files();
        if let Some(directory) = &directory {
            files.extend(directory::read(directory)?);
        }
        let languages = check::languages(language, files.keys())?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for (name, text) in files {
            environment.add_template_owned(name, text)?;
        }
        let templates = Self { environment, languages, product };
        check::every_template(&templates)?;
        Ok(templates)
    }

    /// Each letter as it would look, in each language, to a made-up reader.
    pub fn samples(&self) -> Result<Vec<(Language, LetterKind, Letter)>, TemplateError> {
        let mut samples = Vec::new();
        for language in self.languages.iter() {
            for kind in LetterKind::ALL {
                let letter = self.letter(kind, Some(language), &Facts::sample(kind))?;
                samples.push((language.clone(), kind, letter));
            }
        }
        Ok(samples)
    }

    fn letter(
        &self,
        kind: LetterKind,
        wanted: Option<&Language>,
        facts: &Facts,
    ) -> Result<Letter, TemplateError> {
        let pick = Pick { templates: self, kind, language: self.language(kind, wanted) };
        pick.write(facts)
    }

    /// The language closest to the wanted one that has this letter.
    fn language(&self, kind: LetterKind, wanted: Option<&Language>) -> &Language {
        let there = self.languages.iter().filter(|it| self.has(&kind.file(it, "txt")));
        let there = Languages::new(self.languages.default().clone(), there.cloned());
        let closest = wanted.and_then(|wanted| there.closest(wanted));
        let chosen = closest.unwrap_or_else(|| there.default());
        self.languages.iter().find(|it| *it == chosen).unwrap_or_else(|| self.languages.default())
    }

    fn has(&self, name: &str) -> bool {
        self.environment.get_template(name).is_ok()
    }
}

impl WriteLetters for Templates {
    fn languages(&self) -> &Languages {
        &self.languages
    }

    fn write(&self, mail: &Mail, link: Option<SecretString>) -> Result<Letter, Unavailable> {
        let facts = Facts::of(mail, link.map(|link| link.expose_secret().to_owned()));
        self.letter(LetterKind::of(&mail.message), mail.language.as_ref(), &facts)
            .map_err(|error| Unavailable::new(error.to_string()))
    }
}

#[cfg(test)]
mod tests;
