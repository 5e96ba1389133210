//! The project's own chores, as `cargo xtask NAME`. It builds in seconds and spawns the binaries: nothing of straddle is linked
//! in. What CI runs is here and not in YAML.

mod bench;
mod bless;
mod catalogue;
mod ci;
mod codegen;
mod compat;
mod corpora;
mod formats;
mod kills;
mod manifest_page;
mod mutate;
mod new_rule;
mod options;
mod pairs;
mod protos;
mod record_demo;
mod released;
mod steps;
mod tidy;
mod truth;

#[path = "../../tests/demo/faults.rs"]
mod faults;
#[path = "../../tests/demo/manifest.rs"]
mod manifest;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask CHORE

  compat [--fault NAME | --benign NAME] [--postgres] [--manifest FILE] [CHECK OPTION…]
                        stand the demo's old and new self up side by side, or those of a manifest
  compat --each [--postgres] [CHECK OPTION…]
                        each of the demo's faults of what both share, by its check: it has to be found as the catalogue says
  compat --seeds N [--postgres] [CHECK OPTION…]
                        each of them against itself with so many seeds: nothing may be found
  ci                    all that CI looks at, save the tests
  codegen [--check]     write the generated files anew, or only see whether they are as they would be
  tidy                  sizes, names and words of the source
  bless [TEST OPTION…]  take what the tests give now for right; then read the diff
  new-rule NAME         a new rule's file and its pair of replies
  pairs [NAME…] [--source DIR] [--dest DIR] [--self] [--seeds N] [--twice] [--shards N] [--sessions] [--write]
                        real version pairs against what is known of them
  kills [--count N] [--seed N] [COMMAND…]
                        kill straddle at random moments, and look at what is left
  mutate [NAME…] [--changes N] [--seed N] [--verify N] [--jobs N] [--at-least PERCENT] [--source DIR] [--dest DIR] [--write]
                        whether straddle finds what is changed in the demo and in real services
  formats [--source DIR]
                        others' recordings through import, export and import again
  corpora [NAME…] [--source DIR] [--verbose] [--write]
                        labelled pairs of contracts, against what straddle says of them
  protos --out DIR [--count N] [--seed N]
                        a folder of .proto files as large APIs have them, and the same a little later
  catalogue FILE        the demo's faults and their tests against the catalogue
  truth FILE            what PostgreSQL does to a running build, against what straddle says of it
  record-demo [NAME…]   record the demo's clients anew, or those of a few faults
  bench [BENCH OPTION…] measure; `bench length [--exchanges N]`: what the length of a recording costs";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let chore = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let done = match chore.as_str() {
        "compat" => compat::run(rest),
        "ci" => ci::run(),
        "codegen" => codegen::run(&rest),
        "tidy" => tidy::run(),
        "bless" => bless::run(&rest),
        "formats" => formats::run(rest),
        "new-rule" => new_rule::run(&rest),
        "pairs" => pairs::run(rest),
        "kills" => kills::run(rest),
        "mutate" => mutate::run(rest),
        "mutate-proxy" => mutate::proxy::run(&rest),
        "corpora" => corpora::run(rest),
        "protos" => protos::run(rest),
        "catalogue" => catalogue::run(&rest),
        "truth" => truth::run(&rest),
        "record-demo" => record_demo::run(rest),
        "bench" => bench::run(&rest),
        _ => Err(format!("`{chore}` is no chore\n\n{USAGE}").into()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("xtask: {error}");
        ExitCode::from(2)
    })
}
