//! Text of others, made fit for a terminal.

/// The same text, of which nothing moves a cursor, changes a colour or turns the direction of writing: each
/// such character is shown as `�`.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_command(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Whether a terminal does something at this character instead of showing it: control characters, the ends
/// of lines and paragraphs, and what turns the direction (UAX #9).
pub(crate) fn is_command(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_not_shown_to_it() {
        assert_eq!(printable("Ada\u{1b}[31m\r\n\u{9b}2J\u{7f}"), "Ada�[31m���2J�");
        assert_eq!(printable("gpj.\u{202e}exe"), "gpj.�exe");
        assert_eq!(printable("Ада Лавлейс, 李, é"), "Ада Лавлейс, 李, é");
    }
}
