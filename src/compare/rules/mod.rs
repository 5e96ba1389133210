//! The rules, one file each, in the order in which they are asked: at each place the first that matches speaks.
//!
//! A rule is a static [`Rule`] and a pure function beside it. From this one list follow
//! `straddle rules`, `straddle explain`, the page in the docs and the tests that hold every rule to a fixture pair.

use super::spot::{Hit, Reader, Spoken, Spot, What};
use crate::model::{At, Direction, Rule};

/// Declares the modules of all rules, and the two lists that everything else uses.
macro_rules! rules {
    ($($module:ident),+ $(,)?) => {
        $(mod $module;)+

        /// All rules in the order in which they are asked.
        pub static ALL: &[&Rule] = &[$(&$module::RULE),+];

        /// Asks the rules one after the other.
        fn ask(spot: &Spot<'_>) -> Option<(&'static Rule, Hit)> {
            $(if let Some(hit) = $module::check(spot) {
                return Some((&$module::RULE, hit));
            })+
            None
        }
    };
}

rules! {
    fault,
    improved,
    operation_missing,
    status_changed,
    grpc_method_missing,
    grpc_status_changed,
    grpc_details_changed,
    content_type_changed,
    header_removed,
    type_changed,
    field_removed,
    field_added,
    null_introduced,
    emptied,
    rows_changed,
    enum_widened,
    format_changed,
    value_changed,
    order_changed,
    error_shape_changed,
    body_changed,
    process_died,
    process_logged_panic,
    effects_changed,
    migration_failed,
    down_failed,
    down_missing,
    data_lost,
    key_shared,
    refuses_to_start,
    needs_migration,
    rows_at_risk,
    dropped,
    acceptance_expired,
    acceptance_unused,
}

/// What the rules say of something that no reply shows: of a process, a store, a migration.
pub fn beyond_replies(what: What<'_>, direction: Direction) -> Option<(&'static Rule, Hit)> {
    first(&Spot {
        at: At::Reply,
        direction,
        failing: false,
        used: false,
        sent: false,
        spoken: Spoken::Http,
        reader: Reader::default(),
        what,
    })
}

/// The first rule that matches at this place, and what it says.
pub fn first(spot: &Spot<'_>) -> Option<(&'static Rule, Hit)> {
    let body = matches!(spot.what, What::Value { .. } | What::Rows { .. } | What::Order | What::NoBody);
    if spot.failing && body {
        // Bodies of errors differ in one way only.
        return error_shape_changed::check(spot).map(|hit| (&error_shape_changed::RULE, hit));
    }
    ask(spot)
}
