//! Ratios that hold on any machine: straddle against a bare client, against a limit, in the same run.
//!
//! `cargo xtask bench` runs this; `cargo bench --bench straddle -- proxying` measures one of them. It prints
//! each figure beside its limit, and fails where one is missed.

mod comparing;
mod contracts;
mod generate_json;
mod generate_protobuf;
mod length;
mod mitmproxy;
mod mixing;
mod proxying;
mod replaying;
mod starting;
mod storing;
mod watched;

use std::process::ExitCode;

/// One figure and the limit that it is held against.
pub struct Figure {
    name: String,
    value: String,
    limit: String,
    holds: bool,
}

impl Figure {
    /// A figure that must reach `limit`.
    pub fn at_least(name: &str, value: f64, limit: f64, unit: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: format!("{value:.2} {unit}"),
            limit: format!("≥ {limit} {unit}"),
            holds: value >= limit,
        }
    }

    /// A figure that must stay under `limit`.
    pub fn at_most(name: &str, value: f64, limit: f64, unit: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: format!("{value:.2} {unit}"),
            limit: format!("< {limit} {unit}"),
            holds: value < limit,
        }
    }
}

/// What length is measured with where nothing is said.
const LENGTH: usize = 100_000;

type Measure = fn() -> Vec<Figure>;

/// What is measured, by the name that an argument picks it by.
const ALL: [(&str, Measure); 10] = [
    ("starting", starting::figures),
    ("comparing", comparing::figures),
    ("replaying", replaying::figures),
    ("mitmproxy", mitmproxy::figures),
    ("proxying", proxying::figures),
    ("storing", storing::figures),
    ("mixing", mixing::figures),
    ("contracts", contracts::figures),
    ("generate_json", generate_json::figures),
    ("generate_protobuf", generate_protobuf::figures),
];

/// All figures, or those of the names that are given.
fn picked(names: &[String]) -> Vec<Figure> {
    let picked = |name: &str| names.is_empty() || names.iter().any(|picked| picked == name);
    ALL.iter().filter(|(name, _)| picked(name)).flat_map(|(_, figures)| figures()).collect()
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let figures = if args.any(|arg| arg == "length") {
        let exchanges = args.skip_while(|arg| arg != "--exchanges").nth(1);
        length::figures(
            exchanges.map_or(LENGTH, |text| text.parse().unwrap_or_else(|e| panic!("--exchanges {text}: {e}"))),
        )
    } else {
        // Cargo adds `--bench`.
        let names: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
        picked(&names)
    };
    let mut all_hold = true;
    for figure in &figures {
        let mark = if figure.holds { "ok" } else { "MISSED" };
        println!("{:<58} {:>18}  {:<14} {mark}", figure.name, figure.value, figure.limit);
        all_hold &= figure.holds;
    }
    if all_hold { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
