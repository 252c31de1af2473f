//! Reading JSON bodies: each member is parsed into what it means, and all that is wrong is told at
//! once.

mod depth;

use std::error::Error;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use secrecy::SecretString;
use serde_json::{Map, Value};
use tokio::time::error::Elapsed;

use self::depth::{MAX_DEPTH, is_deeper_than};
use crate::{
    field_error::{FieldError, INVALID_TYPE, MISSING},
    problem::{
        BAD_REQUEST, MALFORMED_JSON, PAYLOAD_TOO_LARGE, Problem, REQUEST_TIMEOUT,
        UNSUPPORTED_MEDIA_TYPE,
    },
};

/// Bytes that a body may have.
pub(crate) const MAX_BODY: usize = 64 * 1_024;

/// A request body that can be read from the members of a JSON object.
pub(crate) trait FromMembers: Sized {
    /// Reads the members, all of them before the first that is wrong ends it.
    fn from_members(members: &mut Members) -> Result<Self, Noted>;
}

/// Extracts a JSON body.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: FromMembers> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "the body must be sent as application/json";
            return Err(Problem::new(&UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let body =
            Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        if is_deeper_than(MAX_DEPTH, &body) {
            let detail = format!("the body is nested more than {MAX_DEPTH} levels deep");
            return Err(Problem::new(&MALFORMED_JSON, detail));
        }
        let value: Value = serde_json::from_slice(&body).map_err(|error| {
            Problem::new(&MALFORMED_JSON, format!("the body is not JSON: {error}"))
        })?;
        let Value::Object(object) = value else {
            let error = FieldError::new("body", &INVALID_TYPE, "must be a JSON object");
            return Err(Problem::invalid(vec![error]));
        };
        let mut members = Members { object, errors: Vec::new() };
        match T::from_members(&mut members) {
            Ok(body) => Ok(Self(body)),
            Err(Noted) => Err(Problem::invalid(members.errors)),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

/// A body that could not be received.
fn unread(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(&PAYLOAD_TOO_LARGE, format!("the body has more than {MAX_BODY} bytes"))
    } else if is_late(rejection) {
        Problem::new(&REQUEST_TIMEOUT, "the body did not come in time")
    } else {
        Problem::new(&BAD_REQUEST, "the body could not be received")
    }
}

fn is_late(rejection: &BytesRejection) -> bool {
    std::iter::successors(Some(rejection as &dyn Error), |&error| error.source())
        .any(<dyn Error>::is::<Elapsed>)
}

/// A member is missing or wrong, and that has been noted.
pub(crate) struct Noted;

/// The members of a JSON object, and what is wrong with them. Unknown members are left alone.
pub(crate) struct Members {
    object: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Members {
    /// A text that must be there, parsed into what it means.
    pub(crate) fn required<T>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(String) -> Result<T, FieldError>,
    ) -> Result<T, Noted> {
        match self.object.remove(field) {
            Some(Value::String(text)) => self.note(parse(text)),
            Some(_) => self.note(Err(FieldError::new(field, &INVALID_TYPE, "must be a string"))),
            None => self.note(Err(FieldError::new(field, &MISSING, "is missing"))),
        }
    }

    /// A text that may be missing or `null`, parsed into what it means.
    pub(crate) fn optional<T>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(String) -> Result<T, FieldError>,
    ) -> Result<Option<T>, Noted> {
        match self.object.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.required(field, parse).map(Some),
        }
    }

    /// A text that is to be different: `Some(None)` if it is `null`, `None` if it is missing.
    #[expect(clippy::option_option, reason = "missing and `null` are not the same")]
    pub(crate) fn change<T>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(String) -> Result<T, FieldError>,
    ) -> Result<Option<Option<T>>, Noted> {
        match self.object.get(field) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(_) => self.required(field, parse).map(|value| Some(Some(value))),
        }
    }

    /// A list of texts that must be there, each parsed into what it means.
    pub(crate) fn list<T, L: FromIterator<T>>(
        &mut self,
        field: &'static str,
        parse: impl Fn(&str) -> Result<T, FieldError>,
    ) -> Result<L, Noted> {
        let wrong = || FieldError::new(field, &INVALID_TYPE, "must be a list of strings");
        let parsed = match self.object.get(field) {
            Some(Value::Array(values)) => {
                values.iter().map(|value| parse(value.as_str().ok_or_else(wrong)?)).collect()
            }
            Some(_) => Err(wrong()),
            None => Err(FieldError::new(field, &MISSING, "is missing")),
        };
        self.note(parsed)
    }

    /// A list of texts that may be missing or `null`, which means an empty one.
    pub(crate) fn optional_list<T, L: FromIterator<T>>(
        &mut self,
        field: &'static str,
        parse: impl Fn(&str) -> Result<T, FieldError>,
    ) -> Result<L, Noted> {
        match self.object.get(field) {
            None | Some(Value::Null) => Ok(L::from_iter([])),
            Some(_) => self.list(field, parse),
        }
    }

    /// A secret that must be there; whatever it is.
    pub(crate) fn secret(&mut self, field: &'static str) -> Result<SecretString, Noted> {
        self.required(field, |text| Ok(SecretString::from(text)))
    }

    /// A yes or no that may be missing or `null`, which means no.
    pub(crate) fn flag(&mut self, field: &'static str) -> Result<bool, Noted> {
        match self.object.get(field) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => {
                self.note(Err(FieldError::new(field, &INVALID_TYPE, "must be true or false")))
            }
        }
    }

    fn note<T>(&mut self, parsed: Result<T, FieldError>) -> Result<T, Noted> {
        parsed.map_err(|error| {
            self.errors.push(error);
            Noted
        })
    }
}
