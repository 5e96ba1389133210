//! Which processes there are, by `/proc`: whose children they are, of which group, and what mark their environment bears.
//!
//! Elsewhere than on Linux there is no such table, and only groups are known.

use std::collections::HashSet;

use rustix::process::{Pid, Signal};

use super::super::INSTANCE_VARIABLE;

/// A process that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) pid: Pid,
    pub(super) parent: Option<Pid>,
    group: Option<Pid>,
    /// It has ended, and its parent has not asked how.
    pub(super) zombie: bool,
}

/// Ends what a guardian that was killed has left behind: these groups, and whatever bears a mark of this run.
pub(in super::super) fn kill_orphans(groups: impl IntoIterator<Item = i32>, run: &str) {
    for group in groups.into_iter().filter_map(Pid::from_raw) {
        // It fails where nobody is left.
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
    let mark = format!("{run}.");
    for entry in table().iter().filter(|entry| !entry.zombie && bears(entry.pid, &mark)) {
        kill(entry.pid);
    }
}

/// The living descendants of this process.
pub(super) fn living_descendants(table: &[Entry], of: Pid) -> Vec<Pid> {
    let family = with_children(table, HashSet::from([of]));
    table
        .iter()
        .filter(|entry| entry.pid != of && !entry.zombie && family.contains(&entry.pid))
        .map(|e| e.pid)
        .collect()
}

/// Of the descendants of the guardian, the living ones that belong to one instance: by their group, by their mark, or because
/// their parent does.
pub(super) fn living_members(table: &[Entry], guardian: Pid, group: Pid, mark: &str) -> Vec<Pid> {
    let descendants = living_descendants(table, guardian);
    let mark = format!("{mark}\0");
    let by_name = table
        .iter()
        .filter(|entry| entry.group == Some(group) || (descendants.contains(&entry.pid) && bears(entry.pid, &mark)))
        .map(|entry| entry.pid);
    let members = with_children(table, by_name.collect());
    descendants.into_iter().filter(|pid| members.contains(pid)).collect()
}

/// Whether a living process is in this group.
pub(super) fn group_lives(group: Pid) -> bool {
    if cfg!(target_os = "linux") {
        table().iter().any(|entry| entry.group == Some(group) && !entry.zombie)
    } else {
        rustix::process::test_kill_process_group(group).is_ok()
    }
}

pub(super) fn kill(pid: Pid) {
    // It fails where it is dead already, or belongs to somebody else: then it is not ours to kill.
    let _ = rustix::process::kill_process(pid, Signal::KILL);
}

fn with_children(table: &[Entry], mut family: HashSet<Pid>) -> HashSet<Pid> {
    loop {
        let before = family.len();
        let children = table.iter().filter(|entry| entry.parent.is_some_and(|parent| family.contains(&parent)));
        let children: Vec<_> = children.map(|entry| entry.pid).collect();
        family.extend(children);
        if family.len() == before {
            return family;
        }
    }
}

/// Whether the environment that this process was started with has a mark that begins like this.
fn bears(pid: Pid, mark: &str) -> bool {
    let wanted = format!("{INSTANCE_VARIABLE}={mark}");
    std::fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero()))
        .is_ok_and(|environment| memchr::memmem::find(&environment, wanted.as_bytes()).is_some())
}

/// All processes; elsewhere than on Linux, none.
pub(super) fn table() -> Vec<Entry> {
    let Ok(folders) = std::fs::read_dir("/proc") else { return Vec::new() };
    folders
        .filter_map(|folder| folder.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter_map(|pid| std::fs::read_to_string(format!("/proc/{pid}/stat")).ok())
        .filter_map(|stat| parse(&stat))
        .collect()
}

/// `PID (NAME) STATE PARENT GROUP …`, where the name may have anything in it.
fn parse(stat: &str) -> Option<Entry> {
    let (pid, rest) = stat.split_once(" (")?;
    let (_name, rest) = rest.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    let mut id = || Some(Pid::from_raw(fields.next()?.parse().ok()?));
    let (parent, group) = (id()?, id()?);
    Some(Entry { pid: Pid::from_raw(pid.parse().ok()?)?, parent, group, zombie: matches!(state, "Z" | "X") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(raw: i32) -> Pid {
        Pid::from_raw(raw).unwrap()
    }

    #[test]
    fn a_process_whose_name_has_parentheses_is_read() {
        let expected = Entry { pid: pid(7), parent: Some(pid(1)), group: Some(pid(5)), zombie: true };
        assert_eq!(parse("7 (a) b (c)) Z 1 5 5 0 -1"), Some(expected));
        assert_eq!(parse("7 (cut"), None);
    }

    #[test]
    fn members_are_the_group_and_all_their_descendants_and_nobody_else() {
        let entry = |id, parent, group| Entry {
            pid: pid(id),
            parent: Pid::from_raw(parent),
            group: Pid::from_raw(group),
            zombie: false,
        };
        // 10 is the guardian; 20 and 30 are instances; 22 left 20's group; 23 is a child of that; 99 is a stranger.
        let table = [
            entry(10, 1, 10),
            entry(20, 10, 20),
            entry(21, 20, 20),
            entry(22, 21, 22),
            entry(23, 22, 22),
            entry(30, 10, 30),
            entry(99, 1, 20),
        ];
        assert_eq!(living_members(&table, pid(10), pid(20), "no such mark"), [20, 21, 22, 23].map(pid));
        assert_eq!(living_descendants(&table, pid(10)), [20, 21, 22, 23, 30].map(pid));
    }
}
