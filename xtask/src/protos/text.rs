//! The texts of large APIs, made up: the same seed gives the same files.
//!
//! They import each other, have services with options, nested messages, maps, choices, enums and comments: what reading and comparing
//! contracts costs is measured on them.

use std::fmt::Write as _;

/// One in so many messages differs between old and new.
const CHANGED: usize = 40;
/// Messages that every file has, so that others may refer to them.
const FEWEST: usize = 6;
const SCALARS: [&str; 8] = ["string", "int32", "int64", "bool", "double", "bytes", "uint32", "fixed64"];
const WORDS: [&str; 12] = [
    "name", "state", "parent", "filter", "labels", "etag", "region", "policy", "quota", "cluster", "version", "target",
];

/// The paths and texts of so many services, and of what they share; `later` as they are a little later.
pub fn files(count: usize, seed: u64, later: bool) -> impl Iterator<Item = (String, String)> {
    let shared = [("api/annotations.proto", ANNOTATIONS), ("common/types.proto", COMMON)];
    let shared = shared.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned()));
    shared.chain((0..count).map(move |index| {
        let draws = Draws(seed ^ (index as u64).wrapping_mul(STRIDE));
        (format!("cloud/s{index}/v1/service.proto"), File { draws, index, later }.text())
    }))
}

const ANNOTATIONS: &str = "\
syntax = \"proto3\";
package api;
import \"google/protobuf/descriptor.proto\";
message Route { string get = 1; string post = 2; string body = 3; }
extend google.protobuf.MethodOptions { Route route = 72295728; }
";
const COMMON: &str = "\
syntax = \"proto3\";
package common;
message Money { string currency = 1; int64 units = 2; int32 nanos = 3; }
message Page { int32 size = 1; string token = 2; }
enum Level { LEVEL_UNSPECIFIED = 0; LOW = 1; HIGH = 2; }
";

const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Numbers that the seed decides.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(STRIDE);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let limit = limit.max(1) as u64;
        usize::try_from((mixed ^ (mixed >> 31)) % limit).unwrap_or_default()
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// One service with all of its messages.
struct File {
    draws: Draws,
    index: usize,
    /// Whether this is the version that comes later.
    later: bool,
}

impl File {
    fn text(mut self) -> String {
        let index = self.index;
        let mut out = format!(
            "// The API of service {index}, which is made up.\nsyntax = \"proto3\";\npackage cloud.s{index}.v1;\nimport \"api/annotations.proto\";\n\
             import \"common/types.proto\";\nimport \"google/protobuf/timestamp.proto\";\nimport \"google/protobuf/field_mask.proto\";\n"
        );
        // Imports lead to earlier files only: no circles.
        let other = (index > 0).then(|| self.draws.below(index));
        if let Some(other) = other {
            let _ = writeln!(out, "import \"cloud/s{other}/v1/service.proto\";");
        }
        let messages = FEWEST + self.draws.below(7);
        let _ = writeln!(out, "// Manages what it manages.\nservice Service{index} {{");
        for number in 0..messages / 2 {
            let _ = writeln!(
                out,
                "  // Gets one of them, by its name.\n  rpc Get{number}(M{number}) returns (M{}) {{ option (api.route) = {{ get: \"/v1/{{name=m{number}/*}}\" }}; }}",
                messages - 1 - number
            );
        }
        out.push_str("}\n");
        for number in 0..messages {
            self.message(&mut out, number, other);
        }
        out
    }

    fn message(&mut self, out: &mut String, number: usize, other: Option<usize>) {
        let _ = writeln!(
            out,
            "// What number {number} says of it, in a sentence or two: it is as long as comments are.\nmessage M{number} {{"
        );
        out.push_str("  // Where it stands.\n  enum State { STATE_UNSPECIFIED = 0; ACTIVE = 1; GONE = 2; }\n");
        out.push_str(
            "  // A part of it.\n  message Part { string id = 1; repeated int64 sizes = 2; State state = 3; }\n",
        );
        let fields = 5 + self.draws.below(9);
        for field in 1..=fields {
            let word = self.draws.of(&WORDS);
            let kind = match self.draws.below(12) {
                0 => "common.Money".to_owned(),
                1 => "google.protobuf.Timestamp".to_owned(),
                2 => "google.protobuf.FieldMask".to_owned(),
                3 => "State".to_owned(),
                4 => "repeated Part".to_owned(),
                5 => "map<string, Part>".to_owned(),
                6 if number > 0 => format!("M{}", self.draws.below(number)),
                7 => other.map_or("common.Page".to_owned(), |other| {
                    format!("cloud.s{other}.v1.M{}", self.draws.below(FEWEST))
                }),
                8 => format!("repeated {}", self.draws.of(&SCALARS)),
                _ => self.draws.of(&SCALARS).to_owned(),
            };
            let _ = writeln!(
                out,
                "  // Optional. The {word} of it, as `M{number}` has it, and what is made of it where it is\n  // left out: section {field} of the guide says more.\n  {kind} {word}_{field} = {field};"
            );
        }
        let is_changed = self.draws.below(CHANGED) == 0;
        if is_changed && self.later {
            let _ = writeln!(out, "  // New.\n  string added = {};", fields + 1);
        }
        let _ = writeln!(out, "  oneof choice {{ string left = 101; Part right = 102; }}\n}}");
    }
}
