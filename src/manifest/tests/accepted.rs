//! What a manifest may say, and what it then means.

use std::time::Duration;

use super::{Folder, SERVICE};
use crate::manifest::{
    Accept, Client, CommandSpec, ContractAt, Gate, Manifest, Order, Ready, ReplaySpec, Seed, ServerUrl, SourceSpec,
    StateKind, load, load_before_recording, load_with,
};
use crate::model::{Direction, Pair, Severity};

/// The manifest of the interface, whole.
pub(super) const WHOLE: &str = r#"
[project]
name = "shop"

[service.shop]                       # most projects have one service
ready = "/healthz"                   # GET answers 2xx; or { tcp = true }, { log = "regex" }, { grpc = true }
ready_timeout = "30s"
stop_timeout = "10s"                 # SIGTERM, then SIGKILL to the whole process group
ports = ["http", "grpc"]             # optional names; {port} is the first, {port.grpc} the second
env = { DATABASE_URL = "{state.db.url}" }

[service.shop.old]                   # what serves today
git = "v1.4.2"
label = "1.4.2"                      # optional, for reports
build = "cargo build --release"      # optional; run in the checkout, result cached by commit
run = "target/release/shop --port {port}"
env = {}                             # added to the service's

[service.shop.new]
path = "."
build = "cargo build --release"
run = "target/release/shop --port {port}"

[state.db]                           # what both versions share in production
kind = "sqlite"                      # sqlite | postgres | mysql | redis | directory
shared = true                        # false: two processes can't use it at once (a file lock); they take turns
seed = "fixtures/seed.sql"           # a .sql file or a command, run on the empty store, in the manifest's folder
[state.db.migrate]                   # commands; {state.db.url} and {state.db.path} are filled in
old = "target/release/shop migrate --to 12"     # in OLD's checkout: brings an empty store to what OLD expects
new = "target/release/shop migrate --to 13"     # in NEW's checkout: takes OLD's store to what NEW expects
down = "target/release/shop migrate --to 12"    # optional, in NEW's checkout: takes it back

[[recording]]
file = "recordings/checkout.har"     # recording, HAR or .gor
service = "shop"
client = "old"

[secrets]
password = { env = "SHOP_PASSWORD" }

[replay]
order = "recorded"                   # recorded | free
timeout = "30s"
settle = "0ms"
skip = ["GET /metrics"]

[[contract]]
service = "shop"
kind = "openapi"                     # openapi | json-schema | protobuf
old = { git = "v1.4.2", path = "api/openapi.yaml" }
new = { path = "api/openapi.yaml" }
unknown_fields = "ignored"

[generated]
messages = 40                        # of each operation or method, at most
cases = "compat/cases"               # where the smallest that showed something are kept
headers = ["Authorization: Bearer {secret:token#1}"]

[assets]
service = "shop"
pages = ["/", "/cart"]
browser = "auto"                     # auto | off | required: also load each page in a headless Chromium

[messages.orders]
broker = "nats"                      # nats | amqp | redis | kafka | directory
subject = "orders.created"

[rollout]
replicas = 4
stages = [1, 2, 4]                   # how many replicas are NEW at each checkpoint

[canary]
requests = 2000
concurrency = 8
margin = { p50 = "10%", p95 = "20%", p99 = "30%", errors = "0%", rss = "25%", throughput = "10%" }

[compare]
unordered = [{ subject = "GET /orders", at = "$.items" }]
ignore = [{ subject = "GET /orders", at = "$.generated_at", reason = "a clock" }]

[[accept]]                           # a break that was decided on
rule = "http/field-removed"
subject = "GET /orders/{}"
at = "$.legacy_total"
direction = "old->new"               # optional; absent means both
reason = "no client has read it since August, by the access logs"
expires = 2026-12-31

[gate]
fail_on = "breaking"                 # breaking | risk
inconclusive = "fail"                # fail (exit 4) | warn (exit 0)
coverage = 0.8
"#;

fn words(text: &str) -> CommandSpec {
    CommandSpec::Words(text.split(' ').map(str::to_owned).collect())
}

#[test]
fn the_whole_of_the_interface_is_understood() {
    let folder = Folder::new();
    let manifest = folder.accept(WHOLE);
    assert_eq!((manifest.project.as_str(), &manifest.folder), ("shop", &folder.path().to_owned()));
    let shop = &manifest.services[0];
    assert_eq!(shop.ready, Some(Ready::Http("/healthz".to_owned())));
    assert_eq!((shop.ready_timeout, shop.stop_timeout), (Duration::from_secs(30), Duration::from_secs(10)));
    assert_eq!(shop.ports, ["http", "grpc"]);
    let old = SourceSpec::Git { repo: folder.path().to_owned(), reference: "v1.4.2".to_owned() };
    assert_eq!((&shop.builds.old.source, shop.builds.old.label.as_deref()), (&old, Some("1.4.2")));
    assert_eq!(shop.builds.new.source, SourceSpec::Path(folder.path().to_owned()));
    assert_eq!(shop.builds.new.build, Some(words("cargo build --release")));
    assert_eq!(shop.builds.new.run, Some(words("target/release/shop --port {port}")));
    assert_eq!(shop.builds.old.env["DATABASE_URL"], "{state.db.url}");

    let db = &manifest.states[0];
    assert_eq!((db.kind, db.shared), (StateKind::Sqlite, true));
    assert_eq!(db.seed, Some(Seed::Sql(folder.path().join("fixtures/seed.sql"))));
    assert_eq!(db.migrate_new, Some(words("target/release/shop migrate --to 13")));
    assert_eq!(db.migrate_down, db.migrate_old);

    assert_eq!(manifest.recordings[0].client, Client::Old);
    assert_eq!(manifest.recordings[0].name, "recordings/checkout.har");
    assert_eq!(manifest.secrets["password"].env, "SHOP_PASSWORD");
    assert_eq!(manifest.replay.skip, ["GET /metrics"]);
    assert_eq!((manifest.generated.messages, manifest.generated.cases.ends_with("compat/cases")), (40, true));
    assert_eq!(manifest.generated.headers, [("Authorization".to_owned(), "Bearer {secret:token#1}".to_owned())]);
    assert_eq!(manifest.contracts[0].at.new, ContractAt::Path(folder.path().join("api/openapi.yaml")));
    assert!(!manifest.contracts[0].rejects_unknown_fields);
    assert_eq!(manifest.assets.as_ref().unwrap().pages, ["/", "/cart"]);
    assert_eq!(manifest.messages["orders"].subject, "orders.created");
    assert_eq!(manifest.rollout.as_ref().unwrap().stages, [1, 2, 4]);
    assert_eq!(manifest.canary.as_ref().unwrap().margin.get("p50"), Some(&0.1));
    assert_eq!(manifest.canary.as_ref().unwrap().margin.len(), 6);
    assert_eq!(manifest.compare.ignore[0].reason.as_deref(), Some("a clock"));
    let line = 1 + WHOLE.lines().position(|line| line.starts_with("[[accept]]")).unwrap();
    let accept = Accept {
        rule: "http/field-removed".to_owned(),
        subject: "GET /orders/{}".to_owned(),
        at: "$.legacy_total".to_owned(),
        direction: Some(Direction::OLD_TO_NEW),
        reason: "no client has read it since August, by the access logs".to_owned(),
        expires: "2026-12-31".to_owned(),
        line,
    };
    assert_eq!(manifest.accept, [accept]);
    assert_eq!(manifest.gate, Gate { fail_on: Severity::Breaking, inconclusive_fails: true, coverage: 0.8 });
}

#[test]
fn what_is_not_written_has_its_default() {
    let manifest = Folder::new().accept(SERVICE);
    let shop = &manifest.services[0];
    assert_eq!((shop.ready_timeout, shop.stop_timeout), (Duration::from_secs(30), Duration::from_secs(10)));
    assert_eq!(shop.ports, ["http"]);
    assert_eq!((&manifest.replay, manifest.gate), (&ReplaySpec::default(), Gate::default()));
    assert!(manifest.assets.is_none() && manifest.rollout.is_none() && manifest.canary.is_none());
    assert!(manifest.states.is_empty() && manifest.recordings.is_empty() && manifest.accept.is_empty());
}

fn check(addition: &str, holds: impl Fn(&Manifest) -> bool) {
    let manifest = Folder::new().accept(&format!("{SERVICE}{addition}"));
    assert!(holds(&manifest), "{addition}\n{manifest:#?}");
}

#[test]
fn sections_have_their_other_forms() {
    check("[state.a]\nkind = 'directory'\nshared = false\nseed = 'python3 seed.py {state.a.path}'", |manifest| {
        let seed = Seed::Command(words("python3 seed.py {state.a.path}"));
        !manifest.states[0].shared && manifest.states[0].seed == Some(seed)
    });
    check("[state.a]\nkind = 'redis'\nseed = { sh = 'x {state.a.url} ${HOME}' }", |manifest| {
        manifest.states[0].seed == Some(Seed::Command(CommandSpec::Sh("x {state.a.url} ${HOME}".to_owned())))
    });
    check("[replay]\norder = 'free'\nsettle = '100ms'", |manifest| {
        manifest.replay.order == Order::Free && manifest.replay.settle == Duration::from_millis(100)
    });
    check(
        "[[contract]]\nservice = 'shop'\nkind = 'protobuf'\nold = { url = '/x' }\nnew = { git = 'v2', path = 'no/such' }",
        |m| m.contracts[0].at.old == ContractAt::Url("/x".to_owned()),
    );
    check("[[accept]]\nrule = 'a/b'\nsubject = 's'\nat = 'status'\nreason = 'r'\nexpires = '2028-02-29'", |manifest| {
        manifest.accept[0].expires == "2028-02-29" && manifest.accept[0].direction.is_none()
    });
    check("[gate]\nfail_on = 'risk'\ninconclusive = 'warn'\ncoverage = 1", |manifest| {
        manifest.gate == Gate { fail_on: Severity::Risk, inconclusive_fails: false, coverage: 1.0 }
    });
}

#[test]
fn readiness_has_four_forms() {
    for (ready, expected) in [
        ("'/up?x=1'", Ready::Http("/up?x=1".to_owned())),
        ("{ tcp = true }", Ready::Tcp),
        ("{ grpc = true }", Ready::Grpc),
        ("{ log = 'listening on \\d+' }", Ready::Log("listening on \\d+".to_owned())),
    ] {
        let manifest = Folder::new().accept(&SERVICE.replace("\"/healthz\"", ready));
        assert_eq!(manifest.services[0].ready, Some(expected));
    }
}

#[test]
fn a_running_build_needs_neither_readiness_nor_commands() {
    let manifest = Folder::new().accept(
        "project.name = 'x'\n[service.a]\nold = { url = 'http://127.0.0.1:1', writes = true }\n\
         new = { url = 'http://staging.example.com/', allow_remote = true }",
    );
    assert_eq!(manifest.services[0].builds.new.source, SourceSpec::Url("http://staging.example.com".to_owned()));
    assert!(manifest.services[0].builds.old.writes && manifest.services[0].ready.is_none());
}

#[test]
fn a_builds_variables_win_over_the_services() {
    let text = SERVICE.replace("git = \"v1\"", "git = \"v1\"\nenv = { A = 'own', C = '{{{dir}}}' }");
    let text = text.replace("ready =", "env = { A = '', B = '{port.http}{side}' }\nready =");
    let builds = &Folder::new().accept(&text).services[0].builds;
    let env = |build: &crate::manifest::BuildSpec| format!("{:?}", build.env);
    assert_eq!(env(&builds.old), r#"{"A": "own", "B": "{port.http}{side}", "C": "{{{dir}}}"}"#);
    assert_eq!(env(&builds.new), r#"{"A": "", "B": "{port.http}{side}"}"#);
}

#[test]
fn services_stand_in_the_order_of_the_file_and_may_need_each_other_one_way() {
    let text = format!(
        "{SERVICE}\n[service.a]\nready = {{ tcp = true }}\nenv = {{ SHOP = '{{service.shop.url}}' }}\n\
         old = {{ path = '.', run = 'a' }}\nnew = {{ path = '.', run = 'a' }}"
    );
    let names: Vec<_> = Folder::new().accept(&text).services.into_iter().map(|service| service.name).collect();
    assert_eq!(names, ["shop", "a"]);
}

#[test]
fn a_byte_order_mark_and_windows_lines_are_no_trouble() {
    let folder = Folder::new();
    assert_eq!(folder.accept(&format!("\u{feff}{}", WHOLE.replace('\n', "\r\n"))), folder.accept(WHOLE));
}

#[test]
fn the_command_line_replaces_sources_and_leaves_commands() {
    let folder = Folder::new();
    let text = SERVICE.replace("path = \".\"", "path = \"not-built-here\"\nlabel = \"next\"");
    std::fs::write(folder.file(), text).unwrap();
    let source = SourceSpec::Git { repo: folder.path().to_owned(), reference: "v2".to_owned() };
    let sources = Pair::new(None, "git:v2".parse().ok());
    let manifest = load_with(&folder.file(), &sources).unwrap_or_else(|error| panic!("{error}"));
    let new = &manifest.services[0].builds.new;
    assert_eq!((&new.source, &new.label, &new.run), (&source, &None, &Some(words("shop --port {port}"))));

    let sources = Pair::new(None, Some(SourceSpec::Url("http://staging.example.com".to_owned())));
    let manifest = load_with(&folder.file(), &sources).unwrap_or_else(|error| panic!("{error}"));
    let new = &manifest.services[0].builds.new;
    assert_eq!((&new.run, new.allow_remote, new.writes), (&None, true, false));
}

#[test]
fn a_recording_that_is_about_to_be_made_need_not_be_there() {
    let folder = Folder::new();
    let text = format!("{SERVICE}\n[[recording]]\nfile = \"not-yet.jsonl\"\nservice = \"shop\"\nclient = \"old\"\n");
    std::fs::write(folder.file(), text).unwrap();
    let manifest = load_before_recording(&folder.file()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(manifest.recordings[0].file, folder.path().join("not-yet.jsonl"));
    assert!(load(&folder.file()).is_err());
}

#[test]
fn a_secret_may_be_the_second_of_its_name() {
    let folder = Folder::new();
    let secrets = "[secrets]\npassword = { env = \"A\" }\n\"password#2\" = { env = \"B\" }\n";
    let manifest = folder.accept(&format!("{SERVICE}\n{secrets}"));
    let names: Vec<(&str, &str)> = manifest.secrets.iter().map(|(name, s)| (name.as_str(), s.env.as_str())).collect();
    assert_eq!(names, [("password", "A"), ("password#2", "B")]);
}

#[test]
fn a_server_of_a_state_is_given_by_its_url_or_the_variable_that_holds_it() {
    let check = |lines: &str, expected: Option<(ServerUrl, bool)>| {
        let text = format!("{SERVICE}[state.a]\nkind = 'postgres'\n{lines}");
        let server = Folder::new().accept(&text).states[0].server.clone();
        assert_eq!(server.map(|server| (server.url, server.allow_remote)), expected, "{lines}");
    };
    let written = |url: &str| ServerUrl::Text(url.to_owned());
    check("", None);
    check("url = 'postgres://u:p@127.0.0.1:5433/x'", Some((written("postgres://u:p@127.0.0.1:5433/x"), false)));
    check("url = 'postgresql://[::1]/'", Some((written("postgresql://[::1]/"), false)));
    check("url = 'postgres://db/x'\nallow_remote = true", Some((written("postgres://db/x"), true)));
    check("url = { env = 'DB' }", Some((ServerUrl::Env("DB".to_owned()), false)));
}
