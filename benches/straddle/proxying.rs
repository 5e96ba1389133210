//! Requests a second through the recording proxy, against nginx as a reverse proxy before the same server in the same run.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::Figure;

/// Connections that are kept, each asking for one thing after the other.
const CONNECTIONS: usize = 16;
/// Sizes of a reply, in bytes, and how many are asked for in a round.
const ROUNDS: [(usize, usize); 2] = [(1_000, 20_000), (100_000, 4_000)];

pub fn figures() -> Vec<Figure> {
    let version = Command::new("nginx").arg("-v").stderr(Stdio::null()).status();
    if !version.is_ok_and(|status| status.success()) {
        println!("against nginx as a reverse proxy: did not run, there is no `nginx` (apt-get install nginx)");
        return Vec::new();
    }
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder: {e}"));
    let at = folder.path();
    // nginx's workers may be another user's.
    std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o755)).unwrap_or_else(|e| panic!("{e}"));
    for (size, _) in ROUNDS {
        let line = r#"{"sku":"A-001","qty":7,"price":3.5,"gift":false},"#;
        let text: String = line.chars().cycle().take(size).collect();
        std::fs::write(at.join(format!("{size}.txt")), text).unwrap_or_else(|e| panic!("{e}"));
    }
    let server = Running::server(at);
    let nginx = Running::nginx(at, server.address);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.unwrap_or_else(|e| panic!("no runtime: {e}"));
    let mut figures = Vec::new();
    for (size, requests) in ROUNDS {
        let (mut theirs, mut ours) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..3 {
            theirs = theirs.min(runtime.block_on(ask(nginx.address, size, requests)));
            let straddle = Running::straddle(at, server.address);
            ours = ours.min(runtime.block_on(ask(straddle.address, size, requests)));
        }
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let rate = |seconds: f64| requests as f64 / seconds;
        let kb = size / 1_000;
        println!("{kb} KB: nginx passes {:.0} a second; straddle records {:.0}", rate(theirs), rate(ours));
        let name = format!("recorded requests of {kb} KB a second against nginx's");
        figures.push(Figure::at_least(&name, theirs / ours * 100.0, 50.0, "%"));
    }
    figures
}

/// A process that listens, until it is dropped.
pub struct Running {
    child: Child,
    /// Where.
    pub address: SocketAddr,
    ends_by: Signal,
}

impl Running {
    /// nginx with the files of `folder`.
    fn server(folder: &Path) -> Self {
        let server = format!("root {}; keepalive_requests 1000000000;", folder.display());
        Self::start_nginx(folder, "server", 1, "", &server)
    }

    /// nginx as a reverse proxy, with as many workers as there are processors.
    fn nginx(folder: &Path, target: SocketAddr) -> Self {
        let upstream = format!("upstream target {{ server {target}; keepalive 64; keepalive_requests 1000000000; }}");
        let pass = "proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection \"\";";
        let server = format!("keepalive_requests 1000000000; location / {{ {pass} }}");
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        Self::start_nginx(folder, "proxy", workers, &upstream, &server)
    }

    /// nginx with one server, which does what `server` says; `before` stands before it.
    pub fn start_nginx(folder: &Path, name: &str, workers: usize, before: &str, server: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.unwrap_or_else(|e| panic!("no port: {e}"));
        let own = folder.join(name);
        std::fs::create_dir(&own).unwrap_or_else(|e| panic!("{e}"));
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {}/{kind}; ", own.display()))
            .concat();
        let text = format!(
            "daemon off; worker_processes {workers}; pid {}/pid; error_log stderr crit;\nevents {{ worker_connections 1024; }}\n\
             http {{ access_log off; {paths}{before}\nserver {{ listen {address}; {server} }} }}\n",
            own.display()
        );
        let file = own.join("nginx.conf");
        std::fs::write(&file, text).unwrap_or_else(|e| panic!("{e}"));
        let child = Command::new("nginx").arg("-p").arg(&own).arg("-c").arg(&file).stderr(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|e| panic!("nginx does not start: {e}"));
        // Its workers end with it where it is asked to.
        let running = Self { child, address, ends_by: Signal::TERM };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(30), "nginx does not listen on {address}");
            std::thread::sleep(Duration::from_millis(10));
        }
        running
    }

    /// A recorder, which writes a recording as it would for anybody.
    fn straddle(folder: &Path, target: SocketAddr) -> Self {
        let out = folder.join("recording");
        let _ = std::fs::remove_dir_all(&out);
        std::fs::create_dir(&out).unwrap_or_else(|e| panic!("{e}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
        command.args(["record", "--target", &format!("http://{target}"), "--out", "out.jsonl"]);
        let child = command.current_dir(&out).stderr(Stdio::piped()).stdout(Stdio::null()).spawn();
        let mut child = child.unwrap_or_else(|e| panic!("{e}"));
        let mut line = String::new();
        let stderr = child.stderr.take().unwrap_or_else(|| panic!("no stderr"));
        BufReader::new(stderr).read_line(&mut line).unwrap_or_else(|e| panic!("{e}"));
        let address = line.strip_prefix("recording at http://").and_then(|rest| rest.split(',').next()?.parse().ok());
        // What it recorded is thrown away: nobody needs it made whole.
        Self { child, address: address.unwrap_or_else(|| panic!("{line}")), ends_by: Signal::KILL }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), self.ends_by);
        let _ = self.child.wait();
    }
}

/// Seconds for so many replies of that size.
async fn ask(address: SocketAddr, size: usize, requests: usize) -> f64 {
    let begun = Instant::now();
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(async move { client(address, size, requests / CONNECTIONS).await }))
        .collect();
    for client in clients {
        client.await.unwrap_or_else(|e| panic!("{e}"));
    }
    begun.elapsed().as_secs_f64()
}

async fn client(address: SocketAddr, size: usize, requests: usize) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap_or_else(|e| panic!("{e}"));
    let _ = stream.set_nodelay(true);
    let request = format!("GET /{size}.txt HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\n\r\n");
    let mut buffer = vec![0; 64 << 10];
    for _ in 0..requests {
        stream.write_all(request.as_bytes()).await.unwrap_or_else(|e| panic!("{e}"));
        let mut got = 0;
        let mut missing = usize::MAX;
        while missing > 0 {
            let read = stream.read(&mut buffer[got..]).await.unwrap_or_else(|e| panic!("{e}"));
            assert!(read > 0, "closed within a reply");
            if missing != usize::MAX {
                missing -= read;
            } else if let Some(end) = memchr::memmem::find(&buffer[..got + read], b"\r\n\r\n") {
                assert!(buffer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&buffer[..end]));
                missing = size + end + 4 - got - read;
                got = 0;
            } else {
                got += read;
            }
        }
    }
}
