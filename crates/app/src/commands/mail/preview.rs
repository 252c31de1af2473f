//! `fastauth mail preview`

use std::{fs, io, path::Path};

use fastauth::templates::Templates;
use secrecy::ExposeSecret;

use super::super::{configuration, say};
use crate::failure::Failure;

/// Writes each letter as HTML and as text, and a page that leads to all of them.
pub(super) fn run(out: &Path) -> Result<(), Failure> {
    let templates = Templates::load(configuration()?.templates())?;
    let samples = templates.samples()?;
    let mut links = Vec::new();
    for (language, kind, letter) in &samples {
        let name = format!("{language}-{}", kind.name());
        let html = letter.html.as_ref().map_or("", |html| html.expose_secret());
        write(out, &format!("{name}.html"), html)?;
        let text = format!("Subject: {}\n\n{}", letter.subject, letter.text.expose_secret());
        write(out, &format!("{name}.txt"), &text)?;
        links.push(format!(
            "<p><a href=\"{name}.html\">{name}</a> (<a href=\"{name}.txt\">text</a>)</p>"
        ));
    }
    let head = "<!doctype html>\n<meta charset=\"utf-8\">\n<title>Mails</title>";
    write(out, "index.html", &format!("{head}\n{}\n", links.join("\n")))?;
    let index = out.join("index.html");
    say(format_args!("{} mails are written. Open {}", samples.len(), index.display()))
}

fn write(out: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let path = out.join(name);
    let written: io::Result<()> = fs::create_dir_all(out).and_then(|()| fs::write(&path, text));
    written
        .map_err(|error| Failure::Other(format!("{} cannot be written: {error}", path.display())))
}
