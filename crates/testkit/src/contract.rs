//! The contract of a store, as a list of sentences; each is a case in the file of its slice.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_debug_implementations,
    reason = "cases are tests: they fail by panicking, and their names say what they mean"
)]

pub mod account;
pub mod administrators;
pub mod audit;
pub mod commit;
pub mod delivery;
pub mod fault;
pub mod flows;
pub mod housekeeping;
pub mod limit;
pub mod mail;
pub mod mailer;
pub mod one_time;
pub mod pending_request;
pub mod race;
pub mod role;
pub mod session;
pub mod world;

/// Makes every case of the contract a test, for the store that the expression gives.
///
/// The expression is evaluated anew, in an `async` function, for each store that a case needs. It
/// gives something that implements [`TestedStore`](crate::store::TestedStore).
#[macro_export]
macro_rules! store_contract {
    ($fresh:expr $(,)?) => {
        $crate::__cases! { $fresh, account {
            a_new_account_is_read_back_whole
            an_unknown_address_has_no_account
            an_account_is_found_by_every_spelling_of_its_address
            a_taken_address_is_taken_in_every_spelling
            look_alike_addresses_are_other_people
            a_sign_in_is_noted_and_nothing_else
            a_sign_in_may_renew_the_hash_of_the_password
            a_new_password_moves_the_account_to_its_next_version
            the_first_proof_of_an_address_counts
            a_change_that_was_decided_on_another_version_is_refused
            a_change_concerns_one_account
            an_account_is_found_by_its_name
            accounts_are_listed_in_pages
            a_profile_changes_by_what_is_given
            a_new_address_takes_the_place_of_the_old
            a_taken_address_is_not_given_again
            of_many_who_want_one_address_one_gets_it
            a_closed_account_can_be_opened_again
            an_account_is_removed_with_its_sessions_and_tokens
        } }
        $crate::__cases! { $fresh, session {
            an_opened_session_is_read_back_whole_with_its_account
            an_unknown_session_is_not_found
            a_session_shows_its_account_as_it_is_now
            a_turn_moves_its_session_to_the_next_generation
            a_turn_from_another_generation_is_refused
            a_generation_is_left_once
            a_revoked_session_is_not_turned
            revoking_twice_is_revoking_once
            revoking_what_is_not_there_is_no_error
            a_revocation_leaves_other_sessions_alone
            revoking_all_leaves_the_sessions_of_others_alone
            revoking_the_others_leaves_one
            the_sessions_of_an_account_are_found_newest_first
            no_more_sessions_stay_alive_than_may
            of_many_sessions_opened_at_once_no_more_stay_alive_than_may
        } }
        $crate::__cases! { $fresh, role {
            a_new_role_is_read_back_whole
            an_unknown_role_is_not_found
            a_name_is_taken_once
            all_roles_are_listed_in_the_order_of_their_names
            a_role_permits_what_was_granted_and_not_withdrawn
            what_is_not_there_can_be_taken_away_and_not_be_given
            an_account_may_do_what_any_of_its_roles_permits
            nobody_is_told_of_an_account_that_is_not_there
            a_deleted_role_is_nobodys_and_comes_back_empty
            of_many_who_create_a_role_one_does
            no_assignment_outlives_its_role
        } }
        $crate::__cases! { $fresh, administrators {
            administrators_are_the_active_accounts_that_may_manage_roles
            the_guard_leaves_a_version_once
            of_two_administrators_who_remove_each_other_one_is_left
            whichever_way_the_last_administrators_are_removed_one_is_left
            of_a_crowd_of_administrators_who_remove_each_other_one_is_left
        } }
        $crate::__cases_of_each_kind! { $fresh, one_time {
            an_issued_token_is_read_back_whole_with_its_account
            an_unknown_token_is_not_found
            a_token_is_no_token_of_another_kind
            an_expired_token_is_found_but_not_spent
            a_token_is_spent_once
            a_token_that_was_never_issued_is_not_spent
            a_newer_token_takes_the_place_of_the_older
            issuing_leaves_other_kinds_and_other_accounts_alone
            spending_leaves_other_kinds_and_other_accounts_alone
            of_many_callers_one_spends_it
            of_many_issued_at_once_one_is_left
            a_first_token_does_not_take_the_place_of_another
            of_many_first_tokens_one_is_issued
            a_withdrawn_token_is_not_spent
            only_an_expired_token_is_withdrawn_for_that
            the_unspent_tokens_of_an_account_are_found
        } }
        $crate::__cases! { $fresh, pending_request {
            every_request_is_read_back_whole
            the_oldest_requests_are_read_first_and_no_more_than_asked_for
            the_oldest_registration_is_found_by_its_address
            a_request_is_settled_once
            of_many_who_attend_to_a_request_one_does
        } }
        $crate::__cases! { $fresh, delivery {
            a_mail_is_followed_from_the_queue_to_where_it_was_handed_over
            an_unknown_mail_has_no_history
            a_notice_moves_a_mail_on_and_never_back
            a_suppression_holds_for_one_address_until_it_is_lifted
            mails_are_found_by_address_and_by_state
            a_settled_mail_can_be_sent_again_and_be_forgotten
            all_mail_about_an_account_is_forgotten
        } }
        $crate::__cases! { $fresh, mail {
            every_message_is_handed_out_as_it_was_stored
            an_empty_outbox_hands_out_nothing
            the_mail_that_has_waited_longest_goes_first
            no_more_is_handed_out_than_asked_for
            a_claimed_mail_is_nobody_elses_until_its_lease_ends
            a_mail_that_is_done_with_is_not_handed_out_again
            a_mail_to_be_tried_again_is_due_then_and_not_before
            a_mail_that_was_tried_is_no_first_contact_any_more
            settling_what_is_settled_changes_nothing
            the_backlog_is_what_waits_and_since_when
            no_mail_is_handed_out_twice_however_many_ask
            nobody_leaves_empty_handed_while_there_is_mail_for_all
        } }
        mod limit {
            use super::*;
            $crate::limit_contract! { Some($fresh) }
        }
        $crate::__cases! { $fresh, audit {
            every_kind_of_event_is_kept_whole
            the_events_about_an_account_are_read_in_pages
            events_are_read_by_when_they_happened
            the_events_about_an_account_are_removed
        } }
        $crate::__cases! { $fresh, housekeeping {
            everything_that_is_dead_is_removed_and_all_that_lives_is_left
            what_lives_still_works
            what_came_to_its_end_at_the_horizon_is_removed_and_not_what_did_later
            no_more_is_removed_than_asked_for
            what_many_remove_at_once_is_removed_once
            a_session_that_is_used_meanwhile_stays
            a_token_that_is_issued_anew_meanwhile_stays
            where_an_event_came_from_is_forgotten_and_the_event_is_not
        } }
        $crate::__cases! { $fresh, commit {
            an_empty_list_is_committed
            changes_are_applied_in_their_order
            the_first_conflict_is_the_one_that_is_told
            nothing_is_written_wherever_the_conflict_stands
            a_list_is_stored_once_however_often_it_is_committed
            another_instance_sees_at_once_what_was_committed
            nobody_sees_half_of_a_list
        } }
        $crate::__cases! { $fresh, race {
            of_many_registrations_of_one_address_one_is_stored
            of_many_turns_of_one_session_one_is_stored
            of_many_new_passwords_one_is_stored
            of_many_resets_by_one_token_one_is_stored
            a_turn_does_not_outlive_a_revocation
            a_renewed_hash_does_not_outlive_a_new_password
            no_session_outlives_a_password_reset
            lists_that_do_not_concern_each_other_are_all_stored
        } }
        $crate::__twin_cases! { $fresh, fault {
            a_registration_is_whole_or_nothing
            a_registration_to_be_verified_is_whole_or_nothing
            a_repeated_registration_is_whole_or_nothing
            a_sign_in_is_whole_or_nothing
            a_refused_sign_in_is_whole_or_nothing
            a_refresh_is_whole_or_nothing
            the_end_of_a_stolen_session_is_whole_or_nothing
            a_logout_is_whole_or_nothing
            a_request_for_a_reset_is_whole_or_nothing
            attending_to_a_request_is_whole_or_nothing
            a_reset_is_whole_or_nothing
            a_request_for_a_verification_is_whole_or_nothing
            a_verification_is_whole_or_nothing
            a_new_password_is_whole_or_nothing
            a_request_for_another_address_is_whole_or_nothing
            a_change_of_address_is_whole_or_nothing
            a_change_of_address_is_taken_back_whole_or_not_at_all
            closing_an_account_is_whole_or_nothing
            erasing_a_person_is_whole_or_nothing
            ending_other_sessions_is_whole_or_nothing
            the_making_of_an_administrator_is_whole_or_nothing
            the_end_of_a_role_is_whole_or_nothing
        } }
    };
}

/// Makes every case of the contract of limits a test, for whatever the expression gives that counts.
///
/// The expression is evaluated anew, in an `async` function, for each case. It gives an `Option` of
/// something that implements [`TestedLimits`](crate::limits::TestedLimits): `None` where there is nothing
/// to count in, and the case passes untested.
#[macro_export]
macro_rules! limit_contract {
    ($fresh:expr $(,)?) => {
        $crate::__limit_cases! { $fresh,
            as_many_attempts_come_through_as_there_is_room_for
            a_bucket_that_was_not_used_has_room_for_all_and_not_for_more
            names_that_differ_are_counted_apart
            an_attempt_counts_in_every_bucket_or_in_none
            of_many_attempts_at_once_no_more_come_through_than_there_is_room_for
            of_many_guesses_at_once_no_more_are_looked_at_than_there_is_room_for
            it_is_told_which_bucket_is_full
            nobody_waits_for_a_clock_that_was_set_back
            what_was_counted_is_forgotten
            an_attempt_is_given_back
            what_is_not_there_can_be_forgotten_and_given_back
        }
    };
}

/// Cases that need something that counts.
#[doc(hidden)]
#[macro_export]
macro_rules! __limit_cases {
    ($fresh:expr, $($case:ident)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            let fresh: Option<_> = $fresh;
            if let Some(limits) = fresh {
                $crate::contract::limit::$case(&limits).await;
            }
        }
    )+};
}

/// Makes every case of the mailers' contract a test, for the mailer that the expression gives.
///
/// The expression is evaluated anew, in an `async` function, for each case. It gives an `Option` of
/// something that implements [`TestedMailer`](crate::mailer::TestedMailer): `None` where nobody can be
/// at the other end, and the case passes untested.
#[macro_export]
macro_rules! mailer_contract {
    ($fresh:expr $(,)?) => {
        $crate::__mailer_cases! { $fresh,
            a_mail_arrives_once_at_its_one_recipient
            what_a_mail_says_arrives_whole
            a_mail_without_html_arrives_without_html
            every_mail_arrives_at_its_own_recipient
            a_repeat_is_known_by_its_identifier
            a_name_cannot_break_out_of_its_header
            a_subject_cannot_break_out_of_its_header
            a_refusal_for_now_is_temporary_and_one_for_good_is_not
        }
    };
}

/// Cases that need a mailer.
#[doc(hidden)]
#[macro_export]
macro_rules! __mailer_cases {
    ($fresh:expr, $($case:ident)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $case() {
            let fresh: Option<_> = $fresh;
            if let Some(mailer) = fresh {
                $crate::contract::mailer::$case(&mailer).await;
            }
        }
    )+};
}

/// Cases that need one store.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ($fresh:expr, $slice:ident { $($case:ident)+ }) => {
        mod $slice {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let world = $crate::contract::world::World::new($fresh);
                    $crate::contract::$slice::$case(&world).await;
                }
            )+
        }
    };
}

/// Cases that need two stores: one that something happens to, and one that is spared.
#[doc(hidden)]
#[macro_export]
macro_rules! __twin_cases {
    ($fresh:expr, $slice:ident { $($case:ident)+ }) => {
        mod $slice {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let world = $crate::contract::world::World::new($fresh);
                    let spared = $crate::contract::world::World::new($fresh);
                    $crate::contract::$slice::$case(&world, &spared).await;
                }
            )+
        }
    };
}

/// Cases that every kind of one-time token must pass, in a module for each kind.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases_of_each_kind {
    ($fresh:expr, $slice:ident $cases:tt) => {
        mod $slice {
            use super::*;
            $crate::__each_kind! { $crate::__cases_of_kind, $fresh, $slice $cases }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __cases_of_kind {
    ([$($kind:ident $module:ident)+] $fresh:expr, $slice:ident $cases:tt) => {$(
        $crate::__cases_of_kind! { $kind $module $fresh, $slice $cases }
    )+};
    ($kind:ident $module:ident $fresh:expr, $slice:ident { $($case:ident)+ }) => {
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let world = $crate::contract::world::World::new($fresh);
                    let kind = $crate::contract::one_time::Kind::$kind;
                    $crate::contract::$slice::$case(&world, kind).await;
                }
            )+
        }
    };
}

/// The kinds of one-time tokens, with the module that their tests are in.
#[doc(hidden)]
#[macro_export]
macro_rules! __each_kind {
    ($macro:path $(, $($arguments:tt)*)?) => {
        $macro! { [
            EmailVerification email_verification
            PasswordReset password_reset
            EmailChange email_change
            EmailRevert email_revert
        ] $($($arguments)*)? }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_in_the_contract() {
        let contract = include_str!("contract.rs");
        for slice in [
            include_str!("contract/account.rs"),
            include_str!("contract/administrators.rs"),
            include_str!("contract/audit.rs"),
            include_str!("contract/commit.rs"),
            include_str!("contract/delivery.rs"),
            include_str!("contract/fault.rs"),
            include_str!("contract/housekeeping.rs"),
            include_str!("contract/limit.rs"),
            include_str!("contract/mail.rs"),
            include_str!("contract/mailer.rs"),
            include_str!("contract/one_time.rs"),
            include_str!("contract/pending_request.rs"),
            include_str!("contract/race.rs"),
            include_str!("contract/role.rs"),
            include_str!("contract/session.rs"),
        ] {
            for line in slice.lines() {
                let case = line.strip_prefix("pub async fn ").and_then(|line| line.split_once('('));
                if let Some((case, _)) = case {
                    assert!(contract.lines().any(|line| line.trim() == case), "{case}");
                }
            }
        }
    }
}
