//! The guardian of tests that use the library: this test binary once more.

use straddle::process::{GUARDIAN_VARIABLE, Launch};

/// Leads to the test below.
pub fn launch() -> Launch {
    Launch::itself(["support::watch::is_the_guardian_when_it_is_asked_to_be", "--exact", "--nocapture"])
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn is_the_guardian_when_it_is_asked_to_be() {
    if std::env::var_os(GUARDIAN_VARIABLE).is_some() {
        straddle::main([]);
        unreachable!("a guardian ends its process");
    }
}
