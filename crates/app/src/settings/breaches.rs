//! Who is asked which passwords are known from breaches.

use fastauth_breaches::BreachSource;
use fastauth_domain::breaches::OutagePolicy;

use super::{
    form::{Form, Refused},
    problem::Problems,
    table::Configuration,
};

/// The URL of the service.
pub(super) struct BreachesUrl;

impl Form for BreachesUrl {
    type Value = BreachSource;

    fn words(&self) -> String {
        "an https:// URL, or an http:// URL of this machine".to_owned()
    }

    fn read(&self, text: &str) -> Result<BreachSource, Refused> {
        BreachSource::parse(text).map_err(|why| Refused::Because(why.to_string()))
    }

    fn show(&self, text: &str) -> Option<String> {
        // One that is refused may have a password in it.
        BreachSource::parse(text).ok().map(|_| text.to_owned())
    }
}

/// What becomes of a password when the service gives no answer.
pub(super) struct WhenUnanswered;

impl Form for WhenUnanswered {
    type Value = OutagePolicy;

    fn words(&self) -> String {
        "accept or refuse".to_owned()
    }

    fn read(&self, text: &str) -> Result<OutagePolicy, Refused> {
        match text {
            "accept" => Ok(OutagePolicy::Accept),
            "refuse" => Ok(OutagePolicy::Refuse),
            _ => Err(Refused::OtherForm),
        }
    }
}

impl Configuration {
    /// Whoever refuses what nobody can tell must have named somebody to ask.
    pub(super) fn check_breaches(&self, problems: &mut Problems) {
        let asks_nobody = self.breached_passwords_url.is_none();
        if asks_nobody && self.breached_passwords_outage == OutagePolicy::Refuse {
            problems.add(
                "BREACHED_PASSWORDS_OUTAGE is refuse, and BREACHED_PASSWORDS_URL is not set, so that \
                 nobody is asked: set it, or take the former out."
                    .to_owned(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    fn problem(settings: &Settings) -> String {
        let error = settings.resolve().unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        problem.to_string()
    }

    #[test]
    fn nobody_is_asked_unless_a_service_is_named() {
        let configuration = Settings::default().resolve().unwrap();
        assert_eq!(configuration.breached_passwords_url, None);
    }

    #[test]
    fn a_service_is_asked_in_secret_and_by_its_own_name() {
        let with = |url: &str| Settings::default().with("BREACHED_PASSWORDS_URL", url);
        assert!(with("https://api.pwnedpasswords.com").resolve().is_ok());
        assert!(with("http://127.0.0.1:8080").resolve().is_ok());
        assert_eq!(
            problem(&with("http://api.pwnedpasswords.com")),
            "BREACHED_PASSWORDS_URL in the program cannot be used: the URL of the service begins \
             with https://, unless it is on this machine."
        );
        let told = problem(&with("https://user:word@example.com"));
        assert!(!told.contains("word@"), "{told}");
    }

    #[test]
    fn whoever_refuses_during_an_outage_has_somebody_to_ask() {
        let with = |outage: &str| Settings::default().with("BREACHED_PASSWORDS_OUTAGE", outage);
        assert_eq!(
            problem(&with("ignore")),
            "BREACHED_PASSWORDS_OUTAGE in the program is ignore: it must be accept or refuse."
        );
        assert!(problem(&with("refuse")).contains("BREACHED_PASSWORDS_URL is not set"));
        let asked = with("refuse").with("BREACHED_PASSWORDS_URL", "https://api.pwnedpasswords.com");
        assert!(asked.resolve().is_ok());
    }
}
