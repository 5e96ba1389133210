//! Instances that come and go while requests are under way.

use std::sync::mpsc;
use std::time::Duration;

use straddle::proxy::{Plan, Told};

use crate::support::balancer::{Balancer, ask, named, upstream};
use crate::support::tape::RawServer;

/// Long even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn what_an_instance_has_finishes_and_it_gets_no_more() {
    let (tell, told) = mpsc::channel();
    let (go_on, hear) = mpsc::channel::<()>();
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        tell.send(()).unwrap();
        hear.recv().unwrap();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold");
        peer.expect_end();
    });
    let new = named("new");
    let balancer = Balancer::before(&[("old", server.address)], Plan::Weighted { seed: 0 });
    let instances = balancer.mixer.instances();
    let mut client = balancer.client();
    client.send("GET /long HTTP/1.1\r\nHost: h\r\n\r\n");
    told.recv().unwrap();
    let draining = instances.swap("old", upstream("new", new.address)).unwrap();
    assert_eq!(instances.names().iter().map(|name| &**name).collect::<Vec<_>>(), ["new"]);
    assert_eq!(ask(&mut balancer.client(), "GET /other", ""), "new /other");
    assert_eq!(balancer.runtime.block_on(draining.drained(Duration::from_millis(20))), 1, "it is under way");
    go_on.send(()).unwrap();
    client.expect("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold");
    assert_eq!(balancer.runtime.block_on(draining.drained(PATIENCE)), 0);
    // The client's connection outlives the instance.
    assert_eq!(ask(&mut client, "GET /next", ""), "new /next");
    server.join();
    assert_eq!(balancer.lines(), ["GET /other@new: 200", "GET /long@old: 200", "GET /next@new: 200"]);
}

#[test]
fn an_instance_that_is_taken_out_sees_its_idle_connections_end() {
    let (tell, told) = mpsc::channel();
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        peer.expect_end();
        tell.send(()).unwrap();
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Weighted { seed: 0 });
    let mut client = balancer.client();
    ask(&mut client, "GET /", "");
    let draining = balancer.mixer.instances().take_out("one").unwrap();
    assert_eq!(balancer.runtime.block_on(draining.drained(PATIENCE)), 0);
    // Though its client is still there.
    told.recv_timeout(PATIENCE).unwrap();
    client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(client.head().starts_with("HTTP/1.1 503 "));
    server.join();
}

#[test]
fn replicas_are_replaced_one_by_one_under_a_kept_connection_and_nothing_is_lost() {
    let names = ["r1", "r2", "r3"];
    let old = names.map(|_| named("old"));
    let new = names.map(|_| named("new"));
    let instances: Vec<_> = names.into_iter().zip(old.iter().map(|server| server.address)).collect();
    let balancer = Balancer::before(&instances, Plan::Weighted { seed: 9 });
    let mut client = balancer.client();
    let mut share = Vec::new();
    let mut old = old.into_iter();
    for stage in 0..=names.len() {
        if stage > 0 {
            let draining = balancer.mixer.instances().add(upstream(names[stage - 1], new[stage - 1].address)).unwrap();
            assert_eq!(balancer.runtime.block_on(draining.drained(PATIENCE)), 0);
            drop(old.next());
        }
        let answers: Vec<String> = (0..30).map(|_| ask(&mut client, "GET /", "")).collect();
        share.push(answers.iter().filter(|answer| answer.starts_with("new")).count());
    }
    assert!(share[0] == 0 && share[3] == 30 && share.is_sorted() && share[1] < share[2], "{share:?}");
    assert!(balancer.mixer.log().take().lines.iter().all(|line| !line.outcome.is_loss()));
}

#[test]
fn a_tunnel_keeps_its_instance_open_until_it_ends() {
    let server = RawServer::start(1, move |mut peer| {
        peer.head();
        peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
        peer.expect("hi");
        peer.send("ho");
        peer.rest();
    });
    let balancer = Balancer::before(&[("one", server.address)], Plan::Told(Told::new("one")));
    let mut client = balancer.client();
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
    client.head();
    let draining = balancer.mixer.instances().take_out("one").unwrap();
    assert_eq!(balancer.runtime.block_on(draining.drained(Duration::from_millis(20))), 1);
    client.send("hi");
    client.expect("ho");
    drop(client);
    assert_eq!(balancer.runtime.block_on(draining.drained(PATIENCE)), 0);
    server.join();
}
