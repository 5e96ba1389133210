//! Standing up and going down: SIGTERM and ctrl-c let requests in flight finish.

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::app::{App, router};
use crate::dialect::Dialect;
use crate::store::Store;
use crate::{grpc, schema};

/// Serves until it is told to stop.
pub fn run(
    runtime: &Runtime,
    dialect: Dialect,
    port: u16,
    grpc: Option<u16>,
    place: Option<&str>,
) -> Result<(), Box<dyn Error>> {
    let _entered = runtime.enter();
    let scratch = if place.is_none() { Some(tempfile::tempdir()?) } else { None };
    let file = scratch.as_ref().map(|folder| folder.path().join("shop.db").display().to_string());
    let place = place.or(file.as_deref()).ok_or("no place for the shop's data")?;
    let store = Store::open(place, dialect)?;
    schema::accepted(&store, dialect)?;
    runtime.block_on(async {
        let (app, services) = (App::new(dialect, store), grpc::Services::of(dialect)?);
        let (tell, stop) = watch::channel(false);
        // Both are there before either says so: who waits for the one may call the other.
        let for_programs = match grpc {
            Some(port) => Some(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?),
            None => None,
        };
        let for_people = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let mut term = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        if let Some(listener) = &for_programs {
            writeln!(io::stdout(), "listening for gRPC on {}", listener.local_addr()?)?;
        }
        writeln!(io::stdout(), "listening on http://{}", for_people.local_addr()?)?;
        let programs = async {
            match for_programs {
                Some(listener) => grpc::serve(listener, app.clone(), services, stop.clone()).await,
                None => Ok(()),
            }
        };
        let mut told = stop.clone();
        let people = axum::serve(for_people, router(app.clone())).with_graceful_shutdown(async move {
            // An error means that nobody can tell any more, which is the end too.
            let _ = told.wait_for(|stop| *stop).await;
        });
        let signals = async move {
            tokio::select! { _ = term.recv() => {} _ = interrupt.recv() => {} }
            tell.send_replace(true);
        };
        let (served, called, ()) = tokio::join!(people, programs, signals);
        Ok(served.and(called)?)
    })
}
