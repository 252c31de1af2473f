//! Answers that are a sentence.

use serde::Serialize;
use utoipa::ToSchema;

/// What was done, or what to do next.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    /// A sentence for the person.
    pub(crate) message: &'static str,
}

impl Message {
    /// The body of an answer that says this.
    pub(crate) const fn new(message: &'static str) -> axum::Json<Self> {
        axum::Json(Self { message })
    }
}
