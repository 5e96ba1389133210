//! `cargo xtask record-demo`: the demo's recordings, made anew by the demo itself.

use std::process::{Command, ExitCode};

use crate::faults::CASES;
use crate::steps::{self, Done};

/// The clean pair's, and those of each fault and change that needs its own.
pub fn run() -> Done {
    steps::build()?;
    let folder = steps::root().join("tests/demo/recordings");
    let shop = steps::binary("straddle-demo-shop");
    for side in ["old", "new"] {
        let record = ["record", "--side", side, "--out"];
        steps::must(Command::new(&shop).args(record).arg(folder.join(format!("{side}.har"))))?;
    }
    for case in CASES {
        let option = if case.is_benign() { "--benign" } else { "--fault" };
        for side in case.recorded {
            let record = ["record", "--side", side, option, case.name, "--short", "--out"];
            steps::must(Command::new(&shop).args(record).arg(folder.join(case.recording(side))))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
