//! The balancer against nginx as one: requests a second and the slowest of a hundred, before the same two servers in the same
//! run; and what it adds to a direct call.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use straddle::proxy::{Limits, Mixer, Plan, Upstream};
use straddle::wire::Endpoint;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

use crate::Figure;
use crate::proxying::Running;

/// Clients at a time, each with a connection that it keeps.
const CLIENTS: usize = 16;
/// Requests of all of them in a round.
const REQUESTS: usize = 20_000;
/// Rounds, in turn with nginx; the best of each is held against the other's.
const ROUNDS: usize = 5;
/// The length of a reply, in bytes.
const SIZE: usize = 1_000;
/// What a service does for a call in which it does something.
const WORK: Duration = Duration::from_micros(250);
/// Calls of one client in a round.
const CALLS: usize = 400;

pub fn figures() -> Vec<Figure> {
    let runtime = runtime();
    let mut figures = on_top_of_a_direct_call(&runtime);
    let version = Command::new("nginx").arg("-v").stderr(std::process::Stdio::null()).status();
    if version.is_ok_and(|status| status.success()) {
        figures.extend(against_nginx(&runtime));
    } else {
        println!("against nginx as a balancer: did not run, there is no `nginx` (apt-get install nginx)");
    }
    figures
}

/// Its own for each, as processes would have.
fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.unwrap_or_else(|e| panic!("no runtime: {e}"))
}

/// A balancer before those servers, each request for itself.
fn mixer(runtime: &Runtime, servers: &[SocketAddr]) -> Mixer {
    let upstream = |(number, address): (usize, &SocketAddr)| {
        Upstream::new(number.to_string(), Endpoint::new(address.ip().to_string(), address.port()))
    };
    let upstreams: Vec<Upstream> = servers.iter().enumerate().map(upstream).collect();
    let at = SocketAddr::from(([127, 0, 0, 1], 0));
    let listening = Mixer::listen(at, upstreams, Plan::Weighted { seed: 1 }, Limits::default());
    runtime.block_on(listening).unwrap_or_else(|e| panic!("{e}"))
}

fn against_nginx(runtime: &Runtime) -> Vec<Figure> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("no folder: {e}"));
    let at = folder.path();
    // nginx's workers may be another user's.
    std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o755)).unwrap_or_else(|e| panic!("{e}"));
    std::fs::write(at.join("reply.txt"), "0123456789".repeat(SIZE / 10)).unwrap_or_else(|e| panic!("{e}"));
    let servers = ["one", "two"].map(|name| {
        let server = format!("root {}; keepalive_requests 1000000000;", at.display());
        Running::start_nginx(at, name, 1, "", &server)
    });
    let addresses = [servers[0].address, servers[1].address];
    let nginx = balancing_nginx(at, addresses);
    let straddle = self::runtime();
    let mixer = mixer(&straddle, &addresses);
    let (mut theirs, mut ours) = (Load::worst(), Load::worst());
    for _ in 0..ROUNDS {
        theirs = theirs.better(runtime.block_on(load(nginx.address)));
        ours = ours.better(runtime.block_on(load(mixer.address())));
        // Nothing that was sent was lost.
        let taken = mixer.log().take();
        let lost = taken.lines.iter().filter(|line| line.outcome.is_loss()).count();
        assert!(lost == 0 && taken.lines.len() == REQUESTS, "{lost} of {} lost", taken.lines.len());
    }
    println!(
        "nginx balances {:.0} a second, p99 {:?}; straddle {:.0}, p99 {:?}",
        theirs.rate, theirs.p99, ours.rate, ours.p99
    );
    vec![
        Figure::at_least("balanced requests a second against nginx's", ours.rate / theirs.rate * 100.0, 70.0, "%"),
        Figure::at_most(
            "the slowest of a hundred against nginx's",
            ours.p99.as_secs_f64() / theirs.p99.as_secs_f64(),
            2.0,
            "times",
        ),
    ]
}

/// nginx as a reverse proxy before two servers, with as many workers as there are processors.
fn balancing_nginx(folder: &Path, [one, two]: [SocketAddr; 2]) -> Running {
    let upstream =
        format!("upstream target {{ server {one}; server {two}; keepalive 64; keepalive_requests 1000000000; }}");
    let pass = "proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection \"\";";
    let server = format!("keepalive_requests 1000000000; location / {{ {pass} }}");
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    Running::start_nginx(folder, "balancer", workers, &upstream, &server)
}

/// What a round gave.
#[derive(Clone, Copy)]
struct Load {
    /// Replies a second.
    rate: f64,
    /// What one of a hundred took, or more.
    p99: Duration,
}

impl Load {
    fn worst() -> Self {
        Self { rate: 0.0, p99: Duration::MAX }
    }

    /// What else the machine does only ever takes away.
    fn better(self, other: Self) -> Self {
        Self { rate: self.rate.max(other.rate), p99: self.p99.min(other.p99) }
    }
}

async fn load(address: SocketAddr) -> Load {
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS).map(|_| tokio::spawn(client(address, REQUESTS / CLIENTS))).collect();
    let mut times = Vec::with_capacity(REQUESTS);
    for client in clients {
        times.extend(client.await.unwrap_or_else(|e| panic!("{e}")));
    }
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort_unstable();
    Load { rate, p99: times[times.len() * 99 / 100] }
}

/// How long each of so many replies took.
async fn client(address: SocketAddr, requests: usize) -> Vec<Duration> {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap_or_else(|e| panic!("{e}"));
    let _ = stream.set_nodelay(true);
    let request = format!("GET /reply.txt HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\n\r\n");
    let mut buffer = vec![0; 16 << 10];
    let mut times = Vec::with_capacity(requests);
    for _ in 0..requests {
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await.unwrap_or_else(|e| panic!("{e}"));
        let mut got = 0;
        while !is_whole(&buffer[..got]) {
            let read = stream.read(&mut buffer[got..]).await.unwrap_or_else(|e| panic!("{e}"));
            assert!(read > 0, "closed within a reply");
            got += read;
        }
        times.push(begun.elapsed());
    }
    times
}

/// Whether it is a reply of the length that all have.
fn is_whole(bytes: &[u8]) -> bool {
    let end = memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4 + SIZE);
    assert!(bytes.is_empty() || bytes.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(bytes));
    end.is_some_and(|end| bytes.len() >= end)
}

/// One client with a kept connection, whose calls go to the service itself and through the balancer in turn.
fn on_top_of_a_direct_call(runtime: &Runtime) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (work, what) in [(Duration::ZERO, "one that does nothing"), (WORK, "one that works for 0.25 ms")] {
        let service = service(work);
        let balancer = mixer(runtime, &[service, service]);
        let (mut direct, mut through) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            direct = direct.min(median(service));
            through = through.min(median(balancer.address()));
        }
        let on_top = (through.as_secs_f64() / direct.as_secs_f64() - 1.0) * 100.0;
        println!("a call of {what}: {direct:?} direct, {through:?} through the balancer ({on_top:.0} % more)");
        // What does nothing is over before a second way over the loopback could be: there the time is only told.
        if !work.is_zero() {
            figures.push(Figure::at_most("the balancer on top of a direct call, at the median", on_top, 15.0, "%"));
        }
    }
    figures
}

/// The median of calls, one after the other.
fn median(address: SocketAddr) -> Duration {
    let mut stream = TcpStream::connect(address).unwrap_or_else(|e| panic!("{e}"));
    let _ = stream.set_nodelay(true);
    let request = format!("GET /reply.txt HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\n\r\n");
    let mut buffer = vec![0; 16 << 10];
    let mut times: Vec<Duration> = (0..CALLS)
        .map(|_| {
            let begun = Instant::now();
            stream.write_all(request.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
            let mut got = 0;
            while !is_whole(&buffer[..got]) {
                got += stream.read(&mut buffer[got..]).unwrap_or_else(|e| panic!("{e}"));
            }
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// A service that works for so long for each call, until this process ends.
fn service(work: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|e| panic!("no port: {e}"));
    let address = listener.local_addr().unwrap_or_else(|e| panic!("{e}"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream, work));
        }
    });
    address
}

fn serve(mut stream: TcpStream, work: Duration) {
    let _ = stream.set_nodelay(true);
    let reply = format!("HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n{}", "0123456789".repeat(SIZE / 10));
    let mut buffer = [0; 4096];
    let mut got = 0;
    while let Ok(read @ 1..) = stream.read(&mut buffer[got..]) {
        got += read;
        if buffer[..got].ends_with(b"\r\n\r\n") {
            got = 0;
            let begun = Instant::now();
            while begun.elapsed() < work {
                std::hint::spin_loop();
            }
            if stream.write_all(reply.as_bytes()).is_err() {
                return;
            }
        }
    }
}
