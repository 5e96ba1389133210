//! What a generation of the shop says and does, fault by fault: the one place where a fault's name becomes behaviour. Server
//! and client both ask here. Its main type is [`Dialect`].

use clap::ValueEnum;

use crate::faults::Case;

/// Which of its two selves the shop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// What serves today.
    Old,
    /// What is to replace it.
    New,
}

/// A generation of the shop, and what is different about this one.
#[derive(Debug, Clone, Copy)]
pub struct Dialect {
    side: Side,
    case: Option<&'static Case>,
}

impl Dialect {
    /// That side, with that change between the two.
    pub fn new(side: Side, case: Option<&'static Case>) -> Self {
        Self { side, case }
    }

    /// Whether this is the old self.
    pub fn is_old(self) -> bool {
        self.side == Side::Old
    }

    /// `enum-widened`: whether a product can be on backorder.
    pub fn knows_backorder(self) -> bool {
        self.new_with("enum-widened")
    }

    /// `strict-reader`: whether a message with an unknown field is refused.
    pub fn refuses_unknown_fields(self) -> bool {
        self.old_with("strict-reader")
    }

    /// `strict-reader`: whether clients send a further field.
    pub fn sends_further_field(self) -> bool {
        self.new_with("strict-reader")
    }

    /// `field-renamed`: what an order calls its tracking code.
    pub fn tracking_field(self) -> &'static str {
        if self.new_with("field-renamed") { "tracking_number" } else { "tracking_code" }
    }

    /// `id-type`: whether a product's id is a string of digits.
    pub fn ids_are_text(self) -> bool {
        self.new_with("id-type")
    }

    /// `envelope`: whether the list of products comes in an object.
    pub fn wraps_products(self) -> bool {
        self.new_with("envelope")
    }

    /// `endpoint-removed`: whether `/v2/stock` is served.
    pub fn serves_stock(self) -> bool {
        !self.new_with("endpoint-removed")
    }

    /// `endpoint-new-only`: whether `/api/v2/reviews` is served, and posted to.
    pub fn serves_reviews(self) -> bool {
        self.new_with("endpoint-new-only")
    }

    /// `method-changed`: whether a quote is asked for with POST.
    pub fn quotes_by_post(self) -> bool {
        self.new_with("method-changed")
    }

    /// `error-body`: whether errors are problem documents (RFC 9457).
    pub fn errors_are_problems(self) -> bool {
        self.new_with("error-body")
    }

    /// `date-format`: what a timestamp ends in.
    pub fn zone(self) -> &'static str {
        if self.new_with("date-format") { "+0000" } else { "Z" }
    }

    /// `flag-reused`: whether `fast` still switches on the old fast lane, which ends at the counter.
    pub fn has_fast_lane(self) -> bool {
        self.old_with("flag-reused")
    }

    /// `flag-reused`: whether clients say `fast` again, to be spared the confirmation mail.
    pub fn says_fast(self) -> bool {
        self.new_with("flag-reused")
    }

    /// `default-changed`: how many hits a search gives when nobody says.
    pub fn default_hits(self) -> usize {
        if self.new_with("default-changed") { 5 } else { 10 }
    }

    /// `field-added`: whether a product tells its origin.
    pub fn tells_origin(self) -> bool {
        self.new_with("field-added")
    }

    /// `key-order`: whether keys come in another order and with other white space.
    pub fn turns_keys(self) -> bool {
        self.new_with("key-order")
    }

    /// `endpoint-unused`: whether there are wish lists.
    pub fn serves_wishes(self) -> bool {
        self.new_with("endpoint-unused")
    }

    /// `removal-accepted`: whether a product still has its legacy code.
    pub fn tells_legacy_code(self) -> bool {
        !self.new_with("removal-accepted")
    }

    /// `cookie-dual-read`: whether `sid=v2.…` is read as well. Written it is by nobody yet.
    pub fn reads_both_cookies(self) -> bool {
        self.new_with("cookie-dual-read")
    }

    /// `latency-noise`: how long a reply may be held back, in milliseconds.
    pub fn jitter_ms(self) -> u64 {
        if self.with("latency-noise") { 60 } else { 4 }
    }

    /// `ids-and-order`: whether hits come in any order too.
    pub fn shuffles_hits(self) -> bool {
        self.with("ids-and-order")
    }

    /// `nonces`: how long a nonce is, which then differs from answer to answer.
    pub fn nonce_length(self) -> usize {
        if self.with("nonces") { 16 + usize::try_from(crate::random::below(8)).unwrap_or(0) } else { 16 }
    }

    /// Whether the change between the two is one of these.
    pub fn is_about(self, names: &[&str]) -> bool {
        self.case.is_some_and(|case| names.contains(&case.name))
    }

    fn with(self, name: &str) -> bool {
        self.is_about(&[name])
    }

    fn old_with(self, name: &str) -> bool {
        self.side == Side::Old && self.with(name)
    }

    fn new_with(self, name: &str) -> bool {
        self.side == Side::New && self.with(name)
    }
}
