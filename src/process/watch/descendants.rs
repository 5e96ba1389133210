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
    /// When it was started, in ticks since the machine was.
    born: u64,
}

/// A process and no other that has its number later.
pub(super) type Identity = (Pid, u64);

impl Entry {
    pub(super) fn identity(&self) -> Identity {
        (self.pid, self.born)
    }
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

/// Of the descendants of the guardian, the living ones that belong to one instance: by their group, by their mark, because
/// their parent does, or because they did when it was looked last. The latter matters for a daemon without a mark, which
/// nothing links to its instance once its parent is dead.
pub(super) fn living_members(
    table: &[Entry],
    guardian: Pid,
    group: Pid,
    mark: &str,
    known: &HashSet<Identity>,
) -> Vec<Entry> {
    let descendants: HashSet<_> = living_descendants(table, guardian).into_iter().collect();
    let mark = format!("{mark}\0");
    let belongs = |entry: &Entry| {
        entry.group == Some(group)
            || (descendants.contains(&entry.pid) && (known.contains(&entry.identity()) || bears(entry.pid, &mark)))
    };
    let members = table.iter().filter(|entry| belongs(entry)).map(|entry| entry.pid).collect();
    let members = with_children(table, members);
    let lives = |entry: &&Entry| descendants.contains(&entry.pid) && members.contains(&entry.pid);
    table.iter().filter(lives).copied().collect()
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

/// `PID (NAME) STATE PARENT GROUP …`, where the name may have anything in it; the birth is the 22nd field.
fn parse(stat: &str) -> Option<Entry> {
    let (pid, rest) = stat.split_once(" (")?;
    let (_name, rest) = rest.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    // A process that is being taken leave of right now has -1 for its group.
    let mut id = || Some(Pid::from_raw(fields.next()?.parse::<i32>().ok()?.max(0)));
    let (parent, group) = (id()?, id()?);
    let born = fields.nth(16)?.parse().ok()?;
    Some(Entry { pid: Pid::from_raw(pid.parse().ok()?)?, parent, group, zombie: matches!(state, "Z" | "X"), born })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(raw: i32) -> Pid {
        Pid::from_raw(raw).unwrap()
    }

    fn entry(id: i32, parent: i32, group: i32) -> Entry {
        Entry { pid: pid(id), parent: Pid::from_raw(parent), group: Pid::from_raw(group), zombie: false, born: 1 }
    }

    #[test]
    fn a_process_whose_name_has_parentheses_is_read() {
        let stat = "7 (a) b (c)) Z 1 5 5 0 -1 4194560 97 0 0 0 3 4 5 6 20 0 1 0 4242 2703360";
        assert_eq!(parse(stat), Some(Entry { zombie: true, born: 4242, ..entry(7, 1, 5) }));
        let leaving = "7 (gone) X 0 -1 -1 0 -1 4194560 97 0 0 0 3 4 5 6 20 0 1 0 4242 2703360";
        assert_eq!(parse(leaving).map(|entry| (entry.parent, entry.group)), Some((None, None)));
        assert_eq!(parse("7 (cut"), None);
        assert_eq!(parse("7 (cut) S 1 5"), None);
    }

    #[test]
    fn members_are_the_group_and_all_their_descendants_and_nobody_else() {
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
        check(&table, &[], &[20, 21, 22, 23]);
        assert_eq!(living_descendants(&table, pid(10)), [20, 21, 22, 23, 30].map(pid));
    }

    #[test]
    fn a_daemon_is_known_after_its_parent_died_but_its_number_is_not_enough() {
        // The parent of 22 has died, so that it came to the guardian.
        let table = [entry(20, 10, 20), entry(22, 10, 22)];
        check(&table, &[], &[20]);
        check(&table, &[(pid(22), 1)], &[20, 22]);
        check(&table, &[(pid(22), 2)], &[20]);
    }

    fn check(table: &[Entry], known: &[Identity], expected: &[i32]) {
        let known = known.iter().copied().collect();
        let members = living_members(table, pid(10), pid(20), "no such mark", &known);
        let members: Vec<_> = members.iter().map(|member| member.pid.as_raw_nonzero().get()).collect();
        assert_eq!(members, expected);
    }
}
