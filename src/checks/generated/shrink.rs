//! The smallest message that still shows a finding: simpler ones are sent to fresh builds, and the boldest that shows it is taken.

use super::written::{Cases, Room};
use crate::checks::concluding::Key;
use crate::checks::replaying::{Recorded, Run};
use crate::checks::seam::{CheckError, Deadline};
use crate::generate::calls::{Calls, Case};

/// As many simpler cases are tried in one arrangement.
const AT_ONCE: usize = 32;
/// As many times a case is made simpler: each costs a fresh arrangement.
const MOST: usize = 24;

/// Makes a case as small as it goes with what it shows. None: it was as small as it goes.
pub(super) async fn shrunk(
    run: &Run<'_>,
    room: &Room<'_>,
    calls: &Calls,
    case: &Case,
    key: &Key,
    deadline: Option<Deadline>,
) -> Result<Option<Case>, CheckError> {
    let mut smallest: Option<Case> = None;
    for _ in 0..MOST {
        if deadline.as_ref().and_then(Deadline::passed).is_some() {
            break;
        }
        let simpler = calls.simpler(smallest.as_ref().unwrap_or(case));
        let mut found = None;
        for some in simpler.chunks(AT_ONCE) {
            let cases: Cases = (0..).zip(some.iter().cloned()).collect();
            let written = room.write("simpler", calls, &cases)?;
            let recorded =
                Recorded { spec: &written.spec, recording: &written.recording, surfaces: Some(&written.surfaces) };
            let showing = run.showing(&recorded, key).await?;
            found = showing.first().and_then(|session| cases.get(session)).cloned();
            if found.is_some() || deadline.as_ref().and_then(Deadline::passed).is_some() {
                break;
            }
        }
        match found {
            Some(case) => smallest = Some(case),
            None => break,
        }
    }
    Ok(smallest)
}
