//! Lays the demo out in a folder: manifest, recordings, contracts, and the shop's binary by a link. One way for the tests and for
//! `cargo xtask compat`.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::faults::Case;

#[path = "contracts.rs"]
pub mod contracts;

/// What the shop remembers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine<'u> {
    /// A file.
    Sqlite,
    /// A PostgreSQL server that straddle starts, or the one to which that URL leads.
    Postgres(Option<&'u str>),
}

/// Lays the clean demo out in `folder`, or that case of it, and gives the manifest's file. `demo` is the folder of this file.
pub fn lay_out(
    demo: &Path,
    shop: &Path,
    folder: &Path,
    case: Option<&Case>,
    engine: Engine<'_>,
) -> io::Result<PathBuf> {
    let recordings = folder.join("recordings");
    fs::create_dir_all(&recordings)?;
    for side in ["old", "new"] {
        let name = recording(case, side);
        fs::copy(demo.join("recordings").join(&name), recordings.join(&name))?;
    }
    for side in ["old", "new"] {
        let contract = folder.join("contracts").join(side);
        fs::create_dir_all(&contract)?;
        for file in ["openapi.yaml", "shop.proto"] {
            let clean = fs::read_to_string(demo.join("../../contracts/demo").join(side).join(file))?;
            fs::write(contract.join(file), contracts::text(&clean, file, side, case.map(|case| case.name)))?;
        }
    }
    let binary = folder.join("straddle-demo-shop");
    match fs::remove_file(&binary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => symlink(shop, &binary)?,
    }
    let manifest = folder.join("straddle.toml");
    let text = manifest_text(&fs::read_to_string(demo.join("straddle.toml"))?, case);
    fs::write(&manifest, on_engine(text, engine))?;
    Ok(manifest)
}

/// The clean pair's manifest with that case in it.
pub fn manifest_text(clean: &str, case: Option<&Case>) -> String {
    let Some(case) = case else { return clean.to_owned() };
    let mut text = clean.to_owned();
    if case.migrates() {
        let at = text.find("[[recording]]").unwrap_or(text.len());
        text.insert_str(at, &migrations(case));
    }
    let option = if case.is_benign() { "--benign" } else { "--fault" };
    for side in ["old", "new"] {
        text = text.replace(&format!("--side {side}"), &format!("--side {side} {option} {}", case.name));
        text = text.replace(&format!("\"recordings/{side}.har\""), &format!("\"recordings/{}\"", case.recording(side)));
    }
    if case.name == "removal-accepted" {
        text.push_str(ACCEPTED);
    }
    text
}

fn on_engine(text: String, engine: Engine<'_>) -> String {
    let Engine::Postgres(url) = engine else { return text };
    let url = url.map(|url| format!("\nurl = \"{url}\"")).unwrap_or_default();
    text.replace("{state.db.path}", "{state.db.url}").replace("kind = \"sqlite\"", &format!("kind = \"postgres\"{url}"))
}

fn migrations(case: &Case) -> String {
    let to =
        |version: u64| format!("\"./straddle-demo-shop migrate --side new --to {version} --db {{state.db.path}}\"");
    let down = if ONE_WAY.contains(&case.name) { String::new() } else { format!("down = {}\n", to(1)) };
    format!("[state.db.migrate]\nnew = {}\n{down}\n", to(2))
}

/// Cases whose migrations lead nowhere back.
const ONE_WAY: [&str; 3] = ["column-dropped", "store-unguarded", "migration-one-way"];

const ACCEPTED: &str = r#"
[[accept]]
rule = "http/field-removed"
subject = "GET /products/{}"
at = "$.legacy_code"
direction = "old->new"
reason = "nobody has asked for a legacy code since the till was replaced"
expires = 2099-12-31
"#;

fn recording(case: Option<&Case>, side: &str) -> String {
    case.map_or_else(|| format!("{side}.har"), |case| case.recording(side))
}
