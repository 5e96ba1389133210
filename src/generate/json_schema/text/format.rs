//! What `format` names: texts that readers take it for, whatever validators do.

use crate::generate::json_schema::chance::Chance;

/// A format that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Format {
    DateTime,
    Date,
    Time,
    Duration,
    Uuid,
    Email,
    Uri,
    Reference,
    Template,
    Hostname,
    Ipv4,
    Ipv6,
    Base64,
    Pointer,
    RelativePointer,
    Regex,
    /// Whole numbers of so many bits, and whether they have a sign.
    Int(u32, bool),
}

impl Format {
    /// As schemas name it.
    pub(in super::super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "date-time" => Self::DateTime,
            "date" | "full-date" => Self::Date,
            "time" => Self::Time,
            "duration" => Self::Duration,
            "uuid" | "guid" => Self::Uuid,
            "email" | "idn-email" => Self::Email,
            "uri" | "url" | "iri" => Self::Uri,
            "uri-reference" | "iri-reference" => Self::Reference,
            "uri-template" => Self::Template,
            "hostname" | "idn-hostname" | "host-name" => Self::Hostname,
            "ipv4" | "ip-address" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "byte" | "base64" => Self::Base64,
            "json-pointer" => Self::Pointer,
            "relative-json-pointer" => Self::RelativePointer,
            "regex" => Self::Regex,
            "int8" => Self::Int(8, true),
            "int16" => Self::Int(16, true),
            "int32" => Self::Int(32, true),
            "int64" => Self::Int(64, true),
            "uint8" => Self::Int(8, false),
            "uint16" => Self::Int(16, false),
            "uint32" => Self::Int(32, false),
            "uint64" => Self::Int(64, false),
            _ => return None,
        })
    }

    /// The range of a format of numbers.
    pub(in super::super) fn range(self) -> Option<(i128, i128)> {
        let Self::Int(bits, is_signed) = self else { return None };
        let half = 1_i128 << (bits - 1);
        Some(if is_signed { (-half, half - 1) } else { (0, 2 * half - 1) })
    }

    /// Texts of it that are worth trying, the plainest first.
    pub(in super::super) fn examples(self) -> &'static [&'static str] {
        match self {
            Self::DateTime => &[
                "2026-01-01T00:00:00Z",
                "2024-02-29T23:59:59.999999Z",
                "1969-12-31T23:59:59+14:00",
                "9999-12-31T00:00:00-05:30",
            ],
            Self::Date => &["2026-01-01", "2024-02-29", "1900-12-31", "9999-12-31"],
            Self::Time => &["00:00:00Z", "23:59:59.999Z", "12:30:00+05:30"],
            Self::Duration => &["PT0S", "P1D", "P1Y2M3DT4H5M6S", "P4W"],
            Self::Uuid => &[
                "00000000-0000-4000-8000-000000000000",
                "ffffffff-ffff-4fff-bfff-ffffffffffff",
                "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
            ],
            Self::Email => &["a@example.com", "first.last+tag@sub.example.org", "o'brien@example.net"],
            Self::Uri => &[
                "http://example.com",
                "https://user@example.org:8443/a/b;c?d=e&f=%20#g",
                "urn:isbn:0451450523",
                "http://[::1]/",
            ],
            Self::Reference => &["/", "a/b?c#d", "../x", "https://example.com/"],
            Self::Template => &["/{id}", "/a", "https://example.com/{?q,page*}"],
            Self::Hostname => &["example.com", "a", "xn--bcher-kva.example", "a-1.b-2.example.org"],
            Self::Ipv4 => &["127.0.0.1", "0.0.0.0", "255.255.255.255"],
            Self::Ipv6 => &["::1", "::", "2001:db8::8a2e:370:7334", "::ffff:192.0.2.1"],
            Self::Base64 => &["", "YQ==", "YWI=", "YWJj", "+/+/"],
            Self::Pointer => &["", "/", "/a/0/~0~1"],
            Self::RelativePointer => &["0", "1/a", "0#"],
            Self::Regex => &["a", "^[a-z]+$", "(a|b)*"],
            Self::Int(..) => &[],
        }
    }

    /// A text of it.
    pub(in super::super) fn draw(self, chance: &mut Chance) -> String {
        if chance.percent(10)
            && let Some(example) = chance.of(self.examples())
        {
            return (*example).to_owned();
        }
        match self {
            Self::DateTime => format!("{}T{}", date(chance), time(chance)),
            Self::Date => date(chance),
            Self::Time => time(chance),
            Self::Duration => format!("P{}DT{}H{}M", chance.below(400), chance.below(24), chance.below(60)),
            Self::Uuid => uuid(chance),
            Self::Email => format!("{}@{}.example.com", word(chance, 8), word(chance, 6)),
            Self::Uri => format!(
                "https://{}.example.com/{}?{}={}",
                word(chance, 6),
                word(chance, 8),
                word(chance, 3),
                chance.below(100)
            ),
            Self::Reference => format!("/{}/{}", word(chance, 6), word(chance, 6)),
            Self::Template => format!("/{}/{{{}}}", word(chance, 6), word(chance, 4)),
            Self::Hostname => format!("{}.{}.example", word(chance, 8), word(chance, 6)),
            Self::Ipv4 => {
                let mut part = || chance.below(256);
                format!("{}.{}.{}.{}", part(), part(), part(), part())
            }
            Self::Ipv6 => {
                let parts: Vec<String> = (0..8).map(|_| format!("{:x}", chance.below(0x1_0000))).collect();
                parts.join(":")
            }
            Self::Base64 => {
                let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
                let length = 4 * chance.below(8);
                (0..length).filter_map(|_| chance.of(letters)).map(|byte| char::from(*byte)).collect()
            }
            Self::Pointer => format!("/{}/{}", word(chance, 4), chance.below(9)),
            Self::RelativePointer => format!("{}/{}", chance.below(3), word(chance, 4)),
            Self::Regex => format!("^{}+$", word(chance, 4)),
            Self::Int(..) => word(chance, 4),
        }
    }
}

fn word(chance: &mut Chance, longest: usize) -> String {
    let length = 1 + chance.below(longest);
    (0..length).filter_map(|_| chance.of(b"abcdefghijklmnopqrstuvwxyz")).map(|byte| char::from(*byte)).collect()
}

fn date(chance: &mut Chance) -> String {
    format!("{}-{:02}-{:02}", 1970 + chance.below(80), 1 + chance.below(12), 1 + chance.below(28))
}

fn time(chance: &mut Chance) -> String {
    let (hour, minute, second) = (chance.below(24), chance.below(60), chance.below(60));
    match chance.below(4) {
        0 => format!("{hour:02}:{minute:02}:{second:02}.{:03}Z", chance.below(1_000)),
        1 => format!("{hour:02}:{minute:02}:{second:02}+0{}:00", chance.below(10)),
        _ => format!("{hour:02}:{minute:02}:{second:02}Z"),
    }
}

fn uuid(chance: &mut Chance) -> String {
    let (high, low) = (chance.next(), chance.next());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}
