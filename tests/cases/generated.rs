//! The check `generated`: what contracts allow and nobody has sent, against servers in this process.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use straddle::model::{Finding, Run, Severity};
use tempfile::TempDir;

use crate::support::server::{Request, Response, Server};

/// Two servers with a contract each.
struct Pair {
    folder: TempDir,
    old: Server,
    new: Server,
    writes: bool,
}

/// A service that keeps notes, by what it accepts of them.
#[derive(Clone)]
struct Notes {
    /// Of a note's text in characters.
    longest: usize,
    /// A field that has to be there besides the text.
    required: Option<&'static str>,
    /// What a reader gets besides what was written.
    extra: Option<(&'static str, Value)>,
    /// What is not given back.
    forgets: Option<&'static str>,
    /// What only the contract says of the longest text.
    promised: usize,
}

impl Notes {
    fn of(longest: usize) -> Self {
        Self { longest, required: None, extra: None, forgets: None, promised: longest }
    }

    fn contract(&self) -> Value {
        let mut required = vec!["text"];
        required.extend(self.required);
        let note = json!({
            "type": "object",
            "required": required,
            "properties": {
                "text": { "type": "string", "maxLength": self.promised },
                "stars": { "type": "integer", "minimum": 0, "maximum": 5 },
                "author": { "type": "string", "minLength": 1, "maxLength": 20 },
            },
        });
        let made = json!({ "type": "object", "properties": { "id": { "type": "string" } } });
        let reply =
            |schema: &Value| json!({ "description": "It.", "content": { "application/json": { "schema": schema } } });
        let refused = json!({ "description": "No." });
        json!({
            "openapi": "3.0.3",
            "info": { "title": "Notes", "version": "1" },
            "paths": {
                "/notes": { "post": {
                    "requestBody": { "required": true, "content": { "application/json": { "schema": note } } },
                    "responses": { "201": reply(&made), "422": refused },
                } },
                "/notes/{noteId}": { "get": {
                    "parameters": [{ "name": "noteId", "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } }],
                    "responses": { "200": reply(&json!({ "type": "object" })), "404": refused },
                } },
            },
        })
    }

    fn serve(self) -> impl Fn(&Request) -> Response + Send + Sync + 'static {
        let kept: Arc<Mutex<BTreeMap<String, Value>>> = Arc::default();
        let next = AtomicU64::new(u64::from(std::process::id()));
        move |request| {
            if request.target == "/openapi.json" {
                return says(200, &self.contract());
            }
            if let Some(id) = request.target.strip_prefix("/notes/") {
                let kept = kept.lock().unwrap_or_else(|e| panic!("{e}"));
                return kept.get(id).map_or_else(|| says(404, &json!({"error": "none"})), |note| says(200, note));
            }
            let Ok(mut note) = serde_json::from_str::<Value>(&request.body) else {
                return says(400, &json!({"error": "no JSON"}));
            };
            let is_long = note["text"].as_str().is_none_or(|text| text.chars().count() > self.longest);
            if is_long || self.required.is_some_and(|name| note.get(name).is_none()) {
                return says(422, &json!({"error": "refused"}));
            }
            let id = format!("n-{:x}-{:x}", next.fetch_add(1, Ordering::Relaxed), std::ptr::from_ref(&next) as usize);
            if let (Some(name), Some(fields)) = (self.forgets, note.as_object_mut()) {
                fields.remove(name);
            }
            if let Some((name, value)) = &self.extra {
                note[name] = value.clone();
            }
            kept.lock().unwrap_or_else(|e| panic!("{e}")).insert(id.clone(), note);
            says(201, &json!({ "id": id }))
        }
    }
}

fn says(status: u16, body: &Value) -> Response {
    Response::json(status, &body.to_string())
}

impl Pair {
    fn of(old: Notes, new: Notes) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        Self { folder, old: Server::start(old.serve()), new: Server::start(new.serve()), writes: true }
    }

    fn check(&self, args: &[&str]) -> (Run, i32) {
        let manifest = format!(
            "[project]\nname = \"notes\"\n[service.s.old]\nurl = \"{}\"\nwrites = {w}\n[service.s.new]\nurl = \"{}\"\nwrites = {w}\n\
             [[contract]]\nservice = \"s\"\nkind = \"openapi\"\nold = {{ url = \"/openapi.json\" }}\nnew = {{ url = \"/openapi.json\" }}\n\
             [generated]\ncases = \"cases\"\n",
            self.old.url(),
            self.new.url(),
            w = self.writes,
        );
        fs::write(self.folder.path().join("straddle.toml"), manifest).unwrap_or_else(|e| panic!("{e}"));
        let said = self.straddle(&[&["check", "--only", "generated", "--report", "json=report.json"], args].concat());
        let report = fs::read_to_string(self.folder.path().join("report.json")).unwrap_or_else(|_| panic!("{said:?}"));
        (serde_json::from_str(&report).unwrap_or_else(|e| panic!("{e} in {report}")), said.0)
    }

    fn straddle(&self, args: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
        let out = command.current_dir(self.folder.path()).args(args).output().unwrap_or_else(|e| panic!("{e}"));
        let text = [out.stdout, out.stderr].concat();
        (out.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
    }

    fn cases(&self) -> Vec<Value> {
        let mut files: Vec<_> = fs::read_dir(self.folder.path().join("cases"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.sort();
        let read = |path: &std::path::PathBuf| {
            serde_json::from_str(&fs::read_to_string(path).unwrap_or_else(|e| panic!("{e}")))
                .unwrap_or_else(|e| panic!("{e}"))
        };
        files.iter().map(read).collect()
    }
}

fn told(run: &Run) -> Vec<String> {
    let above = run.findings.iter().filter(|found| found.severity > Severity::Info);
    above.map(|f| format!("{} {} {} {} at {}", f.rule, f.severity, f.direction, f.subject, f.at)).collect()
}

#[track_caller]
fn check(old: &Notes, new: &Notes, expected: &[&str]) {
    let (run, _) = Pair::of(old.clone(), new.clone()).check(&[]);
    assert_eq!(told(&run), expected, "{:#?} {:#?}", run.answers, run.notes);
}

fn found<'r>(run: &'r Run, subject: &str) -> &'r Finding {
    run.findings.iter().find(|found| found.subject == subject).unwrap_or_else(|| panic!("{:?}", told(run)))
}

#[test]
fn a_narrowed_length_is_found_with_the_shortest_text_that_is_refused() {
    let pair = Pair::of(Notes::of(500), Notes::of(200));
    let (run, exit) = pair.check(&[]);
    assert_eq!(told(&run), ["http/status-changed breaking old->new POST /notes at status"]);
    assert_eq!(exit, 1);
    let body = &found(&run, "POST /notes").evidence.request["body"];
    let text = body["text"].as_str().unwrap_or_else(|| panic!("{body}"));
    assert_eq!((text.chars().count(), body.as_object().map(serde_json::Map::len)), (201, Some(1)), "{body}");
    let cases = pair.cases();
    assert_eq!(cases.len(), 1, "{cases:?}");
    assert_eq!(cases[0]["steps"][0]["body"], *body);
}

#[test]
fn a_widened_length_breaks_only_who_goes_back() {
    let (old, new) = (Notes::of(200), Notes::of(500));
    check(&old, &new, &["http/status-changed breaking new->old POST /notes at status"]);
    // Twin: the contract is as it was, so that nobody sends more.
    check(&old, &Notes { promised: 200, ..new }, &[]);
}

#[test]
fn a_new_required_field_breaks_old_clients() {
    let new = Notes { required: Some("author"), ..Notes::of(9) };
    check(&Notes::of(9), &new, &["http/status-changed breaking old->new POST /notes at status"]);
    // Twin: it is only new, and nobody has to send it.
    check(&Notes::of(9), &Notes::of(9), &[]);
}

#[test]
fn what_was_created_has_to_come_back() {
    let new = Notes { forgets: Some("stars"), ..Notes::of(9) };
    check(&Notes::of(9), &new, &["http/field-removed breaking old->new GET /notes/{} at $.stars"]);
    // Twin: more comes back than was written. New clients may have got used to that, and old ones never mind.
    let more = Notes { extra: Some(("words", json!(2))), ..Notes::of(9) };
    check(&Notes::of(9), &more, &["http/field-removed risk new->old GET /notes/{} at $.words"]);
}

#[test]
fn ids_that_each_build_makes_are_sent_on() {
    let (run, _) = Pair::of(Notes::of(9), Notes::of(9)).check(&[]);
    let row =
        run.matrix.iter().find(|row| row.subject == "GET /notes/{}").unwrap_or_else(|| panic!("{:?}", run.matrix));
    assert!(row.observations > 4, "{row:?}");
    assert_eq!((run.coverage.seen, run.coverage.known), (2, 2), "{:?}", run.coverage);
}

#[test]
fn a_build_against_itself_is_silent_whatever_the_seed() {
    let pair = Pair::of(Notes::of(500), Notes::of(200));
    for seed in 0..3 {
        let (run, exit) = pair.check(&["--self", "old", "--seed", &seed.to_string()]);
        assert_eq!((told(&run), exit), (Vec::new(), 0), "{:?}", run.answers);
    }
}

#[test]
fn what_showed_something_is_sent_first_the_next_time_and_can_be_shown_alone() {
    let pair = Pair::of(Notes::of(500), Notes::of(200));
    let (first, _) = pair.check(&[]);
    let (run, _) = pair.check(&["--seed", "9"]);
    assert_eq!(told(&run), told(&first));
    assert_eq!(found(&run, "POST /notes").evidence.request, found(&first, "POST /notes").evidence.request);
    assert_eq!(pair.cases().len(), 1);
    let id = &found(&run, "POST /notes").id;
    let (code, said) = pair.straddle(&["reproduce", id, "--run", "report.json"]);
    assert!(code == 1 && said.contains("CONFIRMED"), "{code} {said}");
    fs::remove_dir_all(pair.folder.path().join("cases")).unwrap();
    let (code, said) = pair.straddle(&["reproduce", id, "--run", "report.json"]);
    assert!(code == 4 && said.contains("CHANGED"), "{code} {said}");
}

#[test]
fn a_case_that_the_contract_no_longer_allows_is_named_and_not_sent() {
    let pair = Pair::of(Notes::of(9), Notes::of(9));
    let case = |text: &str| {
        json!({
            "format": "straddle-case", "major": 1, "minor": 0, "service": "s", "clients": "old", "surface": "POST /notes",
            "found": { "rule": "http/status-changed", "direction": "old->new", "at": "status" }, "seed": 0,
            "steps": [{ "surface": "POST /notes", "parameters": [], "body": { "text": text } }],
        })
    };
    keep(pair.folder.path(), "long.json", &case("more than nine").to_string());
    keep(pair.folder.path(), "fine.json", &case("nine").to_string());
    keep(pair.folder.path(), "broken.json", "{");
    let (run, _) = pair.check(&[]);
    let notes = run.notes.join("\n");
    assert!(
        notes.contains("long.json is not sent: what old clients may send to POST /notes is no longer that"),
        "{notes}"
    );
    assert!(notes.contains("broken.json is not sent: it is no case: "), "{notes}");
    assert!(!notes.contains("fine.json"), "{notes}");
}

fn keep(folder: &Path, name: &str, text: &str) {
    fs::create_dir_all(folder.join("cases")).unwrap_or_else(|e| panic!("{e}"));
    fs::write(folder.join("cases").join(name), text).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn nothing_unsafe_goes_to_a_build_that_can_not_be_put_back() {
    let pair = Pair { writes: false, ..Pair::of(Notes::of(500), Notes::of(200)) };
    let (run, exit) = pair.check(&[]);
    assert_eq!(told(&run), Vec::<String>::new());
    let notes = run.notes.join("\n");
    assert!(notes.contains("no unsafe message goes to s, whose builds can't be put back: POST /notes"), "{notes}");
    // Without a note nothing can be read either: nothing was shown, and nobody is told otherwise.
    assert_eq!(run.coverage.missing, ["GET /notes/{}", "POST /notes"], "{:#?} {:#?}", run.answers, run.matrix);
    assert_eq!(exit, 4);
}
