//! The stores of a manifest: seeded and migrated once, and copied for every instance.

use straddle::fleet::Arrangement;
use straddle::manifest::{CommandSpec, Seed, State, StateKind};
use straddle::model::Side;

use crate::support::project::Project;

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
        migrate_timeout: State::MIGRATES_WITHIN,
        server: None,
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
        migrate_timeout: State::MIGRATES_WITHIN,
        server: None,
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
        migrate_timeout: State::MIGRATES_WITHIN,
        server: None,
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
        migrate_timeout: State::MIGRATES_WITHIN,
        server: None,
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
        migrate_timeout: State::MIGRATES_WITHIN,
        server: None,
    });
    let error = project.stand_up(&Arrangement::alone(Side::New)).await.unwrap_err().to_string();
    let expected = "`migrate.new` of state `data` failed, exit code 4: `echo no such column; exit 4`\n  no such column";
    assert!(error.contains(expected), "{error}");
    // OLD needs no more than its own.
    project.stand_up(&Arrangement::alone(Side::Old)).await.unwrap().take_down().await.unwrap();
}
