//! Where connections come in: so many at a time, each served by a task of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

/// How long connections have to send what they have been given already, before tunnels and idlers are cut off.
const FLUSH: Duration = Duration::from_millis(500);
/// After a connection that could not be taken (no more files, say) the next is tried so much later.
const BREATH: Duration = Duration::from_millis(50);

/// Takes connections until `stop` ends; those that are still open then.
pub(super) async fn take<F>(
    listener: TcpListener,
    most: usize,
    stop: impl Future<Output = ()>,
    mut serve: impl FnMut(TcpStream) -> F,
) -> JoinSet<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(most));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let accept = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (listener.accept().await, permit)
        };
        tokio::select! {
            biased;
            () = &mut stop => return connections,
            Some(joined) = connections.join_next(), if !connections.is_empty() => raise(joined),
            (accepted, permit) = accept => match accepted {
                Ok((stream, _)) => {
                    // A connection without it is slower, not wrong.
                    let _ = stream.set_nodelay(true);
                    let served = serve(stream);
                    connections.spawn(async move {
                        served.await;
                        drop(permit);
                    });
                }
                Err(_) => tokio::time::sleep(BREATH).await,
            },
        }
    }
}

/// Ends them all.
pub(super) async fn close(mut connections: JoinSet<()>) {
    let flushed = async {
        while let Some(joined) = connections.join_next().await {
            raise(joined);
        }
    };
    let _ = tokio::time::timeout(FLUSH, flushed).await;
    connections.shutdown().await;
}

/// A bug stays a bug: it is told where it happened.
pub(super) fn raise(joined: Result<(), JoinError>) {
    if let Err(Ok(panic)) = joined.map_err(JoinError::try_into_panic) {
        std::panic::resume_unwind(panic);
    }
}
