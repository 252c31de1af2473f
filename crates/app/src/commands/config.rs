//! `fastauth config`

use fastauth::{
    key_file::KeyFile,
    settings::{Configuration, Database},
};

use super::{say, settings};
use crate::failure::Failure;

/// Prints every setting that counts, or says what is wrong.
pub(super) fn check() -> Result<(), Failure> {
    let settings = settings();
    let configuration = settings.resolve()?;
    let shown = settings.shown();
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let names = width(&mut shown.iter().map(|it| it.name.len()));
    let values = width(&mut shown.iter().map(|it| it.value.chars().count()));
    for it in shown {
        say(format_args!("{:names$}  {:values$}  {}", it.name, it.value, it.source))?;
    }
    say_key_file(&configuration)
}

/// Tells of the file that stands in for a secret that is not set.
fn say_key_file(configuration: &Configuration) -> Result<(), Failure> {
    let is_set = configuration.secret_key.is_some() || configuration.secret_key_file.is_some();
    let Database::Sqlite { file, .. } = &configuration.database else { return Ok(()) };
    if is_set {
        return Ok(());
    }
    let key_file = KeyFile::beside(file);
    let path = key_file.path().display();
    match key_file.open()? {
        Some(_) => say(format_args!("The secret is kept in {path}.")),
        None => say(format_args!("The first start makes a secret and keeps it in {path}.")),
    }
}
