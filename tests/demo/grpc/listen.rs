//! Connections of gRPC's: taken until the shop is told to stop, and then left open for as long as calls on them are under way.

use std::io;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::call::answer;
use super::descriptors::Services;
use crate::app::App;

/// Serves until `stop` turns true, and until what was under way then has ended.
pub async fn serve(
    listener: TcpListener,
    app: App,
    services: Services,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut connections = JoinSet::new();
    let told = stop.clone();
    loop {
        tokio::select! {
            taken = listener.accept() => {
                let (stream, _) = taken?;
                connections.spawn(converse(stream, app.clone(), services.clone(), told.clone()));
            }
            // Those that have ended are not kept.
            Some(_) = connections.join_next() => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Answers what comes over a connection, each call by itself.
async fn converse(stream: TcpStream, app: App, services: Services, mut stop: watch::Receiver<bool>) {
    // Answers are small, and nobody waits for the next one.
    let _ = stream.set_nodelay(true);
    let shaken = tokio::select! {
        shaken = h2::server::handshake(stream) => shaken,
        _ = stop.wait_for(|stop| *stop) => return,
    };
    let Ok(mut connection) = shaken else { return };
    let mut is_ending = false;
    loop {
        tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    tokio::spawn(answer(app.clone(), services.clone(), request, respond));
                }
                // Gone, or all was said.
                Some(Err(_)) | None => return,
            },
            _ = stop.wait_for(|stop| *stop), if !is_ending => {
                is_ending = true;
                connection.graceful_shutdown();
            }
        }
    }
}
