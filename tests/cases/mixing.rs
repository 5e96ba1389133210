//! The balancer and HTTP/1.1: each request goes where the plan says, what its client gets is what that instance sent, and the
//! log says who it was.
#![expect(clippy::unwrap_used, reason = "a test")]

mod drains;
mod failing;
mod http2;
mod real;

use std::net::SocketAddr;
use std::sync::mpsc;

use straddle::proxy::{Limits, Mixer, Plan, Told};

use crate::support::balancer::{Balancer, ask, named, upstream};
use crate::support::server::{Response, Server};
use crate::support::tape::RawServer;

#[test]
fn a_splice_is_told_step_by_step_on_one_kept_connection() {
    let (old, new) = (named("old"), named("new"));
    let told = Told::new("old");
    let balancer = Balancer::before(&[("old", old.address), ("new", new.address)], Plan::Told(told.clone()));
    let mut client = balancer.client();
    for (number, instance) in ["old", "new", "new", "old"].into_iter().enumerate() {
        told.to(instance);
        assert_eq!(ask(&mut client, &format!("GET /{number}"), ""), format!("{instance} /{number}"));
        // Whoever has the reply finds the line.
        let lines: Vec<_> = balancer.mixer.log().take().lines.into();
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((line.connection, line.number, line.reused), (0, number as u64, number > 1));
        assert_eq!(line.to_string(), format!("GET /{number}@{instance}: 200"));
    }
}

/// Who answers so many requests, each over a connection of its own.
fn spread(weights: &[(&str, u32)], plan: Plan, requests: usize) -> Vec<String> {
    let server = named("any");
    let instances = weights.iter().map(|(name, weight)| upstream(name, server.address).weighing(*weight)).collect();
    let balancer = Balancer::with(instances, plan, Limits::default());
    for _ in 0..requests {
        ask(&mut balancer.client(), "GET /", "");
    }
    let lines = balancer.mixer.log().take().lines;
    lines.iter().map(|line| line.instance.as_deref().unwrap_or("nobody").to_owned()).collect()
}

#[test]
fn weights_and_a_seed_say_who_answers_and_say_it_again() {
    let weights = [("old", 3), ("spare", 0), ("new", 1)];
    let first = spread(&weights, Plan::Weighted { seed: 7 }, 80);
    assert_eq!(first, spread(&weights, Plan::Weighted { seed: 7 }, 80));
    assert_ne!(first, spread(&weights, Plan::Weighted { seed: 8 }, 80));
    let count = |name: &str| first.iter().filter(|instance| *instance == name).count();
    assert!((50..71).contains(&count("old")) && count("spare") == 0, "{first:?}");
}

/// A server that gives a session to whoever logs in.
fn shop(name: &'static str) -> Server {
    Server::start(move |request| match request.target.strip_prefix("/login/") {
        Some(who) => {
            let cookie = format!("sid={name}-{who}; Path=/; HttpOnly");
            Response::with(200, "text/plain", name, &[("Set-Cookie", "theme=dark"), ("Set-Cookie", &cookie)])
        }
        None => Response::with(200, "text/plain", name, &[]),
    })
}

#[test]
fn who_carries_a_cookie_stays_with_the_instance_that_gave_it() {
    let (old, new) = (shop("old"), shop("new"));
    let plan = Plan::Affine { cookie: "sid".into(), seed: 3 };
    let balancer = Balancer::before(&[("old", old.address), ("new", new.address)], plan);
    let mut homes = Vec::new();
    for who in 0..12 {
        let mut client = balancer.client();
        let home = ask(&mut client, &format!("POST /login/{who}"), "");
        let cookie = format!("Cookie: theme=dark; sid={home}-{who}\r\n");
        for _ in 0..3 {
            assert_eq!(ask(&mut client, "GET /", &cookie), home);
        }
        homes.push((who, home));
    }
    assert!(["old", "new"].iter().all(|name| homes.iter().any(|(_, home)| home == name)), "{homes:?}");
    // A value that no instance gave out goes by weight, and so does none.
    let mut client = balancer.client();
    let strangers: Vec<String> = (0..24).map(|_| ask(&mut client, "GET /", "Cookie: sid=forged\r\n")).collect();
    assert!(strangers.iter().any(|one| one == "old") && strangers.iter().any(|one| one == "new"), "{strangers:?}");
    // Whose instance is gone finds another.
    balancer.mixer.instances().take_out("old").unwrap();
    for (who, home) in homes {
        assert_eq!(ask(&mut client, "GET /", &format!("Cookie: sid={home}-{who}\r\n")), "new");
    }
}

#[test]
fn who_lost_their_instance_stays_with_the_one_they_find() {
    let servers = [shop("a"), shop("b"), shop("c")];
    let instances: Vec<_> = ["a", "b", "c"].into_iter().zip(servers.iter().map(|server| server.address)).collect();
    let balancer = Balancer::before(&instances, Plan::Affine { cookie: "sid".into(), seed: 1 });
    let mut client = balancer.client();
    let home = ask(&mut client, "GET /login/x", "");
    balancer.mixer.instances().take_out(&home).unwrap();
    let cookie = format!("Cookie: sid={home}-x\r\n");
    let next = ask(&mut client, "GET /", &cookie);
    assert_ne!(next, home);
    for _ in 0..10 {
        assert_eq!(ask(&mut client, "GET /", &cookie), next);
    }
}

/// What a client sends to two instances in turn over one connection, and what each of them answers: all of it arrives as it is.
#[track_caller]
fn passes(talks: [(&'static str, &'static str); 2]) {
    let servers = talks.map(|(sent, answered)| {
        RawServer::start(1, move |mut peer| {
            for _ in 0..2 {
                peer.expect(sent);
                // In pieces that have nothing to do with the message's own.
                for piece in answered.as_bytes().chunks(11) {
                    peer.send(piece);
                }
            }
            peer.expect_end();
        })
    });
    let told = Told::new("0");
    let instances = [("0", servers[0].address), ("1", servers[1].address)];
    let balancer = Balancer::before(&instances, Plan::Told(told.clone()));
    let mut client = balancer.client();
    for step in [0, 1, 1, 0] {
        told.to(instances[step].0);
        let (sent, answered) = talks[step];
        for piece in sent.as_bytes().chunks(13) {
            client.send(piece);
        }
        client.expect(answered);
    }
    drop(client);
    for server in servers {
        server.join();
    }
}

#[test]
fn bytes_stay_as_they_are_across_instances() {
    passes([
        (
            "POST /a//b/../c?x=1&&y=%7e HTTP/1.1\r\nhOST:  h\r\nX-A: \t1  \r\nX-a:2\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n003\r\nllo\r\n0;z\r\nX-Sum: 5\r\n\r\n",
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 Whatever\r\nserver:x\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\n{\r\nA\r\n\"a\":12345}\r\n0\r\nX-Sum: 11\r\nX-B:\r\n\r\n",
        ),
        (
            "PUT /\u{e9} HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\n\0\r\n\u{1}",
            "HTTP/1.1 201 \u{e9}\r\nContent-Length:  2\r\nConnection: Keep-Alive\r\nX-Empty:\r\n\r\nhi",
        ),
    ]);
    passes([
        ("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"),
    ]);
}

#[test]
fn requests_that_come_at_once_are_answered_in_their_order_by_their_own_instances() {
    let (old, new) = (named("old"), named("new"));
    let balancer = Balancer::before(&[("old", old.address), ("new", new.address)], Plan::Weighted { seed: 5 });
    let mut client = balancer.client();
    let calls: Vec<String> = (0..10).map(|n| format!("GET /{n} HTTP/1.1\r\nHost: h\r\n\r\n")).collect();
    client.send(calls.concat());
    let mut bodies = Vec::new();
    for number in 0..10 {
        let head = client.head();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let mut body = vec![0; "old /0".len()];
        std::io::Read::read_exact(&mut client.0, &mut body).unwrap();
        let body = String::from_utf8(body).unwrap();
        assert!(body.ends_with(&format!("/{number}")), "{body}");
        bodies.push(body);
    }
    let lines = balancer.lines();
    for (number, (line, body)) in lines.iter().zip(&bodies).enumerate() {
        assert_eq!(*line, format!("GET /{number}@{}: 200", &body[..3]));
    }
    assert!(bodies.iter().any(|body| body.starts_with("old")) && bodies.iter().any(|body| body.starts_with("new")));
}

#[test]
fn both_directions_stream_at_once() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for _ in 0..3 {
            peer.expect("2\r\nhi\r\n");
            peer.send("2\r\nho\r\n");
        }
        peer.expect("0\r\n\r\n");
        peer.send("0\r\n\r\n");
        peer.rest();
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Told(Told::new("one")));
    let mut client = balancer.client();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.head();
    assert_eq!(balancer.mixer.instances().open("one"), 1);
    for _ in 0..3 {
        assert_eq!(balancer.lines(), [""; 0], "it has not ended");
        client.send("2\r\nhi\r\n");
        client.expect("2\r\nho\r\n");
    }
    client.send("0\r\n\r\n");
    client.expect("0\r\n\r\n");
    assert_eq!(balancer.lines(), ["POST /@one: 200"]);
    drop(client);
    server.join();
}

#[test]
fn a_client_that_waits_for_100_continue_gets_it_before_it_sends_its_body() {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    let server = RawServer::start(1, move |mut peer| {
        peer.expect(head);
        peer.send("HTTP/1.1 100 Continue\r\n\r\n");
        peer.expect("hello");
        peer.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    client.send(head);
    client.expect("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("hello");
    client.expect("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    server.join();
    assert_eq!(balancer.lines(), ["POST /@one: 201"]);
}

#[test]
fn a_reply_that_comes_before_its_call_is_whole_ends_nothing() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        peer.expect("hello");
        peer.expect("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
        peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
    client.expect("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    client.send("helloGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    client.expect("HTTP/1.1 204 No Content\r\n\r\n");
    server.join();
    assert_eq!(balancer.lines(), ["POST /@one: 200", "GET /next@one: 204"]);
}

#[test]
fn a_connection_is_closed_where_the_instance_closes_its_own() {
    for (asked, answered) in [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nto the end"),
        ("GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
    ] {
        let server = RawServer::start(1, move |mut peer| {
            peer.expect(asked);
            peer.send(answered);
        });
        let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
        let mut client = balancer.client();
        client.send(asked);
        assert_eq!(client.rest(), answered);
        server.join();
        assert_eq!(balancer.lines(), ["GET /@one: 200"]);
    }
}

#[test]
fn a_switch_stays_with_its_instance_whatever_is_told_later() {
    let head = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let server = RawServer::start(1, move |mut peer| {
        peer.expect(head);
        peer.send([switched.as_bytes(), b"\x81\x02hi"].concat());
        for _ in 0..2 {
            peer.expect(b"\x81\x82\0\r\n\xff");
            peer.send(b"\x81\0");
        }
        peer.expect_end();
    });
    let other = named("other");
    let told = Told::new("one");
    let balancer = Balancer::before(&[("one", server.address), ("other", other.address)], Plan::Told(told.clone()));
    let mut client = balancer.client();
    client.send(head);
    client.expect(switched);
    client.expect(b"\x81\x02hi");
    assert_eq!(balancer.lines(), ["GET /ws@one: switched by 101"]);
    for _ in 0..2 {
        told.to("other");
        client.send(b"\x81\x82\0\r\n\xff");
        client.expect(b"\x81\0");
    }
    assert_eq!(balancer.mixer.instances().open("one"), 1, "a tunnel is open");
    drop(client);
    server.join();
}

#[test]
fn a_switch_that_is_refused_is_a_request_like_any_other() {
    let head = "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let server = RawServer::start(1, move |mut peer| {
        for _ in 0..2 {
            peer.expect(head);
            peer.send("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    for _ in 0..2 {
        client.send(head);
        client.expect("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
    }
    server.join();
    assert_eq!(balancer.lines(), ["GET /ws@one: 426"; 2]);
}

#[test]
fn several_balancers_stand_before_the_same_instances_each_with_its_own_plan() {
    let (old, new) = (named("old"), named("new"));
    let one = Balancer::before(&[("old", old.address), ("new", new.address)], Plan::Told(Told::new("old")));
    let at = SocketAddr::from(([127, 0, 0, 1], 0));
    let told = Plan::Told(Told::new("new"));
    let two = Mixer::listen(at, one.mixer.instances().clone(), told, Limits::default());
    let two = one.runtime.block_on(two).unwrap();
    let mut client = crate::support::tape::Peer::of(std::net::TcpStream::connect(two.address()).unwrap());
    assert_eq!(ask(&mut client, "GET /a", ""), "new /a");
    assert_eq!(ask(&mut one.client(), "GET /b", ""), "old /b");
    one.mixer.instances().take_out("new").unwrap();
    client.send("GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(client.head().starts_with("HTTP/1.1 503 "));
    assert_eq!(two.log().take().lines[1].to_string(), "GET /c@nobody: no instance");
    assert_eq!(one.lines(), ["GET /b@old: 200"]);
}

#[test]
fn a_log_that_nobody_takes_is_bounded() {
    let server = named("one");
    let limits = Limits { lines: 3, ..Limits::default() };
    let balancer = Balancer::with(vec![upstream("one", server.address)], Plan::Weighted { seed: 0 }, limits);
    let mut client = balancer.client();
    for number in 0..8 {
        ask(&mut client, &format!("GET /{number}"), "");
    }
    let taken = balancer.mixer.log().take();
    let lines: Vec<String> = taken.lines.iter().map(ToString::to_string).collect();
    assert_eq!(
        (lines, taken.lost),
        (["GET /5@one: 200", "GET /6@one: 200", "GET /7@one: 200"].map(String::from).to_vec(), 5)
    );
}

#[test]
fn a_balancer_listens_on_this_machine_alone() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let plan = Plan::Weighted { seed: 0 };
    let refused = runtime.block_on(Mixer::listen(everywhere, Vec::new(), plan, Limits::default())).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a balancer listens on loopback only, and 0.0.0.0:0 is not: give it 127.0.0.1 or ::1"
    );
}

#[test]
fn what_is_open_ends_before_the_balancer_does() {
    let (tell, told) = mpsc::channel();
    let (go_on, hear) = mpsc::channel();
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        tell.send(()).unwrap();
        hear.recv().unwrap();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        peer.expect_end();
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut idle = balancer.client();
    let mut client = balancer.client();
    client.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
    told.recv().unwrap();
    let ended = std::thread::spawn(move || balancer.end());
    idle.expect_end();
    go_on.send(()).unwrap();
    assert_eq!(client.rest(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    ended.join().unwrap();
    server.join();
}
