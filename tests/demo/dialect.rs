//! What a generation of the shop says and does, fault by fault: the one place where a fault's name becomes behaviour. Server
//! and client both ask here. Its main type is [`Dialect`].

use clap::ValueEnum;

use crate::faults::Case;
use crate::sids::{Form, Sids};

/// Which of its two selves the shop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// What serves today.
    Old,
    /// What is to replace it.
    New,
}

/// What the cursor of a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cursor {
    /// The last row's id.
    Id,
    /// The sort column's name, and its value in the last row.
    Column,
    /// The last row's sort keys.
    Keys,
}

/// How a token says for whom it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// It doesn't.
    Unsaid,
    /// By one text.
    One,
    /// By a list of them.
    List,
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

    /// The side as its contracts' folder is called.
    pub fn side_name(self) -> &'static str {
        if self.is_old() { "old" } else { "new" }
    }

    /// The change between the two, by its name.
    pub fn case_name(self) -> Option<&'static str> {
        self.case.map(|case| case.name)
    }

    /// `enum-widened`: whether a product can be on backorder.
    pub fn knows_backorder(self) -> bool {
        self.new_with("enum-widened")
    }

    /// `required-added`: whether nothing is estimated without a postcode.
    pub fn asks_postcode(self) -> bool {
        self.new_with("required-added")
    }

    /// `length-narrowed`, `length-widened`: how many characters a message may have.
    pub fn longest_text(self) -> usize {
        match self.side {
            _ if self.with("length-widened") => 800,
            Side::New if self.with("length-narrowed") => 200,
            _ => 500,
        }
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

    /// `cookie-serializer`, `cookie-digest`, `cookie-dual-read`: how session cookies are written, and which are read.
    pub fn sids(self) -> Sids {
        let sids = |writes, reads| Sids { writes, reads, renews: false };
        match self.case.map(|case| case.name) {
            Some("cookie-serializer") if !self.is_old() => sids(Form::Marked, Some(Form::Plain)),
            Some("cookie-dual-read") if !self.is_old() => sids(Form::Plain, Some(Form::Marked)),
            Some("cookie-digest") if self.is_old() => sids(Form::Sealed(1), None),
            Some("cookie-digest") => Sids { renews: true, ..sids(Form::Sealed(2), Some(Form::Sealed(1))) },
            _ => sids(Form::Plain, None),
        }
    }

    /// `session-class`: the version of the class of session objects, which is the only one that is read.
    pub fn session_class(self) -> u64 {
        if self.new_with("session-class") { 2 } else { 1 }
    }

    /// `page-token`: what a cursor holds.
    pub fn cursors(self) -> Cursor {
        match (self.with("page-token"), self.side) {
            (false, _) => Cursor::Id,
            (true, Side::Old) => Cursor::Column,
            (true, Side::New) => Cursor::Keys,
        }
    }

    /// `token-claim`: how tokens say for whom they are.
    pub fn audience(self) -> Audience {
        match (self.with("token-claim"), self.side) {
            (false, _) => Audience::Unsaid,
            (true, Side::Old) => Audience::One,
            (true, Side::New) => Audience::List,
        }
    }

    /// `etag-algorithm`: what entity tags begin with, and by what they are multiplied: FNV-1a's, or another's.
    pub fn entity_tags(self) -> (u64, u64) {
        if self.new_with("etag-algorithm") {
            (7_919, 0x0000_0001_0000_001b)
        } else {
            (0xcbf2_9ce4_8422_2325, 0x0000_0100_0000_01b3)
        }
    }

    /// `unknown-field-dropped`: whether profiles have a nickname.
    pub fn has_nicknames(self) -> bool {
        self.new_with("unknown-field-dropped")
    }

    /// `unknown-field-dropped`: whether what this generation doesn't know is lost when it writes a profile back.
    pub fn forgets_unknown_fields(self) -> bool {
        self.old_with("unknown-field-dropped")
    }

    /// `lock-key`: the key of a payment's lock.
    pub fn lock_key(self, ticket: &str) -> String {
        if self.new_with("lock-key") { format!("locks/till/{ticket}") } else { format!("till:{ticket}") }
    }

    /// `csrf-encoding`: whether tokens of forms are URL-safe base64; the other kind is read only by those who write it.
    pub fn form_tokens_are_url_safe(self) -> bool {
        self.new_with("csrf-encoding")
    }

    /// `cache-format`: whether entries of the cache have a compact layout.
    pub fn caches_compactly(self) -> bool {
        self.new_with("cache-format")
    }

    /// `cache-shape`: what a cached customer's name is called.
    pub fn name_in_cache(self) -> &'static str {
        if self.new_with("cache-shape") { "full_name" } else { "name" }
    }

    /// `encoding-stored`: whether cached pages are compressed, and marked so.
    pub fn caches_compressed(self) -> bool {
        self.new_with("encoding-stored")
    }

    /// `enum-ordinal`: a status as it is stored.
    pub fn stored_status(self, status: &str) -> String {
        if !self.with("enum-ordinal") {
            return status.to_owned();
        }
        self.statuses().iter().position(|known| *known == status).unwrap_or_default().to_string()
    }

    /// `enum-ordinal`: a stored status as it is told.
    pub fn told_status(self, stored: &str) -> String {
        if !self.with("enum-ordinal") {
            return stored.to_owned();
        }
        let known = stored.parse::<usize>().ok().and_then(|ordinal| self.statuses().get(ordinal).copied());
        known.unwrap_or("unknown").to_owned()
    }

    fn statuses(self) -> &'static [&'static str] {
        if self.is_old() { &["open", "paid"] } else { &["open", "packed", "paid"] }
    }

    /// `password-rehash`: the kind of which passwords become when somebody signs in.
    pub fn password_kind(self) -> Option<u8> {
        self.with("password-rehash").then_some(if self.is_old() { 1 } else { 2 })
    }

    /// `column-dropped`: where an order's note is.
    pub fn note_column(self) -> &'static str {
        if self.new_with("column-dropped") { "remark" } else { "note" }
    }

    /// `expand-contract`: whether an order's note is written into its new column too.
    pub fn writes_remarks_too(self) -> bool {
        self.new_with("expand-contract")
    }

    /// `column-required`: whether a payment says its currency.
    pub fn says_currency(self) -> bool {
        self.new_with("column-required")
    }

    /// `store-unguarded`: in how many parts of a hundredth payments are stored.
    pub fn money_scale(self) -> u64 {
        if self.new_with("store-unguarded") { 10 } else { 1 }
    }

    /// `log-property`: whether commands are logged with their options.
    pub fn logs_options(self) -> bool {
        self.new_with("log-property")
    }

    /// `log-property`: whether a command with an unknown property keeps the shop from starting.
    pub fn refuses_unknown_commands(self) -> bool {
        self.old_with("log-property")
    }

    /// `migration-one-way`: whether a schema that is not known keeps the shop from starting.
    pub fn refuses_unknown_schema(self) -> bool {
        self.old_with("migration-one-way")
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

    /// Whether it needs version 2 of the schema.
    pub fn needs_migration(self) -> bool {
        self.side == Side::New && self.case.is_some_and(Case::migrates)
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
