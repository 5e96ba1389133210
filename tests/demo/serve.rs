//! Standing up and going down: SIGTERM and ctrl-c let requests in flight finish.

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::path::Path;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, router};
use crate::dialect::Dialect;
use crate::store::Store;

/// Serves until it is told to stop.
pub fn run(dialect: Dialect, port: u16, data: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let scratch = if data.is_none() { Some(tempfile::tempdir()?) } else { None };
    let folder = data.or(scratch.as_ref().map(tempfile::TempDir::path)).ok_or("no folder for the shop's data")?;
    let store = Store::open(folder)?;
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(async {
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
