//! Recorded calls against both builds: recorded in front of OLD by `straddle record`, replayed by `straddle check`.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use prost_reflect::DynamicMessage;
use rustix::process::Signal;
use straddle::model::{Run, Severity};
use straddle::wire::grpc::{Client, Terms};
use straddle::wire::http::Http;
use straddle::wire::{Endpoint, Limits};

use super::SHOP;
use crate::support::recording::{Recording, straddle};
use crate::support::rpc::{Asked, Manner, Rpc, Says, bytes, message, pool, write_proto};

/// Two builds, what they speak, and what is asked of them: a method and its message in text format.
struct Meeting {
    old: Rpc,
    new: Rpc,
    new_proto: String,
    calls: Vec<(&'static str, Vec<String>)>,
    gzip: bool,
    contract: Contract,
}

/// Where the contract stands, if there is one.
#[derive(Clone, Copy, PartialEq)]
enum Contract {
    None,
    Folders,
    /// A file whose imports start above its folder.
    Below,
    Commit,
}

fn meeting(
    old: impl Fn(&Asked) -> Says + Send + Sync + 'static,
    new: impl Fn(&Asked) -> Says + Send + Sync + 'static,
) -> Meeting {
    let (old, new) = (Rpc::start(healthy(old)), Rpc::start(healthy(new)));
    Meeting {
        old,
        new,
        new_proto: SHOP.to_owned(),
        calls: vec![("Get", vec!["id: \"a\"".to_owned()])],
        gzip: false,
        contract: Contract::Folders,
    }
}

/// The same, which says beside it that it serves.
fn healthy(says: impl Fn(&Asked) -> Says + Send + Sync + 'static) -> impl Fn(&Asked) -> Says + Send + Sync + 'static {
    move |asked| {
        if asked.path == "/grpc.health.v1.Health/Check" { Says::message(&b"\x08\x01"[..]) } else { says(asked) }
    }
}

impl Meeting {
    fn calls(self, method: &'static str, messages: &[&str]) -> Self {
        Self { calls: vec![(method, messages.iter().map(ToString::to_string).collect())], ..self }
    }

    fn new_proto(self, proto: String) -> Self {
        Self { new_proto: proto, ..self }
    }

    /// Records OLD's clients at OLD, and replays them.
    async fn run(self) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let recorded = self.record(folder.path(), &[]).await;
        assert!(recorded.contains("grpc-status"), "{recorded}");
        write_proto(&folder.path().join("old"), SHOP);
        write_proto(&folder.path().join("new"), &self.new_proto);
        let [old, new] = ["old", "new"].map(|side| match self.contract {
            Contract::Below => below(folder.path(), side),
            Contract::Commit => format!("git = \"HEAD\", path = \"{side}\""),
            Contract::None | Contract::Folders => format!("path = \"{side}\""),
        });
        let contract =
            format!("[[contract]]\nservice = \"s\"\nkind = \"protobuf\"\nold = {{ {old} }}\nnew = {{ {new} }}\n");
        if self.contract == Contract::Commit {
            commit(folder.path());
        }
        let manifest = format!(
            "[project]\nname = \"rpc\"\n[service.s]\nready = {{ grpc = true }}\nready_timeout = \"20s\"\n\
             [service.s.old]\nurl = \"{}\"\nwrites = true\n[service.s.new]\nurl = \"{}\"\nwrites = true\n\
             [[recording]]\nfile = \"traffic.jsonl\"\nservice = \"s\"\nclient = \"old\"\n[replay]\ntimeout = \"8s\"\n{}",
            self.old.url(),
            self.new.url(),
            if self.contract == Contract::None { "" } else { &contract }
        );
        fs::write(folder.path().join("straddle.toml"), manifest).unwrap();
        let ended = straddle(folder.path(), ["check", "--only", "replay", "--report", "json=report.json"]);
        let report = fs::read_to_string(folder.path().join("report.json"));
        let report = report.unwrap_or_else(|_| panic!("no report: {}", ended.said));
        serde_json::from_str(&report).unwrap_or_else(|e| panic!("{e} in {report}"))
    }

    async fn record(&self, folder: &Path, metadata: &[(&str, &str)]) -> String {
        let recording = Recording::start(folder, &["--target", &self.old.url(), "--out", "traffic.jsonl"]);
        let pool = pool(SHOP);
        let service = pool.get_service_by_name("shop.v1.Shop").unwrap();
        let http = Http::new();
        let at = Endpoint::new("127.0.0.1", recording.address.port());
        for (name, messages) in &self.calls {
            let method = service.methods().find(|method| method.name() == *name).unwrap();
            let input = method.input().full_name().to_owned();
            let messages: Vec<DynamicMessage> = messages.iter().map(|text| message(&pool, &input, text)).collect();
            let metadata = metadata.iter().copied().collect();
            let terms = Terms { gzip: self.gzip, metadata, ..Terms::default() };
            let client = Client::new(&http, Limits::default());
            client.call(&at, &method, &messages, &terms).await.unwrap();
        }
        drop(http);
        let ended = recording.end(Signal::INT);
        assert_eq!(ended.code, Some(0), "{}", ended.said);
        fs::read_to_string(folder.join("traffic.jsonl")).unwrap()
    }

    /// Exactly these findings above info, and something was shown.
    async fn expect(self, expected: &[&str]) {
        let run = self.run().await;
        let found: Vec<String> = run
            .findings
            .iter()
            .filter(|finding| finding.severity > Severity::Info)
            .map(|f| format!("{} {} {} {} at {}", f.rule, f.severity, f.direction, f.subject, f.at))
            .collect();
        assert_eq!(found, expected, "{:#?}", run.answers);
        assert!(run.coverage.seen > 0, "nothing was shown: {:#?}", run.answers);
    }
}

/// Moves a side's contract to where its imports start above its own folder, and says where it is.
fn below(folder: &Path, side: &str) -> String {
    let text = fs::read_to_string(folder.join(side).join("shop.proto")).unwrap();
    let (api, parts) = (folder.join(side).join("api"), folder.join(side).join("parts"));
    for made in [&api, &parts] {
        fs::create_dir_all(made).unwrap();
    }
    fs::write(parts.join("empty.proto"), "syntax = \"proto3\";\npackage parts;\nmessage Empty {}\n").unwrap();
    let import = "package shop.v1;\nimport \"parts/empty.proto\";";
    fs::write(api.join("shop.proto"), text.replace("package shop.v1;", import)).unwrap();
    fs::remove_file(folder.join(side).join("shop.proto")).unwrap();
    format!("path = \"{side}/api/shop.proto\"")
}

/// Leaves the contracts in a commit alone.
fn commit(folder: &Path) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
    let steps: [&[&str]; 3] =
        [&["init", "--quiet"], &["add", "old", "new"], &["commit", "--quiet", "--message", "contracts"]];
    for step in steps {
        let mut git = std::process::Command::new("git");
        git.current_dir(folder).args(identity).args(step).env("GIT_CONFIG_GLOBAL", "/dev/null");
        assert!(git.status().unwrap().success(), "{step:?}");
    }
    for side in ["old", "new"] {
        fs::remove_dir_all(folder.join(side)).unwrap();
    }
}

fn item(text: &str) -> Bytes {
    bytes(&pool(SHOP), "shop.v1.Item", text)
}

fn always(says: Says) -> impl Fn(&Asked) -> Says + Send + Sync + 'static {
    move |_| says.clone()
}

const FULL: &str = r#"id: "a" cents: 250 state: OPEN sizes: 1 sizes: 2 tags: { key: "k" value: "v" }"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_answers_as_the_other_is_silent() {
    for (method, count) in [("Get", 1), ("List", 3), ("Put", 1), ("Talk", 2)] {
        let says = || Says::messages((0..count).map(|_| item(FULL)));
        meeting(always(says()), always(says())).calls(method, &["id: \"a\""]).expect(&[]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_without_end_is_compared_as_far_as_it_came() {
    let watch =
        |count: usize| always(Says { manner: Manner::Endless, ..Says::messages((0..count).map(|_| item(FULL))) });
    let whole = |count: usize| always(Says::messages((0..count).map(|_| item(FULL))));
    // One that ends in OLD and never does in NEW.
    let found = "http/fault breaking old->new shop.v1.Shop/List at reply";
    meeting(whole(2), watch(2)).calls("List", &["id: \"a\""]).expect(&[found]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_a_fault_and_an_answer_that_can_not_be_read_too() {
    let found = "http/fault breaking old->new shop.v1.Shop/Get at reply";
    let reset = Says { manner: Manner::Reset, ..Says::message(item(FULL)) };
    meeting(always(Says::message(item(FULL))), always(reset)).expect(&[found]).await;
    for raw in [&b"\0\0\0\0\x05ab"[..], b"\0\0\0\0\x03\x0a\x01\xff", b""] {
        let broken = Says { raw: Some(Bytes::copy_from_slice(raw)), ..Says::default() };
        meeting(always(Says::message(item(FULL))), always(broken)).expect(&[found]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_contract_messages_are_bytes_and_the_status_counts_all_the_same() {
    let fine = || always(Says::message(item(FULL)));
    let bare = |meeting: Meeting| Meeting { contract: Contract::None, ..meeting };
    let run = bare(meeting(fine(), fine())).run().await;
    let said = run.notes.iter().any(|note| note.contains("messages of gRPC are compared as bytes"));
    assert!(run.findings.is_empty() && said, "{:#?}", run.notes);
    let found = "grpc/status-changed breaking old->new shop.v1.Shop/Get at status";
    bare(meeting(fine(), always(Says::fails(5, "gone")))).expect(&[found]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_keeps_trailers_and_metadata_and_no_credential() {
    let folder = tempfile::tempdir().unwrap();
    let says = || always(Says { trailers: vec![("x-took", "17")], ..Says::message(item(FULL)) });
    let metadata = [("authorization", "Bearer hunter2"), ("x-shop", "berlin")];
    let recorded = meeting(says(), says()).record(folder.path(), &metadata).await;
    for kept in ["grpc-status", "x-took", "berlin", "trailers"] {
        assert!(recorded.contains(kept), "{kept} is not in {recorded}");
    }
    assert!(!recorded.contains("hunter2"), "{recorded}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_meaning_in_other_bytes_and_metadata_is_silent() {
    // Fields in another order, a list unpacked, a default written.
    let other = b"\x20\x01\x20\x02\x18\x01\x2a\x06\x0a\x01k\x12\x01v\x10\xfa\x01\x0a\x01a";
    let new = Says { metadata: vec![("x-new", "1")], trailers: vec![("x-more", "2")], ..Says::message(&other[..]) };
    meeting(always(Says::message(item(FULL))), always(new)).expect(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_fails_now_is_told_by_its_own_rule_and_name() {
    let fine = || always(Says::message(item(FULL)));
    let found = |rule: &str| format!("grpc/{rule} old->new shop.v1.Shop/Get at status");
    meeting(fine(), always(Says::fails(9, "closed"))).expect(&[&found("status-changed breaking")]).await;
    meeting(fine(), always(Says::fails(12, "unknown"))).expect(&[&found("method-missing breaking")]).await;
    meeting(fine(), always(Says::page(200))).expect(&[&found("status-changed breaking")]).await;
    let missing = || always(Says::fails(5, "no such item"));
    meeting(missing(), always(Says::fails(9, "no"))).expect(&[&found("status-changed risk")]).await;
    meeting(missing(), always(Says::fails(5, ""))).expect(&[&found("details-changed risk")]).await;
    meeting(missing(), always(Says::fails(5, "it is gone"))).expect(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_read_by_the_client_s_own_descriptors() {
    // NEW has another field under the number of an old one, and lost one.
    let renumbered = SHOP
        .replace("int64 cents = 2;", "int64 price = 6;")
        .replace("State state = 3;", "string state = 3;")
        .replace("PAID = 2;", "PAID = 2; SENT = 3;");
    let new = bytes(
        &pool(&renumbered),
        "shop.v1.Item",
        r#"id: "a" price: 250 state: "open" sizes: 1 sizes: 2 tags: { key: "k" value: "v" }"#,
    );
    meeting(always(Says::message(item(FULL))), always(Says::message(new)))
        .new_proto(renumbered)
        .expect(&[
            "http/field-removed breaking old->new shop.v1.Shop/Get at $.cents",
            "http/type-changed breaking old->new shop.v1.Shop/Get at $.state",
        ])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn descriptors_come_from_wherever_the_contract_stands() {
    let found = "http/value-changed risk old->new shop.v1.Shop/Get at $.cents";
    for contract in [Contract::Folders, Contract::Below, Contract::Commit] {
        let other = FULL.replace("250", "251");
        let met = meeting(always(Says::message(item(FULL))), always(Says::message(item(&other))));
        Meeting { contract, ..met }.expect(&[found]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_an_old_enum_has_no_name_for_is_a_risk() {
    let wider = SHOP.replace("PAID = 2;", "PAID = 2; SENT = 3;");
    let new = bytes(&pool(&wider), "shop.v1.Item", &FULL.replace("OPEN", "SENT"));
    let found = "http/enum-widened risk old->new shop.v1.Shop/Get at $.state";
    meeting(always(Says::message(item(FULL))), always(Says::message(new))).new_proto(wider).expect(&[found]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_calls_go_out_as_they_were_recorded() {
    let says = |asked: &Asked| {
        assert_eq!(asked.metadata["grpc-encoding"], "gzip");
        Says::message(item(&format!("id: \"{}\"", String::from_utf8_lossy(&asked.messages[0][2..]))))
    };
    Meeting { gzip: true, ..meeting(says, says) }.expect(&[]).await;
}
