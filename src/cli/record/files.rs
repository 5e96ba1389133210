//! How many files may be open at once, which is how many connections can be taken.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::proxy::Limits;

/// What one connection of a client may need: itself, the one to the target, and a body each way that waits on disk.
const EACH: u64 = 4;
/// What everything else needs.
const REST: u64 = 64;

/// The limits that fit what the system allows, which is made as much as it can be. To be asked when all builds have been
/// started: they keep what they would have without a recorder.
pub(super) fn limits() -> Limits {
    let all = Limits::default();
    let Some(open) = most() else { return all };
    let fit = usize::try_from(open.saturating_sub(REST) / EACH).unwrap_or(usize::MAX);
    Limits { connections: all.connections.min(fit).max(1), ..all }
}

/// As many as may be open; none where there is no limit.
fn most() -> Option<u64> {
    let now = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: now.maximum, maximum: now.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => now.maximum,
        Err(_) => now.current,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn there_is_room_for_a_browser_at_least() {
        let connections = super::limits().connections;
        assert!((16..=1024).contains(&connections), "{connections}");
    }
}
