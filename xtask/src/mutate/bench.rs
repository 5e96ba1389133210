//! A pair's folder with a manifest in which NEW is OLD behind the changing proxy, and runs of straddle on it. The main type is
//! [`Bench`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::change::Change;
use super::proxy::INNER;
use super::route::Route;
use crate::steps::{self, Failure};

/// A pair, ready to be run against itself.
pub struct Bench {
    straddle: PathBuf,
    folder: PathBuf,
    /// Plans, captures and reports.
    scratch: PathBuf,
    manifest: String,
    /// Numbers of runs: several may be under way.
    next: AtomicUsize,
    /// Its recordings, as the manifest names them.
    pub recordings: Vec<PathBuf>,
}

impl Bench {
    /// The pair that lies in this folder.
    pub fn new(straddle: PathBuf, folder: PathBuf) -> Result<Self, Failure> {
        let text = fs::read_to_string(folder.join("straddle.toml"))
            .map_err(|error| format!("{}: {error}", folder.join("straddle.toml").display()))?;
        let proxied = Proxied::of(&text)?;
        let scratch = steps::target().join("mutate").join(std::process::id().to_string()).join(name(&folder));
        fs::create_dir_all(&scratch)?;
        let recordings = proxied.recordings.iter().map(|file| folder.join(file)).collect();
        Ok(Self { straddle, folder, scratch, manifest: proxied.text, next: AtomicUsize::new(0), recordings })
    }

    /// Runs without a change, and gives the report and what each instance behind the proxy answered.
    pub fn clean(&self) -> Result<(Value, Vec<String>), Failure> {
        let captures = self.scratch.join("captures");
        let _ = fs::remove_dir_all(&captures);
        fs::create_dir_all(&captures)?;
        let report = self.run(self.number(), &format!("--capture {}", captures.display()))?;
        let mut all = Vec::new();
        for entry in fs::read_dir(&captures)? {
            all.push(fs::read_to_string(entry?.path())?);
        }
        all.sort();
        Ok((report, all))
    }

    /// Runs with these changes, and gives the report.
    pub fn changed(&self, routes: &[Route], changes: &[&Change]) -> Result<Value, Failure> {
        let number = self.number();
        let plan = self.scratch.join(format!("plan-{number}.json"));
        let routes: Vec<String> = routes.iter().map(Route::to_string).collect();
        let changes: Vec<Value> = changes.iter().map(|change| change.to_json()).collect();
        fs::write(&plan, json!({ "routes": routes, "changes": changes }).to_string())?;
        self.run(number, &format!("--plan {}", plan.display()))
    }

    /// A recording with its sessions and bindings found, as lines of JSON.
    pub fn imported(&self, recording: &Path) -> Result<String, Failure> {
        let out = self.scratch.join("recording.jsonl");
        let mut command = Command::new(&self.straddle);
        command.arg("import").arg(recording).arg("--out").arg(&out);
        steps::output(&mut command)?;
        Ok(fs::read_to_string(out)?)
    }

    fn number(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    fn run(&self, number: usize, what: &str) -> Result<Value, Failure> {
        // Beside the pair's own, since what a manifest names is relative to it.
        let manifest = self.folder.join(format!("mutate-{}-{number}.toml", std::process::id()));
        let report = self.scratch.join(format!("report-{number}.json"));
        fs::write(&manifest, self.manifest.replace(WHAT, what))?;
        let mut command = Command::new(&self.straddle);
        command.arg("check").arg("--manifest").arg(&manifest).args(["--only", "replay"]);
        command.arg("--report").arg(format!("json={}", report.display())).stderr(Stdio::null());
        let status = steps::status(&mut command);
        let _ = fs::remove_file(&manifest);
        match status?.code() {
            Some(0 | 1 | 4) => Ok(serde_json::from_str(&fs::read_to_string(&report)?)?),
            code => Err(format!("straddle ended with {code:?}").into()),
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.scratch);
    }
}

/// Stands in the manifest where a run says what its proxy does.
const WHAT: &str = "@what@";

/// A manifest with OLD behind the proxy in the place of NEW.
#[derive(Debug)]
struct Proxied {
    text: String,
    recordings: Vec<String>,
}

impl Proxied {
    fn of(text: &str) -> Result<Self, Failure> {
        let sections = sections(text);
        let old: Vec<_> = sections.iter().filter(|(name, _)| is_side(name, "old")).collect();
        let [(name, old)] = old.as_slice() else { return Err("there has to be one service with one old build".into()) };
        let service = name.trim_end_matches(".old]");
        let own = sections.iter().find(|(name, _)| *name == format!("{service}]"));
        let ready = own.and_then(|(_, lines)| value(lines, "ready"));
        let run = value(old, "run").ok_or("the old build has no `run` that is one text")?;
        let mut proxied = Self { text: String::new(), recordings: Vec::new() };
        for (name, lines) in &sections {
            let mut lines = lines.clone();
            if is_side(name, "new") {
                lines = old
                    .iter()
                    .map(|line| if is_key(line, "run") { command(&run, ready.as_deref()) } else { Ok(line.clone()) })
                    .collect::<Result<_, _>>()?;
            }
            if name == "[[recording]]" {
                if value(&lines, "client").as_deref() == Some("new") {
                    continue;
                }
                proxied.recordings.extend(value(&lines, "file"));
                for line in lines.iter_mut().filter(|line| is_key(line, "client")) {
                    "client = \"old\"".clone_into(line);
                }
            }
            proxied.text.extend([name.as_str(), "\n", &lines.join("\n"), "\n"]);
        }
        Ok(proxied)
    }
}

/// The `run` of NEW: the proxy, and behind it OLD's on a port of its own.
fn command(run: &str, ready: Option<&str>) -> Result<String, Failure> {
    let xtask = std::env::current_exe()?;
    let mut names: Vec<&str> = run.split(['{', '}']).skip(1).step_by(2).filter(|name| *name != "port").collect();
    names.push("dir");
    names.sort_unstable();
    names.dedup();
    let names: Vec<String> = names.iter().map(|name| format!("{{{name}}}")).collect();
    let ready = ready.map_or_else(String::new, |ready| format!("--ready {ready} "));
    let inner = run.replace("{port}", INNER);
    let words = format!(
        "{} mutate-proxy --port {{port}} {ready}--names {} {WHAT} -- {inner}",
        xtask.display(),
        names.join(",")
    );
    Ok(format!("run = {}", Value::from(words)))
}

/// Headlines with the lines below them; what comes before the first has an empty one.
fn sections(text: &str) -> Vec<(String, Vec<String>)> {
    let mut sections = vec![(String::new(), Vec::new())];
    for line in text.lines() {
        let is_head = line.starts_with('[');
        if is_head {
            sections.push((line.split('#').next().unwrap_or_default().trim().to_owned(), Vec::new()));
        } else if let Some((_, lines)) = sections.last_mut() {
            lines.push(line.to_owned());
        }
    }
    sections
}

fn is_side(name: &str, side: &str) -> bool {
    name.starts_with("[service.") && name.ends_with(&format!(".{side}]"))
}

fn is_key(line: &str, key: &str) -> bool {
    line.split('=').next().is_some_and(|name| name.trim() == key)
}

/// A key's value, where it is one text.
fn value(lines: &[String], key: &str) -> Option<String> {
    let line = lines.iter().find(|line| is_key(line, key))?;
    let text = line.split_once('=')?.1.trim();
    serde_json::Deserializer::from_str(text).into_iter::<String>().next()?.ok()
}

fn name(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "\
[project]
name = \"a\"
[service.a]
ready = \"/up\"
[service.a.old]
path = \"old\"
run = \"serve -p {port} -d {state.data.path}\"
[service.a.new]
path = \"new\"
run = \"serve2 -p {port}\"
[[recording]]
file = \"r/old.har\" # of old
client = \"any\"
[[recording]]
file = \"r/new.har\"
client = \"new\"
";

    #[test]
    fn new_becomes_old_behind_the_proxy() {
        let proxied = Proxied::of(MANIFEST).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(proxied.recordings, ["r/old.har"]);
        for (wanted, count) in [
            ("path = \"old\"", 2),
            ("serve2", 0),
            ("new.har", 0),
            ("client = \"old\"", 1),
            ("--ready /up --names {dir},{state.data.path} @what@ -- serve -p @inner-port@ -d {state.data.path}", 1),
        ] {
            assert_eq!(proxied.text.matches(wanted).count(), count, "{wanted}\n{}", proxied.text);
        }
    }

    #[test]
    fn two_services_are_refused() {
        assert!(Proxied::of(&format!("{MANIFEST}[service.b.old]\nrun = \"x\"\n")).is_err());
    }
}
