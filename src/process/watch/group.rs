//! One process of the guardian's, with its group and its strays.

use std::collections::HashSet;
use std::process::Child;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::super::Exit;
use super::descendants::{Entry, Identity, group_lives, kill, living_members, table};

/// How long the kernel may take over a killed process. One that is stuck in a device takes forever.
pub(super) const KILLING: Duration = Duration::from_secs(10);
/// How long a process that is ended by a signal of its own has to follow it.
const MOMENT: Duration = Duration::from_secs(5);
/// How often the table of processes is read while waiting for it to change.
pub(super) const GLANCE: Duration = Duration::from_millis(5);

/// A process that was started, the leader of its group.
///
/// Its end is observed without asking the kernel for its status: as a zombie it keeps its number, so that a signal to the
/// group can never reach a stranger's. Only [`Group::finish`] lets the number go.
pub(super) struct Group {
    leader: Pid,
    mark: String,
    /// What takes the place of SIGTERM, and comes before SIGKILL.
    ends_by: Option<Signal>,
    ended: Mutex<Option<Exit>>,
    has_ended: Condvar,
    /// `None` when all is over and the number may be another's.
    child: Mutex<Option<Child>>,
    /// What was seen to belong to it.
    known: Mutex<HashSet<Identity>>,
}

impl Group {
    pub(super) fn of(child: Child, leader: Pid, mark: String, ends_by: Option<Signal>) -> Self {
        Self {
            leader,
            mark,
            ends_by,
            ended: Mutex::default(),
            has_ended: Condvar::new(),
            child: Mutex::new(Some(child)),
            known: Mutex::default(),
        }
    }

    pub(super) fn leader(&self) -> Pid {
        self.leader
    }

    /// Waits for the leader to end, and leaves it a zombie. The end is told before anyone who waits for it goes on.
    pub(super) fn observe(&self, tell: impl FnOnce(Exit)) {
        let exit = loop {
            match rustix::process::waitid(WaitId::Pid(self.leader), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Ok(Some(status)) => break Exit { code: status.exit_status(), signal: status.terminating_signal() },
                Ok(None) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => break Exit::UNSEEN,
            }
        };
        tell(exit);
        *lock(&self.ended) = Some(exit);
        self.has_ended.notify_all();
    }

    /// Signals the whole group, if there is still one.
    pub(super) fn signal(&self, signal: Signal) {
        if lock(&self.child).is_some() {
            // The leader is there, if only as a zombie; others may not be, and nobody misses them.
            let _ = rustix::process::kill_process_group(self.leader, signal);
        }
    }

    /// SIGTERM, and time for the whole group to follow it; then [`Group::finish`].
    pub(super) fn stop(&self, grace: Duration, reap: impl Fn()) {
        let started = Instant::now();
        self.members();
        self.signal(self.ends_by.unwrap_or(Signal::TERM));
        self.wait_for_leader(grace);
        while started.elapsed() < grace && lock(&self.child).is_some() && group_lives(self.leader) {
            std::thread::sleep(GLANCE);
        }
        self.finish(reap);
    }

    /// Kills the group and its strays until none is left, and lets go of the leader's number.
    pub(super) fn finish(&self, reap: impl Fn()) {
        self.signal_gently();
        let mut child = lock(&self.child);
        let Some(leader) = child.as_mut() else { return };
        let started = Instant::now();
        while started.elapsed() < KILLING {
            // Again each time: who was forking when the first signal came has a child by now.
            let members = self.members();
            let _ = rustix::process::kill_process_group(self.leader, Signal::KILL);
            members.iter().copied().for_each(kill);
            if self.wait_for_leader(GLANCE) && members.is_empty() {
                break;
            }
            if !members.is_empty() {
                std::thread::sleep(GLANCE);
            }
        }
        reap();
        if lock(&self.ended).is_some() {
            let _ = leader.wait();
        }
        *child = None;
    }

    /// What ends it when everything ends.
    pub(super) fn last_signal(&self) -> Signal {
        self.ends_by.unwrap_or(Signal::KILL)
    }

    /// The moment that it has to follow a signal of its own.
    pub(super) fn wait_for_last_signal(&self) {
        if self.ends_by.is_some() {
            self.wait_for_leader(MOMENT);
        }
    }

    fn signal_gently(&self) {
        if let Some(signal) = self.ends_by.filter(|_| lock(&self.ended).is_none()) {
            self.members();
            self.signal(signal);
            self.wait_for_last_signal();
        }
    }

    /// Who lives of it now; they are known from now on.
    fn members(&self) -> Vec<Pid> {
        let mut known = lock(&self.known);
        let members = living_members(&table(), rustix::process::getpid(), self.leader, &self.mark, &known);
        *known = members.iter().map(Entry::identity).collect();
        members.iter().map(|member| member.pid).collect()
    }

    /// Whether the leader has ended, or does so within this time.
    pub(super) fn wait_for_leader(&self, within: Duration) -> bool {
        let (ended, _) = self
            .has_ended
            .wait_timeout_while(lock(&self.ended), within, |ended| ended.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        ended.is_some()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
