//! `directory`: a folder. Copied whole: files, folders and links, with their permissions and times (a server may answer
//! with a file's time). What else a folder can hold, sockets and pipes and devices, can't be copied and is refused by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileTimes, Metadata, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::StoreError;
use super::data::{self, Change, Comparison, RowDifference, TableComparison, ValueDifference};
use super::seam::{Location, Store, apart};

/// Folders.
#[derive(Debug)]
pub struct Directory;

#[async_trait]
impl Store for Directory {
    async fn create(&self, folder: &Path, name: &str) -> Result<Location, StoreError> {
        let path = folder.join(name);
        fs::create_dir(&path).map_err(StoreError::io("cannot make the folder", &path))?;
        Ok(locate(path))
    }

    async fn run_sql(&self, _: &Location, file: &Path) -> Result<(), StoreError> {
        Err(StoreError::NoSql { file: file.to_owned() })
    }

    async fn copy(&self, store: &Location, folder: &Path, name: &str) -> Result<Location, StoreError> {
        let copy = locate(folder.join(name));
        let (from, to) = (store.path.clone(), copy.path.clone());
        apart(&copy.path, move || copy_folder(&from, &to, &Roots { from: &from, to: &to })).await?;
        Ok(copy)
    }

    async fn digest(&self, store: &Location) -> Result<String, StoreError> {
        let path = store.path.clone();
        apart(&store.path, move || {
            let mut hasher = blake3::Hasher::new();
            hash_folder(&path, &path, &mut hasher)?;
            Ok(hasher.finalize().to_hex().to_string())
        })
        .await
    }

    async fn compare(&self, before: &Location, after: &Location, shown: usize) -> Result<Comparison, StoreError> {
        let (before, after) = (before.path.clone(), after.path.clone());
        apart(&after.clone(), move || compare(&before, &after, shown)).await
    }
}

fn locate(path: PathBuf) -> Location {
    let url = format!("file://{}", path.display());
    Location { path, url, seen_as: Vec::new() }
}

struct Roots<'a> {
    from: &'a Path,
    to: &'a Path,
}

fn copy_folder(from: &Path, to: &Path, roots: &Roots<'_>) -> Result<(), StoreError> {
    fs::create_dir(to).map_err(StoreError::io("cannot make the folder", to))?;
    for (name, path, facts) in entries(from)? {
        let target = to.join(name);
        let kind = facts.file_type();
        if kind.is_symlink() {
            copy_link(&path, &target, roots)?;
        } else if kind.is_dir() {
            copy_folder(&path, &target, roots)?;
        } else if kind.is_file() {
            copy_file(&path, &target, &facts)?;
        } else {
            return Err(StoreError::Special { path, what: what_is(&facts) });
        }
    }
    // Last, since a folder that can't be written can't be filled either.
    let mode = fs::metadata(from).map_err(StoreError::io("cannot read", from))?.permissions().mode();
    fs::set_permissions(to, Permissions::from_mode(mode)).map_err(StoreError::io("cannot set the mode of", to))
}

/// A link that names a place within the folder by its whole path leads to that place within the copy, or the copy would
/// write to its original.
fn copy_link(path: &Path, target: &Path, roots: &Roots<'_>) -> Result<(), StoreError> {
    let leads_to = fs::read_link(path).map_err(StoreError::io("cannot read the link", path))?;
    let leads_to = match leads_to.strip_prefix(roots.from) {
        Ok(within) => roots.to.join(within),
        Err(_) => leads_to,
    };
    symlink(leads_to, target).map_err(StoreError::io("cannot make the link", target))
}

fn copy_file(path: &Path, target: &Path, facts: &Metadata) -> Result<(), StoreError> {
    fs::copy(path, target).map_err(StoreError::io("cannot copy", path))?;
    let Ok(modified) = facts.modified() else { return Ok(()) };
    // A file that can't be opened for writing keeps the time of its copying: its content is what counts.
    if let Ok(file) = fs::File::options().write(true).open(target) {
        let times = FileTimes::new().set_modified(modified);
        file.set_times(times).map_err(StoreError::io("cannot set the time of", target))?;
    }
    Ok(())
}

fn hash_folder(folder: &Path, root: &Path, hasher: &mut blake3::Hasher) -> Result<(), StoreError> {
    for (_, path, facts) in entries(folder)? {
        let kind = facts.file_type();
        let within = path.strip_prefix(root).unwrap_or(&path);
        let mut part = |what: &[u8]| {
            hasher.update(&(what.len() as u64).to_le_bytes());
            hasher.update(what);
        };
        part(within.as_os_str().as_encoded_bytes());
        if kind.is_symlink() {
            let leads_to = fs::read_link(&path).map_err(StoreError::io("cannot read the link", &path))?;
            part(b"link");
            part(leads_to.strip_prefix(root).unwrap_or(&leads_to).as_os_str().as_encoded_bytes());
        } else {
            part(&facts.permissions().mode().to_le_bytes());
            if kind.is_file() {
                part(blake3_of(&path)?.as_bytes());
            } else if kind.is_dir() {
                hash_folder(&path, root, hasher)?;
            }
        }
    }
    Ok(())
}

fn blake3_of(path: &Path) -> Result<blake3::Hash, StoreError> {
    let mut hasher = blake3::Hasher::new();
    let mut file = fs::File::open(path).map_err(StoreError::io("cannot read", path))?;
    std::io::copy(&mut file, &mut hasher).map_err(StoreError::io("cannot read", path))?;
    Ok(hasher.finalize())
}

/// What is compared of a file: its kind, its mode, and its content.
const COLUMNS: [&str; 3] = ["kind", "mode", "content"];

/// As one table, whose rows are files and whose key is their path.
fn compare(before: &Path, after: &Path, shown: usize) -> Result<Comparison, StoreError> {
    let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
    list(before, before, &mut left)?;
    list(after, after, &mut right)?;
    let mut table = TableComparison {
        name: "files".to_owned(),
        key: vec!["path".to_owned()],
        rows_before: left.len() as u64,
        rows_after: right.len() as u64,
        ..TableComparison::default()
    };
    let paths: BTreeSet<&PathBuf> = left.keys().chain(right.keys()).collect();
    for path in paths {
        let (change, values) = match (left.get(path), right.get(path)) {
            (Some(_), None) => (Change::Lost, Vec::new()),
            (None, Some(_)) => (Change::Added, Vec::new()),
            (Some(before), Some(after)) if before != after => {
                let differing = (0..COLUMNS.len()).filter(|at| before[*at] != after[*at]);
                let value = |at: usize| ValueDifference {
                    column: COLUMNS[at].to_owned(),
                    before: Some(data::value(COLUMNS[at], Some(&before[at]))),
                    after: Some(data::value(COLUMNS[at], Some(&after[at]))),
                };
                (Change::Changed, differing.map(value).collect())
            }
            _ => continue,
        };
        *match change {
            Change::Lost => &mut table.lost,
            Change::Added => &mut table.added,
            Change::Changed => &mut table.changed,
        } += 1;
        for value in &values {
            *table.changed_by_column.entry(value.column.clone()).or_default() += 1;
        }
        let key = vec![("path".to_owned(), path.display().to_string())];
        table.show(shown, RowDifference { change, key, values });
    }
    Ok(Comparison { tables: vec![table], ..Comparison::default() })
}

/// Every file, link and folder below, by its path within `root`.
fn list(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, [String; 3]>) -> Result<(), StoreError> {
    for (_, path, facts) in entries(folder)? {
        let kind = facts.file_type();
        let (what, content) = if kind.is_symlink() {
            let leads_to = fs::read_link(&path).map_err(StoreError::io("cannot read the link", &path))?;
            ("link", leads_to.strip_prefix(root).unwrap_or(&leads_to).display().to_string())
        } else if kind.is_dir() {
            ("folder", String::new())
        } else if kind.is_file() {
            ("file", format!("{} bytes, blake3 {}", facts.len(), blake3_of(&path)?.to_hex()))
        } else {
            (what_is(&facts), String::new())
        };
        let mode = format!("{:o}", facts.permissions().mode() & 0o7777);
        let within = path.strip_prefix(root).unwrap_or(&path).to_owned();
        found.insert(within, [what.to_owned(), mode, content]);
        if kind.is_dir() {
            list(&path, root, found)?;
        }
    }
    Ok(())
}

/// What a folder holds, by name in order.
fn entries(folder: &Path) -> Result<Vec<(std::ffi::OsString, PathBuf, Metadata)>, StoreError> {
    let failed = || StoreError::io("cannot read the folder", folder);
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        let facts = entry.metadata().map_err(failed())?;
        all.push((entry.file_name(), entry.path(), facts));
    }
    all.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(all)
}

fn what_is(facts: &Metadata) -> &'static str {
    let kind = facts.file_type();
    if kind.is_socket() {
        "a socket"
    } else if kind.is_fifo() {
        "a named pipe"
    } else {
        "a device"
    }
}
