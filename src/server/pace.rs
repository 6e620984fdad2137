//! Lets go of clients that send a body too slowly. Time counts only while somebody waits for more, so a
//! busy handler is nobody's fault; a body that is short, or comes steadily, is never cut.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::seats::Seat;

/// Whatever a body failed of.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What has to arrive while somebody waits, in bytes.
const LEAST: usize = 1024;

/// A body that has to keep pace.
pub struct Paced<B> {
    body: B,
    patience: Duration,
    seat: Arc<Seat>,
    is_idle: bool,
    arrived: usize,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<B> Paced<B> {
    pub fn new(body: B, patience: Duration, seat: Arc<Seat>) -> Self {
        Self { body, patience, seat, is_idle: false, arrived: 0, waiting: None }
    }

    fn note(&mut self, bytes: usize) {
        self.arrived += bytes;
        if self.arrived >= LEAST {
            self.arrived = 0;
            self.waiting = None;
            self.seat.progresses();
        }
    }
}

/// Who asks for no more of a body goes on with what there is.
impl<B> Drop for Paced<B> {
    fn drop(&mut self) {
        if self.is_idle {
            self.seat.works();
        }
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            if std::mem::take(&mut self.is_idle) && !self.seat.works() {
                return Poll::Ready(Some(Err("the connection made room for another".into())));
            }
            let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref().map(Bytes::len));
            self.note(bytes.unwrap_or(0));
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        match waiting.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Some(Err("the body came too slowly".into()))),
            Poll::Pending => {
                if !std::mem::replace(&mut self.is_idle, true) {
                    self.seat.waits();
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::BodyExt;

    use super::super::seats::Seats;
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(200);

    /// A body of pieces of this size, each after a while.
    fn body(piece: usize, pieces: usize) -> Paced<axum::body::Body> {
        let stream = stream::unfold(0, move |n| async move {
            tokio::time::sleep(PATIENCE / 8).await;
            (n < pieces).then(|| (Ok::<_, BoxError>(Bytes::from(vec![b'x'; piece])), n + 1))
        });
        let seat = Arc::new(Seats::new(100)).take(std::net::Ipv4Addr::LOCALHOST.into()).unwrap();
        Paced::new(axum::body::Body::from_stream(stream), PATIENCE, seat)
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_cut() {
        assert!(body(1, 1000).collect().await.is_err());
    }

    #[tokio::test]
    async fn a_body_that_comes_steadily_or_is_short_arrives_whole() {
        assert_eq!(body(LEAST, 16).collect().await.unwrap().to_bytes().len(), 16 * LEAST);
        assert_eq!(body(1, 4).collect().await.unwrap().to_bytes().len(), 4);
    }
}
