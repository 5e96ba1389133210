//! The guardian's life: it does what its parent asks for, and when its parent is gone it ends everything.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions};
use tokio::signal::unix::{SignalKind, signal};

use super::super::protocol::{Ask, Ear, Refusal, Said, Start, tell, tell_with};
use super::super::{GUARDIAN_VARIABLE, INSTANCE_VARIABLE, ProcessError};
use super::descendants::{kill, living_descendants, table};
use super::group::{GLANCE, Group, KILLING, lock};

/// Is the guardian, until the parent at the other end of the standard input is gone and all is ended. Then the caller should
/// end this process.
pub fn guard() -> Result<(), ProcessError> {
    let control = io::stdin().as_fd().try_clone_to_owned().map_err(|_| ProcessError::NotAGuardian)?;
    if rustix::net::sockopt::socket_type(&control).is_err() {
        return Err(ProcessError::NotAGuardian);
    }
    let control = UnixStream::from(control);
    let ear = control.try_clone().map_err(|_| ProcessError::NotAGuardian)?;
    // A session of its own, so that ctrl-c in the parent's terminal doesn't reach builds before straddle has decided what
    // to do with them, and so that none of them can ask that terminal for a password. It fails where it has one already.
    let _ = rustix::process::setsid();
    become_subreaper();
    let deafness = ignore_signals();
    let guarding =
        Arc::new(Guarding { control: Mutex::new(control), groups: Mutex::default(), scratch: Mutex::default() });
    guarding.say(&Said::Ready);
    guarding.serve(&mut Ear::new(ear));
    guarding.end_all();
    drop(deafness);
    Ok(())
}

struct Guarding {
    control: Mutex<UnixStream>,
    /// Locked while a process is started too, so that whoever reaps strays never takes a new one for one of them.
    groups: Mutex<HashMap<u64, Arc<Group>>>,
    scratch: Mutex<BTreeSet<PathBuf>>,
}

impl Guarding {
    fn serve(self: &Arc<Self>, ear: &mut Ear) {
        // A line that can't be read means what none means: whoever wrote it is no parent any more.
        while let Ok(Some(ask)) = ear.hear() {
            match ask {
                Ask::Start(number, start) => {
                    if let Err(error) = self.start(number, &start) {
                        self.say(&Said::Refused(number, Refusal::of(&error)));
                    }
                }
                Ask::Signal(number, signal) => {
                    if let (Some(group), Some(signal)) = (self.group(number), Signal::from_named_raw(signal)) {
                        group.signal(signal);
                    }
                }
                Ask::Stop(number, grace_ms) => self.end(number, Some(Duration::from_millis(grace_ms))),
                Ask::Release(number) => self.end(number, None),
                Ask::Scratch(folder) => drop(lock(&self.scratch).insert(folder.into())),
                Ask::Keep(folder) => drop(lock(&self.scratch).remove(Path::new(&folder))),
            }
        }
    }

    fn start(self: &Arc<Self>, number: u64, start: &Start) -> io::Result<()> {
        let (program, arguments) = start.words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let (output, into) = io::pipe()?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&start.dir).process_group(0).stdin(Stdio::null());
        for name in &start.without {
            command.env_remove(name);
        }
        command.envs(start.env.iter().map(|(name, value)| (name, value)));
        command.env_remove(GUARDIAN_VARIABLE).env(INSTANCE_VARIABLE, &start.mark);
        let stdout = if start.capture_stdout {
            let (stdout, into) = io::pipe()?;
            command.stdout(into);
            Some(stdout)
        } else {
            command.stdout(into.try_clone()?);
            None
        };
        command.stderr(into);
        if let Some((uid, gid)) = start.user {
            // With another user the groups that straddle's own is of are given up too.
            command.uid(uid).gid(gid);
        }

        let mut groups = lock(&self.groups);
        let mut child = command.spawn()?;
        // It has the ends that are written to; as long as others have them, the pipes never end.
        drop(command);
        let Some(leader) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
            let _ = child.kill();
            return Err(io::Error::other("the system gave it no process id"));
        };
        let ends_by = start.ends_by.and_then(Signal::from_named_raw);
        let group = Arc::new(Group::of(child, leader, start.mark.clone(), ends_by));
        groups.insert(number, Arc::clone(&group));
        drop(groups);

        let mut pipes = vec![output.as_fd()];
        pipes.extend(stdout.as_ref().map(AsFd::as_fd));
        let started = Said::Started(number, leader.as_raw_nonzero().get(), pipes.len());
        // If it can't be told, the parent is gone, and the next line that is not there says so.
        let _ = tell_with(&lock(&self.control), &started, &pipes);

        let guarding = Arc::clone(self);
        in_a_thread("observer", move || group.observe(|exit| guarding.say(&Said::Ended(number, exit))));
        Ok(())
    }

    /// Ends a process and all that belongs to it; with no grace given, at once.
    fn end(self: &Arc<Self>, number: u64, grace: Option<Duration>) {
        let Some(group) = self.group(number) else { return };
        let guarding = Arc::clone(self);
        in_a_thread("stopper", move || {
            match grace {
                Some(grace) => group.stop(grace, || guarding.reap_strays()),
                None => group.finish(|| guarding.reap_strays()),
            }
            lock(&guarding.groups).remove(&number);
            guarding.say(&Said::Stopped(number));
        });
    }

    /// Kills every group and every descendant, and removes the scratch folders.
    fn end_all(&self) {
        let groups: Vec<_> = lock(&self.groups).values().cloned().collect();
        for group in &groups {
            group.signal(group.last_signal());
        }
        for group in &groups {
            group.wait_for_last_signal();
        }
        let started = Instant::now();
        while started.elapsed() < KILLING {
            let left = living_descendants(&table(), rustix::process::getpid());
            if left.is_empty() {
                break;
            }
            left.into_iter().for_each(kill);
            self.reap_strays();
            std::thread::sleep(GLANCE);
        }
        for group in groups {
            group.wait_for_leader(KILLING.saturating_sub(started.elapsed()));
        }
        for folder in std::mem::take(&mut *lock(&self.scratch)) {
            remove(&folder);
        }
    }

    /// Takes leave of dead strays: children that were not started here but came when their parents died.
    fn reap_strays(&self) {
        let groups = lock(&self.groups);
        let me = rustix::process::getpid();
        for entry in table().iter().filter(|entry| entry.zombie && entry.parent == Some(me)) {
            if groups.values().all(|group| group.leader() != entry.pid) {
                let _ = rustix::process::waitpid(Some(entry.pid), WaitOptions::NOHANG);
            }
        }
    }

    fn group(&self, number: u64) -> Option<Arc<Group>> {
        lock(&self.groups).get(&number).cloned()
    }

    fn say(&self, said: &Said) {
        // If the parent can't hear it, it is gone, and that is noticed where it is listened to.
        let _ = tell(&lock(&self.control), said);
    }
}

/// Runs this aside, or where no thread is to be had, here: late is better than never.
fn in_a_thread(name: &str, work: impl FnOnce() + Send + 'static) {
    let work = Arc::new(Mutex::new(Some(work)));
    let shared = Arc::clone(&work);
    let run = move || {
        if let Some(work) = lock(&shared).take() {
            work();
        }
    };
    if std::thread::Builder::new().name(name.to_owned()).spawn(run).is_err()
        && let Some(work) = lock(&work).take()
    {
        work();
    }
}

/// Removes a folder, read-only parts and all. What can't be removed stays: there is nobody left to tell.
fn remove(folder: &Path) {
    if std::fs::remove_dir_all(folder).is_err() {
        open_up(folder);
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn open_up(folder: &Path) {
    if !std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()) {
        return;
    }
    let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        open_up(&entry.path());
    }
}

/// Has daemons whose parents die become our children, and takes a name that `pkill straddle` does not mean.
#[cfg(target_os = "linux")]
fn become_subreaper() {
    // Without it, daemons are known by their groups only.
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let _ = std::fs::write("/proc/self/comm", "guardian");
}

#[cfg(not(target_os = "linux"))]
fn become_subreaper() {}

/// Has what commonly ends a process do nothing to this one, as long as what this returns lives: it ends when its parent does.
fn ignore_signals() -> Option<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().ok()?;
    let context = runtime.enter();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup(), SignalKind::quit()] {
        // Once there is a listener, the default action is gone for good; nobody needs to listen.
        let _ = signal(kind);
    }
    drop(context);
    Some(runtime)
}
