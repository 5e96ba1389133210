//! Builds and the fleet on real processes: what is built, what stands up, and what is said when it doesn't.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use straddle::fleet::{Arrangement, Bench, FleetError, Member, RunFolder, Standing, Stores, prepare};
use straddle::manifest::{BuildSpec, CommandSpec, Manifest, Ready, Seed, Service, SourceSpec, State, StateKind};
use straddle::model::{Event, Events, Pair, Side};
use straddle::process::{Guardian, Launch};

/// Where the server of these tests is told to listen; without it the test that is the server does nothing.
const PORT: &str = "STRADDLE_TEST_PORT";
/// What it is told to do besides.
const MANNER: &str = "STRADDLE_TEST_MANNER";

/// No test but a server: builds of these tests run this very binary with the name of this function.
#[test]
fn server() {
    let Ok(port) = std::env::var(PORT) else { return };
    let manner = std::env::var(MANNER).unwrap_or_default();
    let port: u16 = port.parse().unwrap();
    if let Some(mark) = manner.strip_prefix("taken-unless ").map(PathBuf::from)
        && !mark.exists()
    {
        std::fs::write(mark, "").unwrap();
        let _first = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let error = TcpListener::bind(("127.0.0.1", port)).unwrap_err();
        eprintln!("cannot listen: {error}");
        std::process::exit(1);
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    println!("listening on {port}, pid {}", std::process::id());
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut request = String::new();
        let mut chunk = [0; 1024];
        while !request.ends_with("\r\n\r\n")
            && let Ok(length @ 1..) = stream.read(&mut chunk)
        {
            request.push_str(&String::from_utf8_lossy(&chunk[..length]));
        }
        if request.starts_with("GET /die") {
            eprintln!("thread 'main' panicked at shop.rs: as it was told");
            std::process::exit(7);
        }
        let status = if manner == "never-ready" { "503 Not Yet" } else { "200 OK" };
        let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
    }
}

/// A project in a folder of its own, whose builds are the server above unless a test says otherwise.
struct Project {
    folder: tempfile::TempDir,
    manifest: Manifest,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = service("shop", folder.path());
        let manifest = Manifest {
            file: folder.path().join("straddle.toml"),
            folder: folder.path().to_owned(),
            project: "shop".to_owned(),
            services: vec![service],
            states: Vec::new(),
            recordings: Vec::new(),
            secrets: std::collections::BTreeMap::new(),
            replay: straddle::manifest::ReplaySpec::default(),
            contracts: Vec::new(),
            assets: None,
            messages: std::collections::BTreeMap::new(),
            rollout: None,
            canary: None,
            compare: straddle::manifest::CompareSpec::default(),
            accept: Vec::new(),
            gate: straddle::manifest::Gate::default(),
        };
        Self { folder, manifest, events: Arc::default() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn both(mut self, mut change: impl FnMut(&mut BuildSpec)) -> Self {
        for side in Side::BOTH {
            change(self.manifest.services[0].builds.get_mut(side));
        }
        self
    }

    fn run(self, script: &str) -> Self {
        self.both(|build| build.run = Some(CommandSpec::Sh(script.to_owned())))
    }

    fn manner(self, manner: &str) -> Self {
        self.both(|build| {
            build.env.insert(MANNER.to_owned(), manner.to_owned());
        })
    }

    fn build(self, script: &str) -> Self {
        self.both(|build| build.build = Some(CommandSpec::Sh(script.to_owned())))
    }

    fn ready(mut self, ready: Ready) -> Self {
        self.manifest.services[0].ready = Some(ready);
        self
    }

    fn ready_timeout(mut self, timeout: Duration) -> Self {
        self.manifest.services[0].ready_timeout = timeout;
        self
    }

    fn source(mut self, side: Side, source: SourceSpec) -> Self {
        self.manifest.services[0].builds.get_mut(side).source = source;
        self
    }

    fn git(mut self, reference: &str) -> Self {
        let source = SourceSpec::Git { repo: self.path().to_owned(), reference: reference.to_owned() };
        self.manifest.services[0].builds.old.source = source;
        self
    }

    fn state(mut self, state: State) -> Self {
        self.manifest.states.push(state);
        self
    }

    fn events(&self) -> Events {
        let events = self.events.clone();
        Arc::new(move |event| events.lock().unwrap().push(event))
    }

    async fn prepare(&self) -> Result<Prepared, FleetError> {
        let guardian = guardian().await;
        let run = Arc::new(RunFolder::create(&self.path().join(".straddle"))?);
        let cache = self.path().join(".straddle/cache");
        let builds = prepare(&self.manifest, &guardian, &self.events(), &run, &cache).await?;
        Ok(Prepared { builds, guardian, run })
    }

    async fn bench(&self) -> Result<Bench, FleetError> {
        self.bench_of(None).await
    }

    async fn bench_of(&self, plays: Option<Side>) -> Result<Bench, FleetError> {
        let Prepared { builds, guardian, run } = self.prepare().await?;
        Bench::new(Arc::new(self.manifest.clone()), builds, guardian, self.events(), run, plays).await
    }

    async fn stand_up(&self, arrangement: &Arrangement) -> Result<Standing, FleetError> {
        self.bench().await?.stand_up(arrangement).await
    }

    async fn error(&self) -> String {
        match self.stand_up(&Arrangement::alone(Side::Old)).await {
            Ok(_) => panic!("it stands"),
            Err(error) => error.to_string(),
        }
    }

    fn builds_run(&self) -> usize {
        self.events.lock().unwrap().iter().filter(|event| matches!(event, Event::Building { .. })).count()
    }
}

struct Prepared {
    builds: Pair<straddle::fleet::Builds>,
    guardian: Guardian,
    run: Arc<RunFolder>,
}

fn service(name: &str, folder: &Path) -> Service {
    let build = BuildSpec {
        source: SourceSpec::Path(folder.to_owned()),
        label: None,
        build: None,
        run: Some(serve()),
        env: [(PORT.to_owned(), "{port}".to_owned())].into(),
        writes: false,
        allow_remote: false,
    };
    Service {
        name: name.to_owned(),
        ready: None,
        ready_timeout: Duration::from_secs(30),
        stop_timeout: Duration::from_secs(5),
        ports: vec!["http".to_owned()],
        builds: Pair::new(build.clone(), build),
    }
}

fn serve() -> CommandSpec {
    let binary = std::env::current_exe().unwrap().display().to_string();
    CommandSpec::Words(vec![binary, "cases::fleet::server".into(), "--exact".into(), "--nocapture".into()])
}

async fn guardian() -> Guardian {
    Guardian::start(&Launch::of(env!("CARGO_BIN_EXE_straddle"), [""; 0])).await.unwrap()
}

fn git(folder: &Path, args: &[&str]) -> String {
    let identity =
        ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"];
    let output = Command::new("git").current_dir(folder).args(identity).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path, content: &str) -> String {
    if !folder.join(".git").exists() {
        git(folder, &["init", "--quiet", "--initial-branch=main"]);
    }
    std::fs::write(folder.join("version"), content).unwrap();
    git(folder, &["add", "version"]);
    git(folder, &["commit", "--quiet", "-m", content]);
    git(folder, &["rev-parse", "HEAD"])
}

fn get(standing: &Standing, member: &str, target: &str) {
    let endpoint = standing.server(member, "shop").unwrap().endpoint().unwrap().to_string();
    let mut stream = std::net::TcpStream::connect(endpoint).unwrap();
    stream.write_all(format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).unwrap();
    let _ = stream.read(&mut [0; 64]);
}

async fn eventually(mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to that within 10 s");
}

fn alive(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
        && !std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default().contains(") Z")
}

#[tokio::test]
async fn all_cells_stand_up_apart_and_go_without_a_trace() {
    let project = Project::new();
    let standing = project.stand_up(&Arrangement::cells()).await.unwrap();
    let names: Vec<&str> = standing.servers.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["old", "old twin", "new", "new twin"]);
    let pids: Vec<i32> = standing.servers.iter().map(|server| server.process.as_ref().unwrap().pid()).collect();
    let dirs: std::collections::BTreeSet<PathBuf> = standing.servers.iter().map(|server| server.dir.clone()).collect();
    let ports: std::collections::BTreeSet<u16> = standing.servers.iter().map(|s| s.endpoint().unwrap().port).collect();
    assert_eq!((dirs.len(), ports.len()), (4, 4));
    assert!(standing.died().is_none());
    assert!(pids.iter().all(|pid| alive(*pid)));
    standing.take_down().await.unwrap();
    assert!(!pids.iter().any(|pid| alive(*pid)));
    assert!(!dirs.iter().any(|dir| dir.exists()));
}

#[tokio::test]
async fn dropping_what_stands_ends_its_processes() {
    let project = Project::new();
    let bench = project.bench().await.unwrap();
    let standing = bench.stand_up(&Arrangement::alone(Side::New)).await.unwrap();
    let pid = standing.servers[0].process.as_ref().unwrap().pid();
    drop(standing);
    eventually(|| !alive(pid)).await;
}

#[tokio::test]
async fn readiness_by_http_and_by_log_is_waited_for() {
    for ready in [Ready::Http("/healthz".to_owned()), Ready::Log("listening on [0-9]+".to_owned()), Ready::Tcp] {
        let project = Project::new().ready(ready);
        project.stand_up(&Arrangement::alone(Side::Old)).await.unwrap().take_down().await.unwrap();
    }
}

#[tokio::test]
async fn a_readiness_that_never_comes_is_told_with_what_was_waited_for() {
    let project = Project::new().manner("never-ready").ready_timeout(Duration::from_millis(400));
    let error = project.ready(Ready::Http("/healthz".to_owned())).error().await;
    assert!(error.contains("`old` did not become ready: waited 0.4 s for GET /healthz to answer 2xx"), "{error}");
    assert!(error.contains("listening on"), "{error}");
}

#[tokio::test]
async fn a_build_that_hangs_before_it_listens_is_told() {
    let project = Project::new().run("echo begun; sleep 600").ready_timeout(Duration::from_millis(300));
    let error = project.error().await;
    assert!(error.contains("waited 0.3 s for its first port to take a connection\n  begun"), "{error}");
}

#[tokio::test]
async fn a_build_that_dies_before_it_is_ready_shows_its_last_twenty_lines() {
    let error = Project::new().run("seq 1 30; exit 3").error().await;
    assert!(error.contains("it ended, exit code 3\n  11\n  12"), "{error}");
    assert!(error.ends_with("\n  30"), "{error}");
}

#[tokio::test]
async fn a_build_that_goes_into_the_background_is_told_to_stay() {
    let error = Project::new().run("sleep 600 & exit 0").error().await;
    assert!(error.contains("exit code 0: `run` must start it in the foreground"), "{error}");
}

#[tokio::test]
async fn a_build_that_dies_after_it_was_ready_is_known_with_its_exit_and_its_log() {
    let project = Project::new();
    let standing = project.stand_up(&Arrangement::cells()).await.unwrap();
    get(&standing, "new", "/die");
    eventually(|| standing.died().is_some()).await;
    let death = standing.died().unwrap();
    assert_eq!((death.server.as_str(), death.side, death.exit.code), ("new", Side::New, Some(7)));
    eventually(|| standing.died().unwrap().lines.iter().any(|line| line.contains("as it was told"))).await;
    standing.take_down().await.unwrap();
}

#[tokio::test]
async fn a_build_that_finds_its_port_taken_is_started_again_on_another() {
    let project = Project::new();
    let mark = project.path().join("mark");
    let project = project.manner(&format!("taken-unless {}", mark.display()));
    let standing = project.stand_up(&Arrangement::alone(Side::Old)).await.unwrap();
    assert!(mark.exists(), "the first try must have failed");
    standing.take_down().await.unwrap();
}

#[tokio::test]
async fn a_build_command_that_fails_shows_its_last_twenty_lines() {
    let error = Project::new().build("seq 1 30; echo no compiler >&2; exit 2").error().await;
    assert!(error.contains("the old build of service `shop` failed, exit code 2: `seq 1 30; echo"), "{error}");
    assert!(!error.contains("\n  11\n") && error.ends_with("\n  30\n  no compiler"), "{error}");
}

#[tokio::test]
async fn a_folder_and_a_program_that_are_not_there_are_named() {
    let project = Project::new().source(Side::Old, SourceSpec::Path("/nowhere/shop".into()));
    assert!(project.error().await.contains("old build of service `shop` has no folder /nowhere/shop"));
    let project = Project::new().both(|build| build.run = Some(CommandSpec::Words(vec!["no-such-program".into()])));
    assert!(project.error().await.contains("`no-such-program`"));
}

#[tokio::test]
async fn an_image_and_readiness_by_grpc_are_unavailable_by_name() {
    let project = Project::new().source(Side::New, SourceSpec::Image("shop:1".to_owned()));
    assert!(project.error().await.contains("an `image` build is not in this release"));
    assert!(Project::new().ready(Ready::Grpc).error().await.contains("readiness by gRPC is not in this release"));
}

#[tokio::test]
async fn refs_that_are_none_are_refused_with_the_reason() {
    let project = Project::new();
    commit(project.path(), "1");
    let project = project.git("v9");
    assert!(project.error().await.contains("`v9` is no commit of"));
    let error = project.git("--output=/tmp/x").error().await;
    assert!(error.contains("`--output=/tmp/x` is no commit of") && error.contains("begins with no dash"), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_no_repository_is_named() {
    let error = Project::new().git("main").error().await;
    assert!(error.contains("`main` is no commit of") && error.contains("not a git repository"), "{error}");
}

#[tokio::test]
async fn a_dirty_repository_gives_the_commit_and_not_what_lies_in_it() {
    let project = Project::new();
    let first = commit(project.path(), "1");
    git(project.path(), &["tag", "v1"]);
    let second = commit(project.path(), "2");
    std::fs::write(project.path().join("version"), "3, not committed").unwrap();
    let project = project.git("v1").build("cat version");
    let prepared = project.prepare().await.unwrap();
    let old = &prepared.builds.old.all()[0];
    let tree = old.site.folder().unwrap();
    assert_eq!(std::fs::read_to_string(tree.join("version")).unwrap(), "1");
    let (facts, new) = (prepared.builds.old.facts(), prepared.builds.new.facts());
    assert_eq!((facts.label.as_str(), facts.commit, facts.dirty), ("v1", Some(first), false));
    assert_eq!((new.label.as_str(), new.commit, new.dirty), ("working tree", Some(second), true));
}

#[tokio::test]
async fn a_clean_working_tree_is_not_made_dirty_by_the_run() {
    let project = Project::new();
    commit(project.path(), "1");
    let prepared = project.prepare().await.unwrap();
    assert!(!prepared.builds.new.facts().dirty);
}

#[tokio::test]
async fn a_folder_below_a_repository_that_does_not_track_it_has_no_commit() {
    let project = Project::new();
    commit(project.path(), "1");
    let below = project.path().join("below");
    std::fs::create_dir(&below).unwrap();
    let project = project.source(Side::New, SourceSpec::Path(below));
    let facts = project.prepare().await.unwrap().builds.new.facts();
    assert_eq!((facts.label.as_str(), facts.commit, facts.dirty), ("below", None, false));
}

#[tokio::test]
async fn the_latest_tag_is_the_newest_before_head_and_none_is_an_error() {
    let project = Project::new().git("latest-tag");
    commit(project.path(), "1");
    assert!(project.error().await.contains("`latest-tag` finds no tag before HEAD"));
    git(project.path(), &["tag", "v1"]);
    commit(project.path(), "2");
    git(project.path(), &["tag", "v2"]);
    assert_eq!(project.prepare().await.unwrap().builds.old.facts().label, "v1", "HEAD is v2 itself");
    commit(project.path(), "3");
    assert_eq!(project.prepare().await.unwrap().builds.old.facts().label, "v2");
}

#[tokio::test]
async fn a_build_in_a_folder_of_a_repository_runs_in_that_folder_of_the_checkout() {
    let project = Project::new();
    git(project.path(), &["init", "--quiet", "--initial-branch=main"]);
    std::fs::create_dir_all(project.path().join("services/shop")).unwrap();
    std::fs::write(project.path().join("services/shop/here"), "").unwrap();
    git(project.path(), &["add", "services"]);
    git(project.path(), &["commit", "--quiet", "-m", "1"]);
    let repo = project.path().join("services/shop");
    let source = SourceSpec::Git { repo, reference: "main".to_owned() };
    let mut project = project.source(Side::Old, source);
    project.manifest.services[0].builds.old.build = Some(CommandSpec::Sh("test -e here".to_owned()));
    let prepared = project.prepare().await.unwrap();
    assert!(prepared.builds.old.all()[0].site.folder().unwrap().ends_with("tree/services/shop"));
}

#[tokio::test]
async fn two_runs_that_share_the_cache_build_a_commit_once() {
    let project = Project::new();
    commit(project.path(), "1");
    let builds = project.path().join("builds");
    let mut project = project.git("main");
    let script = format!("sleep 0.3; echo built >> {}", builds.display());
    project.manifest.services[0].builds.old.build = Some(CommandSpec::Sh(script));
    let (first, second) = tokio::join!(project.prepare(), project.prepare());
    assert_eq!(first.unwrap().builds.old, second.unwrap().builds.old);
    assert_eq!(std::fs::read_to_string(&builds).unwrap(), "built\n");
    assert_eq!(project.builds_run(), 1);
    project.prepare().await.unwrap();
    assert_eq!(project.builds_run(), 1, "a third run finds it built");
}

#[tokio::test]
async fn a_git_build_that_failed_is_made_again_from_nothing() {
    let project = Project::new();
    commit(project.path(), "1");
    let project = project.git("main").build("test ! -e half && touch half && exit 1");
    for _ in 0..2 {
        assert!(project.error().await.contains("exit code 1: `test ! -e half"));
    }
    let project = project.build("test ! -e half");
    project.prepare().await.unwrap();
}

#[tokio::test]
async fn stores_are_migrated_then_seeded_and_every_member_has_its_own() {
    let project = Project::new();
    std::fs::write(project.path().join("seed.sh"), "echo seeded by $1 >> $2/log").unwrap();
    let step = |text: &str| Some(CommandSpec::Sh(format!("echo {text} in {{side}} >> {{state.data.path}}/log")));
    let project = project.state(State {
        name: "data".to_owned(),
        kind: StateKind::Directory,
        shared: true,
        seed: Some(Seed::Command(CommandSpec::Sh("sh seed.sh {side} {state.data.path}".to_owned()))),
        migrate_old: step("old migration"),
        migrate_new: step("new migration"),
        migrate_down: None,
    });
    let bench = project.bench().await.unwrap();
    let standing = bench.stand_up(&Arrangement::cells()).await.unwrap();
    let log = |member: &str| {
        let server = standing.server(member, "shop").unwrap();
        std::fs::read_to_string(server.states["data"].path.join("log")).unwrap()
    };
    let old = "old migration in old\nseeded by old\n";
    assert_eq!(log("old"), old);
    assert_eq!(log("new twin"), format!("{old}new migration in new\n"));
    std::fs::write(standing.servers[0].states["data"].path.join("log"), "changed").unwrap();
    assert_eq!(log("old twin"), old, "its own copy");
    standing.take_down().await.unwrap();

    let standing = bench.stand_up(&Arrangement::sharing(Side::New)).await.unwrap();
    let path = |index: usize| standing.servers[index].states["data"].path.clone();
    assert_eq!(path(0), path(1));
    assert_eq!(std::fs::read_to_string(path(0).join("log")).unwrap(), format!("{old}new migration in new\n"));
    standing.take_down().await.unwrap();
}

#[tokio::test]
async fn a_build_that_stands_in_for_both_sides_has_its_own_store_everywhere() {
    let project = Project::new().state(State {
        name: "data".to_owned(),
        kind: StateKind::Directory,
        shared: true,
        seed: None,
        migrate_old: None,
        migrate_new: Some(CommandSpec::Sh("touch {state.data.path}/migrated".to_owned())),
        migrate_down: None,
    });
    for (plays, migrated) in [(Side::Old, false), (Side::New, true)] {
        let standing = project.bench_of(Some(plays)).await.unwrap().stand_up(&Arrangement::cells()).await.unwrap();
        for server in &standing.servers {
            assert_eq!(server.states["data"].path.join("migrated").exists(), migrated, "{plays} as {}", server.name);
        }
        standing.take_down().await.unwrap();
    }
}

#[tokio::test]
async fn a_seed_of_sql_reaches_every_instance_and_its_errors_reach_the_person() {
    let seed = |project: &Project, sql: &str| std::fs::write(project.path().join("seed.sql"), sql).unwrap();
    let project = Project::new();
    seed(&project, "CREATE TABLE item (id);\nINSERT INTO item VALUES (1), (2);\n");
    let file = project.path().join("seed.sql");
    let project = project.state(State {
        name: "db".to_owned(),
        kind: StateKind::Sqlite,
        shared: true,
        seed: Some(Seed::Sql(file)),
        migrate_old: None,
        migrate_new: None,
        migrate_down: None,
    });
    let standing = project.stand_up(&Arrangement::cells()).await.unwrap();
    let mut digests = std::collections::BTreeSet::new();
    for server in &standing.servers {
        let database = rusqlite::Connection::open(&server.states["db"].path).unwrap();
        let count: i64 = database.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 2);
        digests.insert(standing.digest(server, "db").await.unwrap().unwrap());
    }
    assert_eq!(digests.len(), 1);
    standing.take_down().await.unwrap();
    seed(&project, "CREATE TABLE item (id);\nINSERT INTO itme VALUES (1);\n");
    let error = project.error().await;
    assert!(
        error.contains("seed.sql:2: no such table: itme, in the statement `INSERT INTO itme VALUES (1)`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_store_that_takes_one_process_at_a_time_is_not_shared() {
    let project = Project::new().state(State {
        name: "data".to_owned(),
        kind: StateKind::Directory,
        shared: false,
        seed: None,
        migrate_old: None,
        migrate_new: None,
        migrate_down: None,
    });
    let error = match project.stand_up(&Arrangement::sharing(Side::Old)).await {
        Ok(_) => panic!("it stands"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains("state `data` says `shared = false`, so `old`, `new` can't stand on it at once"), "{error}");
    project.stand_up(&Arrangement::cells()).await.unwrap().take_down().await.unwrap();
}

#[tokio::test]
async fn a_migration_that_fails_is_told_with_its_lines() {
    let project = Project::new().state(State {
        name: "data".to_owned(),
        kind: StateKind::Directory,
        shared: true,
        seed: None,
        migrate_old: None,
        migrate_new: Some(CommandSpec::Sh("echo no such column; exit 4".to_owned())),
        migrate_down: None,
    });
    let error = project.error().await;
    let expected = "`migrate.new` of state `data` failed, exit code 4: `echo no such column; exit 4`\n  no such column";
    assert!(error.contains(expected), "{error}");
}

#[tokio::test]
async fn what_an_instance_shows_of_itself_is_known() {
    let project = Project::new();
    let standing = project.stand_up(&Arrangement::alone(Side::Old)).await.unwrap();
    let server = &standing.servers[0];
    let stands_for = |needle: &str| {
        let found = server.identity.needles().iter().find(|(text, _)| text == needle);
        found.map(|(_, placeholder)| placeholder.clone())
    };
    assert_eq!(stands_for(&server.endpoint().unwrap().to_string()).as_deref(), Some("{host}"));
    assert_eq!(stands_for(&server.dir.display().to_string()).as_deref(), Some("{dir}"));
    standing.take_down().await.unwrap();
}

#[tokio::test]
async fn a_service_is_told_where_the_others_of_its_member_are() {
    let mut project = Project::new();
    let mut front = service("front", project.path());
    front.ready = Some(Ready::Log("shop is at http://127.0.0.1:[0-9]+".to_owned()));
    for side in Side::BOTH {
        let script = "echo shop is at {service.shop.url}; sleep 600".to_owned();
        front.builds.get_mut(side).run = Some(CommandSpec::Sh(script));
    }
    project.manifest.services.insert(0, front);
    let standing = project.stand_up(&Arrangement::alone(Side::New)).await.unwrap();
    let names: Vec<&str> = standing.servers.iter().map(|server| server.name.as_str()).collect();
    assert_eq!(names, ["new front", "new shop"]);
    let shop = standing.server("new", "shop").unwrap().endpoint().unwrap().to_string();
    let front = standing.server("new", "front").unwrap();
    assert!(front.process.as_ref().unwrap().log().tail(5).contains(&format!("shop is at http://{shop}")));
    assert!(front.identity.needles().contains(&(shop, "{service.shop}".to_owned())));
    standing.take_down().await.unwrap();
}

#[tokio::test]
async fn a_build_that_runs_already_is_only_asked_whether_it_is_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let project = Project::new().source(Side::Old, SourceSpec::Url(url.clone()));
    let arrangement =
        Arrangement { members: vec![Member::of(Side::Old), Member::twin_of(Side::Old)], stores: Stores::Own };
    let standing = project.stand_up(&arrangement).await.unwrap();
    for server in &standing.servers {
        assert!(server.process.is_none() && server.shared_instance);
        assert_eq!(format!("http://{}", server.endpoint().unwrap()), url);
    }
    standing.take_down().await.unwrap();
    drop(listener);
    let error = project.ready_timeout(Duration::from_millis(200)).error().await;
    assert!(error.contains(&format!("{url} does not answer within 0.2 s")), "{error}");
}
