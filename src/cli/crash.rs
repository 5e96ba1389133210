//! A panic is a bug in straddle: it says so, asks for a report, and is exit 70.

use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::Exit;

static CRASHED: AtomicBool = AtomicBool::new(false);

/// Runs `work`, and tells of any panic in it or in a thread that it started.
pub(super) fn told(work: impl FnOnce() -> Exit) -> Exit {
    // In a test that calls `straddle::main` the hook is the test harness's own: what panics there may be another test.
    // A program's main thread is always called `main`, and threads of the harness never are.
    let whole_program = std::thread::current().name() == Some("main");
    if whole_program {
        std::panic::set_hook(Box::new(|info| {
            tell(info);
            // Whoever waits for the thread that panicked would wait for ever; the guardian ends what was started.
            std::process::exit(Exit::BUG.code());
        }));
    }
    let exit = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Exit::BUG);
    if whole_program {
        drop(std::panic::take_hook());
    }
    exit
}

fn tell(info: &PanicHookInfo<'_>) {
    if CRASHED.swap(true, Ordering::SeqCst) {
        return;
    }
    let what = info.payload_as_str().unwrap_or("a panic without a message");
    let place = info.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
    let _ = writeln!(
        std::io::stderr(),
        "\nerror: straddle has a bug: {}{place}\n  This is no statement about your builds. Please report it with this text, the command line and\n  `straddle --version` ({}).",
        crate::report::visible(what),
        env!("CARGO_PKG_VERSION"),
    );
}

#[cfg(test)]
mod tests {
    use super::{Exit, told};

    #[test]
    fn a_panic_is_exit_70_and_nothing_else_is() {
        assert_eq!(told(|| panic!("the test's own")), Exit::BUG);
        assert_eq!(told(|| Exit::INCONCLUSIVE), Exit::INCONCLUSIVE);
    }
}
