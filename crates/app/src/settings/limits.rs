//! Where attempts are counted.

use secrecy::SecretString;

use super::{
    database::without_credentials,
    form::{Form, Refused},
};

/// A server that attempts are counted in.
#[derive(Clone, Debug)]
pub struct RedisServer {
    /// As the adapter takes it, with the password.
    pub url: SecretString,
    /// The same without user and password.
    pub shown: String,
}

/// The form of `REDIS_URL`.
pub(super) struct RedisUrl;

impl Form for RedisUrl {
    type Value = RedisServer;

    fn words(&self) -> String {
        "redis://<user>:<password>@<host>:<port>, or rediss:// over TLS".to_owned()
    }

    #[cfg(feature = "redis")]
    fn read(&self, text: &str) -> Result<RedisServer, Refused> {
        match fastauth_redis::RedisUrl::parse(text) {
            Ok(_) => Ok(RedisServer { url: text.into(), shown: without_credentials(text) }),
            Err(_) => Err(Refused::OtherForm),
        }
    }

    #[cfg(not(feature = "redis"))]
    fn read(&self, _: &str) -> Result<RedisServer, Refused> {
        Err(Refused::Because("Redis is not built in".to_owned()))
    }

    fn show(&self, text: &str) -> Option<String> {
        Some(without_credentials(text))
    }
}

#[cfg(all(test, feature = "redis"))]
mod tests {
    use crate::settings::Settings;

    #[test]
    fn a_server_is_named_and_its_password_is_not_shown() {
        let with = |url: &str| Settings::default().with("REDIS_URL", url).resolve();
        let configuration = with("rediss://:p@ss@cache:6380/1").unwrap();
        assert!(!format!("{configuration:?}").contains("p@ss"));
        let refused = with("http://:p@ss@cache").unwrap_err().to_string();
        assert!(refused.contains("REDIS_URL in the program is http://(hidden)@cache"), "{refused}");
        assert!(!refused.contains("p@ss"), "{refused}");
        assert!(Settings::default().resolve().unwrap().redis.is_none());
    }
}
