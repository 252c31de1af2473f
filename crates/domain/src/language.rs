//! Languages: which one a person reads, and which of those there are comes closest.

/// The most characters a tag may have, as RFC 5646 section 4.4.1 recommends for fixed buffers.
const MAX_CHARS: usize = 35;
/// How many ranges of an `Accept-Language` header are looked at.
const MAX_RANGES: usize = 32;
/// A quality value of 1, in thousandths.
const FULL_QUALITY: u16 = 1_000;

/// A language, as a tag of BCP 47 (RFC 5646): `en`, `de-CH`, `zh-Hant-TW`.
///
/// The tag is well-formed and at most 35 characters long. Whether its parts are registered is not
/// looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(String);

/// The text is not a tag of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be the tag of a language, such as en or de-CH, of at most {MAX_CHARS} characters")]
pub struct InvalidLanguage;

impl Language {
    /// Reads a tag in any case, and writes it as RFC 5646 section 2.1.1 recommends.
    pub fn parse(input: &str) -> Result<Self, InvalidLanguage> {
        let is_subtag = |it: &str| {
            matches!(it.len(), 1..=8) && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let (first, _) = input.split_once('-').unwrap_or((input, ""));
        let is_language = first.len() >= 2 && first.bytes().all(|byte| byte.is_ascii_alphabetic());
        // What a single letter introduces has to follow it.
        let is_complete = input.rsplit('-').next().is_some_and(|last| last.len() > 1);
        let is_tag = is_language && is_complete && input.split('-').all(is_subtag);
        if is_tag && input.len() <= MAX_CHARS {
            Ok(Self(in_conventional_case(input)))
        } else {
            Err(InvalidLanguage)
        }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same with less and less said, down to the language alone (RFC 4647 section 3.4).
    fn narrow_to_wide(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |tag| {
            let (wider, _) = tag.rsplit_once('-')?;
            // A single letter introduces what was just taken away.
            match wider.rsplit_once('-') {
                Some((widest, introducer)) if introducer.len() == 1 => Some(widest),
                _ => Some(wider),
            }
        })
    }

    /// Whether this says the same as a range, or more (RFC 4647 section 3.3.1).
    fn is_within(&self, range: &Self) -> bool {
        let rest = self.0.strip_prefix(&range.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower case, but for regions (`DE`) and scripts (`Hant`) before the first single letter.
fn in_conventional_case(tag: &str) -> String {
    let mut is_first = true;
    let mut is_extended = false;
    let mut written = Vec::new();
    for subtag in tag.split('-') {
        let mut subtag = subtag.to_ascii_lowercase();
        is_extended |= subtag.len() == 1;
        match subtag.len() {
            _ if is_first || is_extended => {}
            2 => subtag.make_ascii_uppercase(),
            4 => {
                if let Some(initial) = subtag.get_mut(..1) {
                    initial.make_ascii_uppercase();
                }
            }
            _ => {}
        }
        is_first = false;
        written.push(subtag);
    }
    written.join("-")
}

/// The languages that something is offered in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Languages {
    default: Language,
    others: Vec<Language>,
}

impl Languages {
    /// These languages, of which the first is for everybody whose own is not among them.
    pub fn new(default: Language, others: impl IntoIterator<Item = Language>) -> Self {
        let others = others.into_iter().filter(|it| *it != default).collect();
        Self { default, others }
    }

    /// For everybody whose own is not there.
    pub const fn default(&self) -> &Language {
        &self.default
    }

    /// Each of them, the default first.
    pub fn iter(&self) -> impl Iterator<Item = &Language> {
        std::iter::once(&self.default).chain(&self.others)
    }

    /// The one that is closest to what somebody reads: `de` for `de-AT`. RFC 4647 section 3.4.
    pub fn closest(&self, wanted: &Language) -> Option<&Language> {
        wanted.narrow_to_wide().find_map(|tag| self.iter().find(|it| it.as_str() == tag))
    }

    /// The one that the sender of an `Accept-Language` header likes best (RFC 9110 section 12.5.4);
    /// `None` if the header names none of them. What cannot be read is passed over.
    pub fn preferred(&self, accept_language: &str) -> Option<&Language> {
        let mut ranges: Vec<Range> =
            accept_language.split(',').take(MAX_RANGES).filter_map(Range::parse).collect();
        ranges.sort_by_key(|range| std::cmp::Reverse(range.quality));
        let is_refused = |it: &Language| {
            let refusals = ranges.iter().filter(|range| range.quality == 0);
            refusals.filter_map(|range| range.language.as_ref()).any(|range| it.is_within(range))
        };
        ranges.iter().filter(|range| range.quality > 0).find_map(|range| match &range.language {
            Some(wanted) => self.closest(wanted).filter(|it| !is_refused(it)),
            None => self.iter().find(|it| !is_refused(it)),
        })
    }
}

/// An element of an `Accept-Language` header.
struct Range {
    /// `None` stands for any.
    language: Option<Language>,
    /// In thousandths; 0 is a refusal.
    quality: u16,
}

impl Range {
    fn parse(element: &str) -> Option<Self> {
        let (tag, weight) = match element.split_once(';') {
            Some((tag, weight)) => (tag, Some(weight.trim())),
            None => (element, None),
        };
        let language = match tag.trim() {
            "*" => None,
            tag => Some(Language::parse(tag).ok()?),
        };
        Some(Self { language, quality: weight.map_or(Some(FULL_QUALITY), quality)? })
    }
}

/// `q=`, and a number from 0 to 1 with at most three decimals (RFC 9110 section 12.4.2).
fn quality(weight: &str) -> Option<u16> {
    let number = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="))?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok().filter(|_| is_number)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(FULL_QUALITY),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn language(tag: &str) -> Language {
        Language::parse(tag).unwrap()
    }

    fn offered() -> Languages {
        Languages::new(language("en"), ["de", "pt-BR", "zh-Hant"].map(language))
    }

    fn preferred(header: &str) -> Option<String> {
        offered().preferred(header).map(ToString::to_string)
    }

    #[test]
    fn a_tag_is_read_in_any_case_and_written_in_one() {
        for (typed, written) in [
            ("EN", "en"),
            ("de-at", "de-AT"),
            ("ZH-hANT-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("sl-rozaj-biske", "sl-rozaj-biske"),
            ("en-a-BBB-x-US", "en-a-bbb-x-us"),
        ] {
            assert_eq!(language(typed).as_str(), written);
        }
    }

    #[test]
    fn what_is_not_the_tag_of_a_language_is_refused() {
        let long = ["en", "abcdefgh", "abcdefgh", "abcdefgh", "abcdefghi"].join("-");
        for bad in [
            "",
            "e",
            "-",
            "en-",
            "-en",
            "en--us",
            "e1",
            "en_US",
            "x-private",
            "en-x",
            "*",
            "en us",
            &long,
        ] {
            assert_eq!(Language::parse(bad), Err(InvalidLanguage), "{bad:?}");
        }
        assert!(Language::parse("en-abcdefgh-abcdefgh-abcdefgh-abcde").is_ok());
        assert!(Language::parse("en-abcdefgh-abcdefgh-abcdefgh-abcdef").is_err());
    }

    #[test]
    fn the_closest_language_says_the_same_or_less() {
        let offered = offered();
        let closest = |tag| offered.closest(&language(tag)).map(Language::as_str);
        assert_eq!(closest("de-CH-1996"), Some("de"));
        assert_eq!(closest("zh-Hant-x-any"), Some("zh-Hant"));
        assert_eq!(closest("pt"), None);
        assert_eq!(closest("fr"), None);
    }

    #[test]
    fn the_header_is_read_by_quality_and_then_by_order() {
        assert_eq!(preferred("de, en;q=0.8").as_deref(), Some("de"));
        assert_eq!(preferred("en;q=0.8, de-AT;q=0.9").as_deref(), Some("de"));
        assert_eq!(preferred("fr, da;q=0.9, pt-br;q=0.1").as_deref(), Some("pt-BR"));
        assert_eq!(preferred("de;q=0.5,en;q=0.5").as_deref(), Some("de"));
        assert_eq!(preferred("fr, *;q=0.5").as_deref(), Some("en"));
        assert_eq!(preferred("*, en;q=0").as_deref(), Some("de"));
        assert_eq!(preferred("de-AT, de;q=0"), None);
        assert_eq!(preferred("fr"), None);
        assert_eq!(preferred(""), None);
    }

    #[test]
    fn what_cannot_be_read_in_the_header_is_passed_over() {
        assert_eq!(preferred("??;;, e, de;q=2, de;q=0.1234, de;x=1, en").as_deref(), Some("en"));
        assert_eq!(preferred("de;q=1.000").as_deref(), Some("de"));
        assert_eq!(preferred("de ; q=0.3 , en ;q=0.2").as_deref(), Some("de"));
        let many = format!("{}de", "fr,".repeat(MAX_RANGES));
        assert_eq!(preferred(&many), None);
    }

    proptest! {
        #[test]
        fn any_header_names_a_language_or_none(header in any::<String>()) {
            let _ = offered().preferred(&header);
        }

        #[test]
        fn a_tag_that_was_read_is_read_as_itself(tag in "[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8}){0,3}") {
            if let Ok(language) = Language::parse(&tag) {
                prop_assert_eq!(Language::parse(language.as_str()), Ok(language));
            }
        }
    }
}
