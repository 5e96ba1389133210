//! A project on real processes, for tests of builds, stores and the fleet.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use straddle::fleet::{Arrangement, Bench, FleetError, RunFolder, Standing, prepare};
use straddle::manifest::{BuildSpec, CommandSpec, Manifest, Ready, Service, SourceSpec, State};
use straddle::model::secret::Secrets;
use straddle::model::{Event, Events, Pair, Side};
use straddle::process::Guardian;

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
        let says = manner.strip_prefix("says ").unwrap_or("ok");
        let media = if says == "ok" { "" } else { "content-type: application/json\r\n" };
        let length = says.len();
        let _ =
            write!(stream, "HTTP/1.1 {status}\r\n{media}content-length: {length}\r\nconnection: close\r\n\r\n{says}");
    }
}

/// A project in a folder of its own, whose builds are the server above unless a test says otherwise.
pub struct Project {
    folder: tempfile::TempDir,
    pub manifest: Manifest,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Project {
    pub fn new() -> Self {
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
            generated: straddle::manifest::GeneratedSpec::of(folder.path()),
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

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn both(mut self, mut change: impl FnMut(&mut BuildSpec)) -> Self {
        for side in Side::BOTH {
            change(self.manifest.services[0].builds.get_mut(side));
        }
        self
    }

    pub fn run(self, script: &str) -> Self {
        self.both(|build| build.run = Some(CommandSpec::Sh(script.to_owned())))
    }

    pub fn manner(self, manner: &str) -> Self {
        self.both(|build| {
            build.env.insert(MANNER.to_owned(), manner.to_owned());
        })
    }

    pub fn build(self, script: &str) -> Self {
        self.both(|build| build.build = Some(CommandSpec::Sh(script.to_owned())))
    }

    pub fn ready(mut self, ready: Ready) -> Self {
        self.manifest.services[0].ready = Some(ready);
        self
    }

    pub fn ready_timeout(mut self, timeout: Duration) -> Self {
        self.manifest.services[0].ready_timeout = timeout;
        self
    }

    pub fn source(mut self, side: Side, source: SourceSpec) -> Self {
        self.manifest.services[0].builds.get_mut(side).source = source;
        self
    }

    pub fn git(mut self, reference: &str) -> Self {
        let source = SourceSpec::Git { repo: self.path().to_owned(), reference: reference.to_owned() };
        self.manifest.services[0].builds.old.source = source;
        self
    }

    pub fn state(mut self, state: State) -> Self {
        self.manifest.states.push(state);
        self
    }

    pub fn events(&self) -> Events {
        let events = self.events.clone();
        Arc::new(move |event| events.lock().unwrap().push(event))
    }

    pub async fn prepare(&self) -> Result<Prepared, FleetError> {
        let guardian = guardian().await;
        let run = Arc::new(RunFolder::create(&self.path().join(".straddle"))?);
        let cache = self.path().join(".straddle/cache");
        let builds = prepare(&self.manifest, &guardian, &self.events(), &run, &cache).await?;
        Ok(Prepared { builds, guardian, run })
    }

    pub async fn bench(&self) -> Result<Bench, FleetError> {
        self.bench_of(None).await
    }

    pub async fn bench_of(&self, plays: Option<Side>) -> Result<Bench, FleetError> {
        let Prepared { builds, guardian, run } = self.prepare().await?;
        let secrets = Secrets::new([(straddle::store::PASSWORD.to_owned(), "a-password-of-tests".to_owned())]);
        Bench::new(Arc::new(self.manifest.clone()), builds, guardian, self.events(), run, plays, &secrets).await
    }

    pub async fn stand_up(&self, arrangement: &Arrangement) -> Result<Standing, FleetError> {
        self.bench().await?.stand_up(arrangement).await
    }

    pub async fn error(&self) -> String {
        match self.stand_up(&Arrangement::alone(Side::Old)).await {
            Ok(_) => panic!("it stands"),
            Err(error) => error.to_string(),
        }
    }

    pub fn builds_run(&self) -> usize {
        self.events.lock().unwrap().iter().filter(|event| matches!(event, Event::Building { .. })).count()
    }
}

/// Builds that are ready to run, and what they were made with.
pub struct Prepared {
    pub builds: Pair<straddle::fleet::Builds>,
    guardian: Guardian,
    run: Arc<RunFolder>,
}

pub fn service(name: &str, folder: &Path) -> Service {
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
    CommandSpec::Words(vec![binary, "support::project::server".into(), "--exact".into(), "--nocapture".into()])
}

async fn guardian() -> Guardian {
    Guardian::start(&super::launch()).await.unwrap()
}

pub fn git(folder: &Path, args: &[&str]) -> String {
    let identity =
        ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"];
    let output = Command::new("git").current_dir(folder).args(identity).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub fn commit(folder: &Path, content: &str) -> String {
    if !folder.join(".git").exists() {
        git(folder, &["init", "--quiet", "--initial-branch=main"]);
    }
    std::fs::write(folder.join("version"), content).unwrap();
    git(folder, &["add", "version"]);
    git(folder, &["commit", "--quiet", "-m", content]);
    git(folder, &["rev-parse", "HEAD"])
}

pub fn get(standing: &Standing, member: &str, target: &str) {
    let endpoint = standing.server(member, "shop").unwrap().endpoint().unwrap().to_string();
    let mut stream = std::net::TcpStream::connect(endpoint).unwrap();
    stream.write_all(format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).unwrap();
    let _ = stream.read(&mut [0; 64]);
}

/// As [`super::eventually`], with the runtime going on in between.
pub async fn eventually(mut holds: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to that within 30 s");
}

pub fn alive(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
        && !std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default().contains(") Z")
}
