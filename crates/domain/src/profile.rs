//! What a person is shown as.

use crate::{
    account::{self, ProfileChange},
    audit::{Event, EventKind},
    change::{Changes, Decision},
    identifier::AccountId,
    moment::Moment,
};

/// Decides to show a person as something else.
pub fn change(id: AccountId, profile: ProfileChange, moment: &mut Moment) -> Decision<()> {
    if profile.is_empty() {
        return Decision::unchanged(());
    }
    let changes = Changes::default()
        .with(account::Change::SetProfile { id, profile })
        .with(Event::new(EventKind::ProfileChanged, moment).about(id));
    Decision { changes, answer: () }
}
