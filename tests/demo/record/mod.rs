//! The demo's own recordings: a generation's shop in this process, that generation's clients over real HTTP, and what they said
//! as a HAR file.

mod client;
mod har;
mod scenes;
mod script;

use std::error::Error;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::app::{App, router};
use crate::dialect::Dialect;
use crate::schema;
use crate::store::Store;

/// Records one generation's clients into that file: all of them, or those that show the fault and no others.
pub fn run(runtime: &Runtime, dialect: Dialect, short: bool, out: &Path) -> Result<(), Box<dyn Error>> {
    let _entered = runtime.enter();
    let scratch = tempfile::tempdir()?;
    let place = scratch.path().join("shop.db").display().to_string();
    let store = Store::open(&place, dialect)?;
    if dialect.needs_migration() {
        schema::migrate(&place, dialect, 2)?;
    }
    let entries = runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move { axum::serve(listener, router(App::new(dialect, store))).await });
        let entries = match scenes::of(dialect).filter(|_| short) {
            Some(scene) => scenes::run(scene, dialect, address).await,
            None => script::run(dialect, short, address).await,
        };
        server.abort();
        entries
    })?;
    fs::write(out, har::file(&entries))?;
    Ok(())
}
