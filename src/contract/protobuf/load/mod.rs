//! Loading protobuf contracts: a folder of `.proto` files, one of them with its imports, or a binary descriptor set.
//!
//! Owns guessing where imports start, compiling, and naming file, line and column of what is wrong. Refuses editions, by name and
//! with the way out. Main type: [`Schema`](super::schema::Schema).

mod entries;
mod failure;
mod lines;
mod roots;
mod scan;
mod set;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};
use prost_reflect::{DescriptorError, DescriptorPool};
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

use super::schema::Schema;
use crate::contract::{ContractError, Source};
pub use lines::Lines;
use roots::Roots;
use scan::Glance;

/// Reads a contract, whichever form it has.
pub fn load(source: &Source) -> Result<Schema, ContractError> {
    let path = source.path.trim_matches('/');
    let under = |file: &String| path.is_empty() || file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    let meant: Vec<String> = source.tree.files(&[".proto"])?.into_iter().filter(under).collect();
    if !meant.is_empty() {
        return compile(source, path, &meant);
    }
    if path.is_empty() || source.tree.files(&[""])?.iter().any(under) {
        let sets: Vec<String> = source.tree.files(set::ENDINGS)?.into_iter().filter(under).collect();
        return match sets.as_slice() {
            [one] => from_set(one, &source.tree.read(one)?),
            _ => Err(no_contract(path)),
        };
    }
    let bytes = source.tree.read(path)?;
    if set::is_set(path, &bytes) {
        return from_set(path, &bytes);
    }
    compile(source, folder_of(path), &[path.to_owned()])
}

fn no_contract(path: &str) -> ContractError {
    let folder = if path.is_empty() { "the folder".to_owned() } else { format!("`{path}`") };
    ContractError::NoContract {
        what: format!(
            "{folder} holds no `.proto` file and not just one descriptor set: give the folder, the `.proto` file or the set"
        ),
    }
}

fn from_set(path: &str, bytes: &[u8]) -> Result<Schema, ContractError> {
    let (pool, own) = set::load(path, bytes)?;
    let own = own.into_iter().map(|name| (name, path.to_owned())).collect();
    Ok(Schema::new(pool, own, HashMap::new()))
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The files of the compiler: by the name that imports give them, with path and text.
type Texts = Arc<BTreeMap<String, (String, String)>>;

fn compile(source: &Source, home: &str, meant: &[String]) -> Result<Schema, ContractError> {
    let read = read_all(source, meant)?;
    let imports: BTreeMap<String, Vec<String>> = read
        .iter()
        .map(|(path, (_, glance))| (path.clone(), glance.imports.iter().map(|(import, _)| import.clone()).collect()))
        .collect();
    let roots = Roots::guess(home, &imports);
    let mut texts = BTreeMap::new();
    let mut glances = BTreeMap::new();
    for (path, (text, glance)) in read {
        let name = roots.name_of(&path).to_owned();
        texts.insert(name.clone(), (path, text));
        glances.insert(name, glance);
    }
    refuse_early(&texts, &glances)?;
    let texts = Arc::new(texts);
    let meant: BTreeSet<&str> = meant.iter().map(|path| roots.name_of(path)).collect();
    let needed = in_order(&glances, &meant).map_err(|(name, import, offset)| {
        let (path, text) = texts.get(name).map_or((name, ""), |(path, text)| (path.as_str(), text.as_str()));
        let what = format!("importing `{import}` closes a circle: take what both need into a third file");
        ContractError::Wrong { at: failure::position(path, text, offset), what }
    })?;
    let lines = Arc::default();
    let compiler = match compile_files(&needed, &Held { texts: Arc::clone(&texts), lines: Some(Arc::clone(&lines)) }) {
        Ok(compiler) => compiler,
        // Again, so that the error knows where.
        Err(_) => compile_files(&needed, &Held { texts: Arc::clone(&texts), lines: None })
            .map_err(|(name, error)| failure::from_compiler(&error, &name, &texts))?,
    };
    let own = needed.iter().filter(|name| !is_well_known(name));
    let own = own.filter_map(|name| texts.get(*name).map(|(path, _)| ((*name).to_owned(), path.clone()))).collect();
    let lines = lines.lock().map(|mut lines| std::mem::take(&mut *lines)).unwrap_or_default();
    Ok(Schema::new(compiler.descriptor_pool(), own, lines))
}

/// The compiler that has compiled all of these, or the file that it fails at.
fn compile_files(names: &[&str], held: &Held) -> Result<Compiler, (String, protox::Error)> {
    let mut resolver = ChainFileResolver::new();
    resolver.add(held.clone());
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    for name in names {
        compiler.open_file(name).map_err(|error| ((*name).to_owned(), error))?;
    }
    Ok(compiler)
}

/// What a file says, and what a glance at it shows.
type Read = BTreeMap<String, (String, Glance)>;

/// Reads the files that are meant, and whatever of the tree they may import.
fn read_all(source: &Source, meant: &[String]) -> Result<Read, ContractError> {
    let mut all = Read::new();
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in source.tree.files(&[".proto"])? {
        by_name.entry(path.rsplit('/').next().unwrap_or_default().to_owned()).or_default().push(path);
    }
    let mut todo: Vec<String> = meant.to_vec();
    while let Some(path) = todo.pop() {
        if all.contains_key(&path) {
            continue;
        }
        let bytes = source.tree.read(&path)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            ContractError::Wrong {
                at: failure::position(&path, &text, valid),
                what: "the text is not UTF-8: save it as UTF-8, or give a descriptor set with the ending `.fds`"
                    .to_owned(),
            }
        })?;
        let glance = Glance::at(&text);
        for (import, _) in &glance.imports {
            let ending = format!("/{import}");
            let last = import.rsplit('/').next().unwrap_or_default();
            let candidates = by_name.get(last).into_iter().flatten();
            todo.extend(candidates.filter(|path| *path == import || path.ends_with(&ending)).cloned());
        }
        all.insert(path, (text, glance));
    }
    Ok(all)
}

/// What the compiler would say less well: editions, imports that nothing is there for, and imports in a circle.
fn refuse_early(
    texts: &BTreeMap<String, (String, String)>,
    glances: &BTreeMap<String, Glance>,
) -> Result<(), ContractError> {
    let google = GoogleFileResolver::new();
    for (name, glance) in glances {
        let Some((path, text)) = texts.get(name) else { continue };
        let wrong = |offset, what| ContractError::Wrong { at: failure::position(path, text, offset), what };
        if let Some((edition, offset)) = &glance.edition {
            return Err(wrong(
                *offset,
                format!(
                    "edition `{edition}` can't be compiled yet: give the FileDescriptorSet of a version in proto2 or proto3 syntax instead, or leave the file out"
                ),
            ));
        }
        for (import, offset) in &glance.imports {
            if !texts.contains_key(import) && google.open_file(import).is_err() {
                return Err(wrong(
                    *offset,
                    format!(
                        "`{import}` is imported and not there: give the folder that holds it too, or a descriptor set with all imports"
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// An import that leads back to the file that it stands in: the file, what it imports, and where.
type Circle<'a> = (&'a str, &'a str, usize);

/// The files that are meant and all that they import, imported ones first: the compiler then never goes deep.
fn in_order<'a>(glances: &'a BTreeMap<String, Glance>, meant: &BTreeSet<&'a str>) -> Result<Vec<&'a str>, Circle<'a>> {
    let mut order = Vec::new();
    // Files that are entered, and whether they were left again.
    let mut left: BTreeMap<&str, bool> = BTreeMap::new();
    // Each with the import that leads to it, and whether it is to be left rather than entered.
    let mut todo: Vec<(&str, Option<Circle<'_>>, bool)> = meant.iter().rev().map(|name| (*name, None, false)).collect();
    while let Some((name, by, is_done)) = todo.pop() {
        if is_done {
            left.insert(name, true);
            order.push(name);
            continue;
        }
        let Some(glance) = glances.get(name) else { continue };
        match (left.get(name), by) {
            (Some(true), _) | (Some(false), None) => {}
            (Some(false), Some(circle)) => return Err(circle),
            (None, _) => {
                left.insert(name, false);
                todo.push((name, None, true));
                let imports = glance.imports.iter().rev();
                todo.extend(
                    imports.map(|(import, offset)| (import.as_str(), Some((name, import.as_str(), *offset)), false)),
                );
            }
        }
    }
    Ok(order)
}

/// The files that are held already.
#[derive(Clone)]
struct Held {
    texts: Texts,
    /// Where to keep what stands where; if nowhere, the compiler is to know it.
    lines: Option<Arc<Mutex<HashMap<String, Lines>>>>,
}

impl FileResolver for Held {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let Some((_, text)) = self.texts.get(name) else { return Err(protox::Error::file_not_found(name)) };
        let file = File::from_source(name, text)?;
        let Some(kept) = &self.lines else { return Ok(file) };
        let mut descriptor = FileDescriptorProto::from(file);
        let lines = Lines::take(&mut descriptor);
        if let Ok(mut kept) = kept.lock() {
            kept.insert(name.to_owned(), lines);
        }
        Ok(descriptor.into())
    }
}

/// Whether a file is one of those that come with protobuf itself.
fn is_well_known(name: &str) -> bool {
    name.starts_with("google/protobuf/") && GoogleFileResolver::new().open_file(name).is_ok()
}

/// Adds those files of protobuf itself that a set leaves out.
fn add_well_known(pool: &mut DescriptorPool, set: &FileDescriptorSet) -> Result<(), DescriptorError> {
    let google = GoogleFileResolver::new();
    for wanted in set.file.iter().flat_map(|file| &file.dependency) {
        if !set.file.iter().any(|file| file.name() == wanted.as_str())
            && pool.get_file_by_name(wanted).is_none()
            && let Ok(file) = google.open_file(wanted)
        {
            pool.add_file_descriptor_proto(file.file_descriptor_proto().clone())?;
        }
    }
    Ok(())
}
