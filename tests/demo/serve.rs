//! Standing up and going down: SIGTERM and ctrl-c let requests in flight finish.

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, router};
use crate::dialect::Dialect;
use crate::schema;
use crate::store::Store;

/// Serves until it is told to stop.
pub fn run(runtime: &Runtime, dialect: Dialect, port: u16, place: Option<&str>) -> Result<(), Box<dyn Error>> {
    let _entered = runtime.enter();
    let scratch = if place.is_none() { Some(tempfile::tempdir()?) } else { None };
    let file = scratch.as_ref().map(|folder| folder.path().join("shop.db").display().to_string());
    let place = place.or(file.as_deref()).ok_or("no place for the shop's data")?;
    let store = Store::open(place, dialect)?;
    schema::accepted(&store, dialect)?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let mut term = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        writeln!(io::stdout(), "listening on http://{}", listener.local_addr()?)?;
        axum::serve(listener, router(App::new(dialect, store)))
            .with_graceful_shutdown(async move {
                tokio::select! { _ = term.recv() => {} _ = interrupt.recv() => {} }
            })
            .await?;
        Ok(())
    })
}
