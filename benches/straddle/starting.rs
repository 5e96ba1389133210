//! What straddle itself takes, beyond builds, boots and calls.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Figure;

pub fn figures() -> Vec<Figure> {
    let mut version = f64::INFINITY;
    for _ in 0..20 {
        let start = Instant::now();
        let done = Command::new(env!("CARGO_BIN_EXE_straddle")).arg("--version").stdout(Stdio::null()).status();
        assert!(done.is_ok_and(|status| status.success()), "straddle --version fails");
        version = version.min(start.elapsed().as_secs_f64() * 1e3);
    }
    vec![Figure::at_most("straddle --version", version, 20.0, "ms")]
}
