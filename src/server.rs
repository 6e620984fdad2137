//! Accepts connections, bounds what a slow or hostile client can hold, and drains on stop. It
//! knows nothing of routes.

mod pace;
mod seats;
mod stall;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::app::App;
use crate::auth::peer::Peer;
use crate::error::{Error, Result};

pub use seats::room_for;

use pace::Paced;
use seats::{Answer, Seat, Seats, Turn};
use stall::Impatient;

/// How long a client may take to send its request head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Largest request head, in bytes; it is looked at between two reads, so one twice as large may pass.
const HEAD_LIMIT: usize = 64 * 1024;
/// How long a client may take nothing of what is sent to it.
const STALL: Duration = Duration::from_secs(30);
/// How long a client may take for the next kilobyte of a body that somebody waits for.
const PACE: Duration = Duration::from_secs(25);
/// What a client hears when every connection there may be is being served.
const NO_ROOM: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n\
    Connection: close\r\n\r\n{\"error\":\"too many connections are open\",\"code\":\"too_many_connections\",\
    \"hint\":\"Try again in some seconds.\",\"request_id\":\"\"}";
/// How long open requests may take to finish when the daemon stops.
const DRAIN: Duration = Duration::from_secs(10);

/// Bound sockets, not yet served.
#[derive(Debug)]
pub struct Server {
    listeners: Vec<TcpListener>,
}

impl Server {
    /// Binds the address; with one that isn't loopback also 127.0.0.1 on the same port.
    ///
    /// Errors: `address_in_use` with a hint when another program has the port.
    pub async fn bind(address: SocketAddr) -> Result<Self> {
        let first = listen(address).await?;
        let bound = local(&first)?;
        let mut listeners = vec![first];
        if !address.ip().is_loopback() && !address.ip().is_unspecified() {
            listeners.push(listen(SocketAddr::from((Ipv4Addr::LOCALHOST, bound.port()))).await?);
        }
        Ok(Self { listeners })
    }

    /// The address of the first socket, with its real port.
    pub fn address(&self) -> Result<SocketAddr> {
        let first =
            self.listeners.first().ok_or_else(|| Error::invalid("invalid_config", "nothing to listen on"))?;
        local(first)
    }

    /// Serves until the application stops, then lets open requests finish.
    pub async fn serve(self, app: Arc<App>, routes: Router) {
        let graceful = Arc::new(GracefulShutdown::new());
        let seats = Arc::new(Seats::new(app.config.max_connections));
        let mut accepting = tokio::task::JoinSet::new();
        for listener in self.listeners {
            let hall = Hall { seats: seats.clone(), routes: routes.clone(), graceful: graceful.clone() };
            accepting.spawn(accept(listener, app.clone(), hall));
        }
        while accepting.join_next().await.is_some() {}
        let Some(graceful) = Arc::into_inner(graceful) else {
            return;
        };
        if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not finish in {} s and were cut", DRAIN.as_secs());
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        if error.kind() == std::io::ErrorKind::AddrInUse {
            return Error::conflict("address_in_use", format!("another program listens on {address}"))
                .hint("Stop it, or choose another address with --listen or OORED_LISTEN_ADDR.");
        }
        Error::conflict("listen_failed", format!("cannot listen on {address}: {error}"))
            .hint("Choose an address of this machine with --listen or OORED_LISTEN_ADDR.")
    })
}

fn local(listener: &TcpListener) -> Result<SocketAddr> {
    Ok(listener.local_addr()?)
}

/// What every connection needs.
struct Hall {
    seats: Arc<Seats>,
    routes: Router,
    graceful: Arc<GracefulShutdown>,
}

async fn accept(listener: TcpListener, app: Arc<App>, hall: Hall) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = app.stopping.cancelled() => return,
        };
        match accepted {
            Ok((stream, remote)) => hall.admit(stream, remote),
            Err(error) => {
                // Out of file descriptors: give others the time to finish.
                tracing::warn!("a connection was not accepted: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

impl Hall {
    /// Serves a connection, or tells it that there is no room.
    fn admit(&self, stream: TcpStream, remote: SocketAddr) {
        match self.seats.take(remote.ip()) {
            Some(seat) => self.converse(stream, remote, seat),
            None => {
                // Whoever does not take it at once goes without a word.
                let _ = stream.try_write(NO_ROOM);
            }
        }
    }

    fn converse(&self, stream: TcpStream, remote: SocketAddr, seat: Arc<Seat>) {
        let Ok(local) = stream.local_addr() else {
            return;
        };
        // Small answers must not wait for the client's acknowledgement.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let service = service(self.routes.clone(), Peer { remote, local }, seat.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(HEAD_LIMIT)
            .serve_connection(TokioIo::new(Impatient::new(stream, STALL)), service_fn(service));
        let watched = self.graceful.watch(connection);
        tokio::spawn(async move {
            let ended = tokio::select! {
                ended = watched => ended,
                () = seat.taken_away() => return tracing::debug!(%remote, "the connection made room for another"),
            };
            if let Err(error) = ended {
                tracing::debug!(%remote, "the connection ended early: {error}");
            }
        });
    }
}

/// Answers the requests of one connection.
fn service(
    routes: Router,
    peer: Peer,
    seat: Arc<Seat>,
) -> impl Fn(Request<Incoming>) -> BoxFuture<'static, Result<Response<Answer<Body>>, Infallible>> {
    move |mut request| {
        request.extensions_mut().insert(peer);
        let (routes, seat) = (routes.clone(), seat.clone());
        Box::pin(async move {
            let Some(turn) = Turn::begin(&seat) else {
                return std::future::pending().await;
            };
            let request = request.map(|body| Body::new(Paced::new(body, PACE, seat)));
            let answer = routes.oneshot(request).await.unwrap_or_else(|never| match never {});
            Ok(answer.map(|body| turn.until_sent(body)))
        })
    }
}
