//! `cargo xtask mutate-proxy`, a hidden chore: runs a server and stands in front of it. What the plan changes it changes;
//! every other byte goes through as it came, in both directions. It speaks HTTP/1 and nothing else.

mod encoding;
mod message;

use std::fs::{File, OpenOptions};
use std::io::{BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::change::Change;
use super::reply::Reply;
use super::route::{self, Route};
use crate::options::Options;
use crate::steps::{Done, Failure};
use message::{Answer, Request};

/// What the inner server's port is called in its command.
pub const INNER: &str = "@inner-port@";
/// How long a quiet connection is left before both of its ends are looked at again.
const GLANCE: Duration = Duration::from_millis(5);

/// What every connection knows.
struct Front {
    inner: u16,
    routes: Vec<Route>,
    changes: Vec<Change>,
    /// The target that is asked for until the server is ready: up to the first good answer it is nobody's traffic.
    ready: Option<String>,
    is_ready: AtomicBool,
    capture: Option<Mutex<File>>,
}

/// Runs until it is ended, or until the server ends.
pub fn run(words: &[String]) -> Done {
    let cut = words.iter().position(|word| word == "--").ok_or("`--` and a command have to follow")?;
    let command: Vec<String> = words[cut + 1..].to_vec();
    let mut options = Options::new(words[..cut].to_vec());
    let port: u16 = options.value("--port")?.ok_or("`--port` is missing")?.parse()?;
    let plan: Value = match options.value("--plan")? {
        Some(file) => serde_json::from_str(&std::fs::read_to_string(file)?)?,
        None => Value::Null,
    };
    let names = options.value("--names")?.unwrap_or_default();
    let ready = options.value("--ready")?;
    let capture = options.value("--capture")?.map(|folder| capture(Path::new(&folder), port, &names)).transpose()?;
    let list = |name: &str| plan[name].as_array().cloned().unwrap_or_default();
    let inner = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let front = Arc::new(Front {
        inner,
        routes: list("routes").iter().filter_map(Value::as_str).map(Route::read).collect(),
        changes: list("changes").iter().filter_map(Change::from_json).collect(),
        is_ready: AtomicBool::new(ready.is_none()),
        ready,
        capture: capture.map(Mutex::new),
    });
    let words: Vec<String> = command.iter().map(|word| word.replace(INNER, &inner.to_string())).collect();
    let (program, args) = words.split_first().ok_or("a command has to follow")?;
    let mut child = Command::new(program).args(args).spawn().map_err(|error| format!("`{program}`: {error}"))?;
    thread::spawn(move || serve(port, &front));
    let status = child.wait()?;
    Ok(crate::steps::passed_on(status))
}

/// The file into which one instance's replies are written, its names first.
fn capture(folder: &Path, port: u16, names: &str) -> Result<File, Failure> {
    let file = folder.join(format!("{port}-{}.jsonl", std::process::id()));
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    let names: Vec<&str> = names.split(',').filter(|name| !name.is_empty()).collect();
    writeln!(file, "{}", json!({ "port": port, "names": names }))?;
    Ok(file)
}

/// Takes connections once the server does.
fn serve(port: u16, front: &Arc<Front>) {
    while TcpStream::connect(("127.0.0.1", front.inner)).is_err() {
        thread::sleep(GLANCE);
    }
    let listener = match TcpListener::bind(("127.0.0.1", port)) {
        Ok(listener) => listener,
        Err(error) => {
            eprintln!("xtask: port {port}: {error}");
            std::process::exit(2);
        }
    };
    for client in listener.incoming().flatten() {
        let front = Arc::clone(front);
        thread::spawn(move || {
            // A connection that fails ends, as the server's own would.
            let _ = front.connection(&client);
            let _ = client.shutdown(Shutdown::Both);
        });
    }
}

impl Front {
    /// One connection of a client and one to the server, which end together.
    fn connection(&self, client: &TcpStream) -> Result<(), Failure> {
        let server = TcpStream::connect(("127.0.0.1", self.inner))?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let mut requests = BufReader::new(client.try_clone()?);
        let mut answers = BufReader::new(server.try_clone()?);
        while !requests.buffer().is_empty() || awaits(client, &server)? {
            let Some(request) = Request::read(&mut requests)? else { return Ok(()) };
            (&server).write_all(&request.raw)?;
            let answer = Answer::read(&mut answers, &request.method)?;
            let out = self.passed(&request, &answer)?;
            (&mut &*client).write_all(&out)?;
            if answer.closes {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What the client is given: the answer as it came, or changed.
    fn passed(&self, request: &Request, answer: &Answer) -> Result<Vec<u8>, Failure> {
        let reply = answer.reply()?;
        if !self.is_ready.load(Ordering::SeqCst) {
            if request.method == "GET"
                && self.ready.as_ref() == Some(&request.target)
                && (200..300).contains(&reply.status)
            {
                self.is_ready.store(true, Ordering::SeqCst);
            }
            return Ok(answer.raw.clone());
        }
        if let Some(capture) = &self.capture {
            let line = json!({ "method": request.method, "target": request.target, "reply": reply.to_json() });
            writeln!(capture.lock().unwrap_or_else(PoisonError::into_inner), "{line}")?;
        }
        let Some(route) = route::find(&self.routes, &request.method, &request.target) else {
            return Ok(answer.raw.clone());
        };
        let mut changed: Reply = reply.clone();
        for change in self.changes.iter().filter(|change| change.route == *route) {
            change.apply(&mut changed);
        }
        if changed == reply { Ok(answer.raw.clone()) } else { answer.with(&changed, &reply) }
    }
}

/// Waits for the client's next byte; false where either end has hung up.
fn awaits(client: &TcpStream, server: &TcpStream) -> Result<bool, Failure> {
    client.set_read_timeout(Some(GLANCE))?;
    loop {
        let mut byte = [0];
        match client.peek(&mut byte) {
            Ok(count) => {
                client.set_read_timeout(None)?;
                return Ok(count > 0);
            }
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error.into()),
        }
        server.set_nonblocking(true)?;
        let hung_up = matches!(server.peek(&mut byte), Ok(0));
        server.set_nonblocking(false)?;
        if hung_up {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests;
