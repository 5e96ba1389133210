//! What straddle can find in two OpenAPI contracts, beside what their schemas allow: a rule each.

pub(in crate::contract::openapi) mod body_required;
pub(in crate::contract::openapi) mod body_unknown;
pub(in crate::contract::openapi) mod default_changed;
pub(in crate::contract::openapi) mod discriminator_changed;
pub(in crate::contract::openapi) mod extensible_enum_changed;
pub(in crate::contract::openapi) mod format_changed;
pub(in crate::contract::openapi) mod header_missing;
pub(in crate::contract::openapi) mod media_type_missing;
pub(in crate::contract::openapi) mod media_type_refused;
pub(in crate::contract::openapi) mod null_for_absent;
pub(in crate::contract::openapi) mod operation_missing;
pub(in crate::contract::openapi) mod parameter_required;
pub(in crate::contract::openapi) mod parameter_style_changed;
pub(in crate::contract::openapi) mod parameter_unknown;
pub(in crate::contract::openapi) mod schema_unsaid;
pub(in crate::contract::openapi) mod security_required;
pub(in crate::contract::openapi) mod status_missing;
pub(in crate::contract::openapi) mod status_unknown;

use super::compare::Noted;
use crate::model::Rule;

/// All rules of this family.
pub static ALL: &[&Rule] = &[
    &body_required::RULE,
    &body_unknown::RULE,
    &default_changed::RULE,
    &discriminator_changed::RULE,
    &extensible_enum_changed::RULE,
    &format_changed::RULE,
    &header_missing::RULE,
    &media_type_missing::RULE,
    &media_type_refused::RULE,
    &null_for_absent::RULE,
    &operation_missing::RULE,
    &parameter_required::RULE,
    &parameter_style_changed::RULE,
    &parameter_unknown::RULE,
    &schema_unsaid::RULE,
    &security_required::RULE,
    &status_missing::RULE,
    &status_unknown::RULE,
];
