//! A program whose output is read while it runs, and something between it and the daemon that cuts its answers.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// A command that runs beside the test. It is killed when this goes.
pub struct Following {
    child: Child,
    out: Option<BufReader<std::process::ChildStdout>>,
    pub shown: String,
}

impl Following {
    pub fn start(mut command: Command) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let out = child.stdout.take().map(BufReader::new);
        Self { child, out, shown: String::new() }
    }

    /// Reads on until a line contains `text`.
    pub async fn shows(mut self, text: &str) -> Self {
        let text = text.to_owned();
        let reading = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            while !line.contains(&text) {
                line.clear();
                let read = self.out.as_mut().unwrap().read_line(&mut line).unwrap();
                if read == 0 {
                    let beside = self.complaint();
                    panic!("{text:?} was never shown:\n{}{beside}", self.shown);
                }
                self.shown.push_str(&line);
            }
            self
        });
        reading.await.unwrap()
    }

    pub fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// Reads to the end; answers the exit code, what was shown in all, and what was said beside it.
    pub async fn end(mut self) -> (Option<i32>, String, String) {
        let ending = tokio::task::spawn_blocking(move || {
            self.out.take().unwrap().read_to_string(&mut self.shown).unwrap();
            let complaint = self.complaint();
            (self.child.wait().unwrap().code(), std::mem::take(&mut self.shown), complaint)
        });
        ending.await.unwrap()
    }

    fn complaint(&mut self) -> String {
        self.child.stderr.take().map(|errors| std::io::read_to_string(errors).unwrap()).unwrap_or_default()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A listener that passes on so many bytes of each connection's answers, then closes it.
pub struct Scissors {
    pub base: String,
    cuts: Arc<AtomicU64>,
    _serving: AbortOnDropHandle<()>,
}

impl Scissors {
    pub async fn before(base: &str, most: u64) -> Self {
        let target: SocketAddr = base.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let cuts = Arc::<AtomicU64>::default();
        let count = cuts.clone();
        let serving = AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(client, target, most, count.clone()));
            }
        }));
        Self { base, cuts, _serving: serving }
    }

    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::SeqCst)
    }
}

async fn serve(mut client: TcpStream, target: SocketAddr, most: u64, cuts: Arc<AtomicU64>) {
    let Ok(mut server) = TcpStream::connect(target).await else { return };
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let answers = async {
        let (mut piece, mut passed) = (vec![0; 16 * 1024], 0_u64);
        while let Ok(length @ 1..) = from_server.read(&mut piece).await {
            let left = most.saturating_sub(passed);
            let fits = usize::try_from(left).unwrap_or(usize::MAX).min(length);
            if to_client.write_all(&piece[..fits]).await.is_err() {
                return;
            }
            passed += fits as u64;
            if fits < length {
                cuts.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
    };
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        () = answers => {}
    }
}
