//! The fleet: what stands up, what is said when it doesn't, and that nothing is left of it.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use straddle::fleet::{Arrangement, Member, Stores};
use straddle::manifest::{CommandSpec, Ready, SourceSpec};
use straddle::model::Side;

use crate::support::project::{Project, alive, eventually, get, service};

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
