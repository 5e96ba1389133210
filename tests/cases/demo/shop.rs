//! The demo shop as a process of its own, and calls of its methods. The main type is [`Shop`].
#![expect(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use straddle::wire::grpc::{Client, Outcome, Terms};
use straddle::wire::http::Http;
use straddle::wire::{Endpoint, Limits};

use crate::support::faults::Case;
use crate::support::manifest::contracts;
use crate::support::rpc::{message, pool};

/// One side of the shop; gone when it is dropped.
pub struct Shop {
    child: Child,
    /// Where it speaks HTTP.
    pub pages: SocketAddr,
    /// Where it speaks gRPC.
    pub programs: SocketAddr,
}

impl Shop {
    /// That side with that change between the two, on a store of its own.
    pub fn start(side: &str, case: Option<&Case>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_straddle-demo-shop"));
        command.args(["--side", side, "--port", "0", "--grpc", "0"]);
        if let Some(case) = case {
            command.args([if case.is_benign() { "--benign" } else { "--fault" }, case.name]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = |before: &str| {
            let line = said.next().unwrap_or_else(|| panic!("it ended before it said `{before}`")).unwrap();
            line.strip_prefix(before).unwrap_or_else(|| panic!("it said {line}")).parse().unwrap()
        };
        let programs = address("listening for gRPC on ");
        Self { child, programs, pages: address("listening on http://") }
    }

    /// Calls a method as a client of that contract does.
    pub async fn call(&self, pool: &DescriptorPool, name: &str, messages: &[&str]) -> Outcome {
        let method = method(pool, name);
        let input = method.input().full_name().to_owned();
        let messages: Vec<DynamicMessage> = messages.iter().map(|text| message(pool, &input, text)).collect();
        let (http, at) = (Http::new(), Endpoint::new("127.0.0.1", self.programs.port()));
        Client::new(&http, Limits::default()).call(&at, &method, &messages, &Terms::default()).await.unwrap()
    }

    /// Asks for a page of JSON, with a body where there is one: its status, and what it says.
    pub fn ask(&self, method: &str, target: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.pages).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {target} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{reply}"));
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
    }

    /// Tells it to stop.
    pub fn stop(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Waits until it has.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // One that has ended needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What that side's contract describes.
pub fn described(side: &str, case: Option<&Case>) -> DescriptorPool {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("contracts/demo").join(side).join("shop.proto");
    let clean = std::fs::read_to_string(file).unwrap();
    pool(&contracts::text(&clean, "shop.proto", side, case.map(|case| case.name)))
}

/// The shop's method of that name.
pub fn method(pool: &DescriptorPool, name: &str) -> MethodDescriptor {
    let service = pool.get_service_by_name("shop.v1.Shop").unwrap();
    service.methods().find(|method| method.name() == name).unwrap()
}

/// How a call ended and what came, as text.
pub fn told(outcome: &Outcome) -> Vec<String> {
    assert_eq!(outcome.trouble, None, "{outcome:?}");
    let messages = outcome.messages.iter().map(DynamicMessage::to_text_format);
    if outcome.ending.code.is_ok() {
        messages.collect()
    } else {
        messages.chain([outcome.ending.code.to_string()]).collect()
    }
}
