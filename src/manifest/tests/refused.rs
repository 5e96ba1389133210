//! What every refusal says, as a person reads it: one golden a case, flat in `snapshots/`.

use super::{Folder, SERVICE};

/// Holds the message about `text` against the golden `manifest-<name>`.
fn check(name: &str, text: &str) {
    golden(name, &Folder::new().refuse(text));
}

/// The same about a whole manifest and `addition`.
fn check_with(name: &str, addition: &str) {
    check(name, &format!("{SERVICE}{addition}"));
}

/// The same about a whole manifest in which `from` is replaced.
fn check_changed(name: &str, from: &str, to: &str) {
    assert!(SERVICE.contains(from), "{from}");
    check(name, &SERVICE.replacen(from, to, 1));
}

pub(super) fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(format!("manifest-{name}"), text));
}

#[test]
fn text_that_is_no_toml_is_shown_with_its_fix() {
    check("syntax-unquoted", "[project]\nname = shop\n");
    check("syntax-several", "[project\nname = \"shop\n\n[service.shop]\nready\n");
    check("syntax-duplicate", "[project]\nname = \"a\"\nname = \"b\"\n");
    check("empty", "");
}

#[test]
fn unknown_keys_are_refused_with_what_was_meant() {
    check_changed("unknown-key", "ready =", "redy =");
    check_changed("unknown-key-deeper", "ready =", "run = \"shop\"\nready =");
    check_changed("unknown-key-far", "ready =", "colour =");
    check_changed("unknown-section", "[project]", "[proyect]");
    check_with(
        "unknown-key-in-a-list",
        "[[recording]]\nfil = 'recordings/checkout.har'\nservice = 'shop'\nclient = 'old'",
    );
    check_with("unknown-key-inline", "[compare]\nignore = [{ subject = 'GET /a', att = 'status', reason = 'x' }]");
}

#[test]
fn missing_keys_are_named_with_an_example() {
    check("missing-sections", "[replay]\n");
    check("missing-service", "project = { name = 'x' }\n[service]\n");
    check("missing-build", "project = { name = 'x' }\n[service.a]\nready = '/'\nold = { path = '.', run = 'a' }");
    check(
        "missing-source",
        "project = { name = 'x' }\n[service.a]\nready = '/'\nold = { run = 'a' }\nnew = { path = '.', run = 'a' }",
    );
    check_changed("missing-ready", "ready = \"/healthz\"\n", "");
    check_changed("missing-run", "run = \"shop --port {port}\"\n", "");
    check_with("missing-reason", "[compare]\nignore = [{ subject = 'GET /a', at = '$.b' }]");
    check_with("missing-expires", "[[accept]]\nrule = 'a/b'\nsubject = 'GET /a'\nat = '$.b'\nreason = 'x'");
    check_with("missing-env", "[secrets]\npassword = {}");
}

#[test]
fn wrong_types_are_refused_with_an_example() {
    check_changed("type-text", "\"/healthz\"", "7");
    check_changed("type-duration", "ready =", "ready_timeout = 30\nready =");
    check_changed("type-command", "run = \"shop --port {port}\"", "run = [\"shop\"]");
    check_changed("type-env", "ready =", "env = { PORT = 8080 }\nready =");
    check_changed("type-list", "ready =", "ports = \"http\"\nready =");
    check_with("type-flag", "[state.a]\nkind = 'sqlite'\nshared = 'no'");
    check_with("type-count", "[canary]\nrequests = '2000'");
    check_with("type-share", "[gate]\ncoverage = '80%'");
    check_with("type-table", "[replay]\nsettle = '1s'\n[gate.fail_on]\n");
    check_with("type-percent", "[canary]\nmargin = { p50 = 10 }");
    check("type-service", "project = { name = 'x' }\n[service]\nready = '/healthz'\n");
}

#[test]
fn values_that_nobody_can_use_are_refused() {
    check_with("value-choice", "[state.a]\nkind = 'sqlit'");
    check_with("value-duration", "[replay]\ntimeout = '30'\nsettle = '1d'");
    check_with("value-percent", "[canary]\nmargin = { p50 = '10', p95 = '-1%' }");
    check_with("value-share", "[gate]\ncoverage = 80");
    check_with("value-count", "[canary]\nrequests = 0");
    check_with("value-at", "[compare]\nunordered = [{ subject = 'GET /a', at = 'items' }]");
    check_with("value-direction", "[compare]\nunordered = [{ subject = 'GET /a', at = '$', direction = 'old→new' }]");
    check_with("value-skip", "[replay]\nskip = ['/metrics']");
    check_with("value-headers", "[generated]\nheaders = ['Authorization']");
    check_with("value-subject", "[compare]\nunordered = [{ subject = 'GET /orders/{id}', at = '$' }]");
    check_with(
        "value-rule",
        "[[accept]]\nrule = 'field-removed'\nsubject = 's'\nat = 'status'\nreason = 'x'\nexpires = 2026-12-31",
    );
    check_with(
        "value-date",
        "[[accept]]\nrule = 'a/b'\nsubject = 's'\nat = '$'\nreason = 'x'\nexpires = 2026-12-31T10:00:00Z",
    );
    check_with(
        "value-date-quoted",
        "[[accept]]\nrule = 'a/b'\nsubject = 's'\nat = '$'\nreason = 'x'\nexpires = '31.12.2026'",
    );
    check_with(
        "value-empty-reason",
        "[[accept]]\nrule = 'a/b'\nsubject = 's'\nat = '$'\nreason = ' '\nexpires = 2026-12-31",
    );
    check_with("value-stages", "[rollout]\nreplicas = 4\nstages = [1, 1, 6]");
    check_with("value-stages-empty", "[rollout]\nreplicas = 4\nstages = []");
    check_with("value-page", "[assets]\nservice = 'shop'\npages = ['cart']");
    check_with("value-secret-name", "[secrets]\n\"password#\" = { env = \"A\" }");
    check_changed(
        "value-name",
        "[service.shop]",
        "[service.\"a b\"]\nold = { url = 'http://[::1]' }\nnew = { url = 'http://[::1]' }\n[service.shop]",
    );
    check_changed("value-git-ref", "git = \"v1\"", "git = \"--upload-pack=x\"");
    check_changed("value-git-ref-blank", "git = \"v1\"", "git = \"v1\\n\"");
    check_changed("value-ready", "\"/healthz\"", "\"healthz\"");
    check_changed("value-ready-regex", "\"/healthz\"", "{ log = \"up (\" }");
    check_changed("value-ready-false", "\"/healthz\"", "{ tcp = false }");
    check_changed("value-command", "run = \"shop --port {port}\"", "run = \"shop '--port\"");
    check_changed("value-command-empty", "run = \"shop --port {port}\"", "run = \"\"");
    check_changed("value-nul", "ready =", "env = { A = \"a\\u0000b\" }\nready =");
    check_changed("value-env-name", "ready =", "env = { \"A=B\" = \"\" }\nready =");
}

#[test]
fn keys_that_exclude_each_other_are_refused() {
    check_changed("conflict-sources", "git = \"v1\"", "git = \"v1\"\npath = \".\"");
    check_changed("conflict-repo", "path = \".\"", "path = \".\"\nrepo = \"..\"\nwrites = true");
    check_changed("conflict-url-run", "git = \"v1\"", "url = \"http://127.0.0.1:1\"");
    check_changed(
        "conflict-url-remote",
        "git = \"v1\"\nrun = \"shop --port {port}\"",
        "url = \"http://staging.example.com\"",
    );
    check_changed("conflict-url-path", "git = \"v1\"\nrun = \"shop --port {port}\"", "url = \"http://127.0.0.1:1/v1\"");
    check_changed("conflict-image-build", "git = \"v1\"", "image = \"shop\"\nbuild = \"make\"");
    check_changed("conflict-ready", "\"/healthz\"", "{ tcp = true, grpc = true }");
    check_changed("conflict-ready-none", "\"/healthz\"", "{}");
    check_changed("conflict-ports", "ready =", "ports = [\"http\", \"http\"]\nready =");
    let url = SERVICE.replace("git = \"v1\"\nrun = \"shop --port {port}\"", "url = \"http://127.0.0.1:1\"");
    check("conflict-url-state", &format!("{url}[state.a]\nkind = 'sqlite'"));
    check_with("conflict-seed", "[state.a]\nkind = 'directory'\nseed = 'fixtures/seed.sql'");
    check_with(
        "conflict-contract",
        "[[contract]]\nservice = 'shop'\nkind = 'openapi'\nold = { git = 'v1' }\nnew = { url = '/a', path = 'b' }",
    );
    check_with(
        "value-contract-path",
        "[[contract]]\nservice = 'shop'\nkind = 'openapi'\nold = { git = 'v1', path = '/a' }\nnew = { url = 'http://x' }",
    );
}

#[test]
fn files_that_are_missing_are_named_with_where_they_were_looked_for() {
    let folder = Folder::new();
    let text =
        SERVICE.replace("path = \".\"", "path = \"next\"").replace("git = \"v1\"", "git = \"v1\"\nrepo = \"other\"");
    let text = format!(
        "{text}[[recording]]\nfile = 'recordings/chekout.har'\nservice = 'shop'\nclient = 'old'\n\
         [[recording]]\nfile = 'recordings'\nservice = 'shop'\nclient = 'old'\n[state.a]\nkind = 'sqlite'\nseed = 'sed.sql'\n\
         [[contract]]\nservice = 'shop'\nkind = 'openapi'\nold = {{ path = 'no.yaml' }}\nnew = {{ url = '/' }}"
    );
    golden("missing-files", &folder.refuse(&text));
}

#[test]
fn names_that_nobody_gave_are_refused() {
    check_with("unknown-service", "[[recording]]\nfile = 'recordings/checkout.har'\nservice = 'shp'\nclient = 'old'");
}

#[test]
fn placeholders_that_nobody_fills_are_refused() {
    check_changed("placeholder-unknown", "--port {port}", "--port {prot}");
    check_changed("placeholder-port", "--port {port}", "--port {port.grpc}");
    check_changed("placeholder-state", "--port {port}", "--db {state.db.url}");
    check_with("placeholder-state-near", "[service.shop.env]\nDB = 'x{state.dt.path}'\n[state.db]\nkind = 'sqlite'");
    check_changed("placeholder-service", "--port {port}", "--cart {service.cart.url}");
    check_changed("placeholder-brace", "--port {port}", "--json {} --port {port");
    check_changed("placeholder-sh", "\"shop --port {port}\"", "{ sh = \"awk '{print}' ${HOME} && { shop; }\" }");
    check_changed("placeholder-build", "path = \".\"", "path = \".\"\nbuild = { sh = \"make PORT={port} {x}\" }");
    check_with(
        "placeholder-migrate",
        "[state.a]\nkind = 'sqlite'\nseed = 'x {port} {state.b.url} {side}'\nmigrate = { old = 'x {dir} {side}' }\n[state.b]\nkind = 'sqlite'",
    );
}

#[test]
fn services_that_wait_for_each_other_are_refused() {
    let service = |name: &str, other: &str| {
        format!(
            "[service.{name}]\nready = '/'\nold = {{ path = '.', run = 'a {{service.{other}.url}}' }}\nnew = {{ path = '.', run = 'a' }}\n"
        )
    };
    let three = service("a", "b") + &service("b", "c") + &service("c", "a");
    check("cycle", &format!("project = {{ name = 'x' }}\n{three}"));
    check("cycle-self", &format!("project = {{ name = 'x' }}\n{}", service("a", "a")));
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    check(
        "several",
        "[project]\nnom = 'x'\n[service.shop]\nready_timeout = 5\n[service.shop.old]\ngit = '-x'\nrun = 'shop {prot}'\n\
         [gate]\nfail_on = 'any'\n[[recording]]\nfile = 'a.har'\nservice = 'shop'\nclient = 'young'\n",
    );
}

#[test]
fn a_server_of_a_state_is_refused_with_its_fix_and_without_its_password() {
    let with = |name: &str, lines: &str| check_with(name, &format!("[state.a]\nkind = 'postgres'\n{lines}"));
    with("state-url-remote", "url = 'postgres://u:hunter2@db.example.com/shop'");
    with("state-url-wrong", "url = 'mysql://localhost/shop'");
    with("state-url-password-shown", "url = 'postgres://u:hunter2@localhost/shop' # hunter\nshred = true");
    with("state-url-without-variable", "url = {}");
    with("state-remote-without-url", "allow_remote = true");
    check_with("state-url-of-files", "[state.a]\nkind = 'sqlite'\nurl = 'postgres://localhost/shop'");
}
