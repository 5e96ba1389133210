//! The demo's own recordings: a generation's shop in this process, that generation's clients over real HTTP, and what they said
//! as a HAR file.

mod client;
mod har;
mod script;

use std::error::Error;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use tokio::net::TcpListener;

use crate::app::{App, router};
use crate::dialect::Dialect;
use crate::store::Store;

/// Records one generation's clients into that file.
pub fn run(dialect: Dialect, short: bool, out: &Path) -> Result<(), Box<dyn Error>> {
    let scratch = tempfile::tempdir()?;
    let store = Store::open(scratch.path())?;
    let entries = tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move { axum::serve(listener, router(App::new(dialect, store))).await });
        let entries = script::run(dialect, short, address).await;
        server.abort();
        entries
    })?;
    fs::write(out, har::file(&entries))?;
    Ok(())
}
