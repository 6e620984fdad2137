//! A real mail server of the npm package `smtp-server`, as a process of its own; and certificates for it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp");
const PATIENCE: Duration = Duration::from_secs(60);

/// The server, and what it tells.
pub struct MailServer {
    pub port: u16,
    child: Child,
    told: Receiver<Value>,
}

impl MailServer {
    /// Starts with the options of `tests/smtp/server.mjs`.
    pub fn start(options: &Value) -> Self {
        assert!(Path::new(FOLDER).join("node_modules").exists(), "make smtp fetches the mail server");
        let mut command = Command::new("node");
        command.arg("server.mjs").arg(options.to_string()).current_dir(FOLDER);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap());
            }
        });
        let first: Value = told.recv_timeout(PATIENCE).expect("the mail server starts");
        let port = u16::try_from(first["port"].as_u64().unwrap()).unwrap();
        Self { port, child, told }
    }

    /// The next mail.
    pub fn mail(&self) -> Value {
        loop {
            let told = self.told.recv_timeout(PATIENCE).expect("there is mail");
            if told["message"].is_string() {
                return told;
            }
        }
    }

    /// Whether everything it took was asked for.
    pub fn has_no_more(&self) -> bool {
        self.told.try_iter().all(|told| !told["message"].is_string())
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A certificate for `localhost` in a folder of its own, and the authority it is from.
pub struct Certificate {
    folder: tempfile::TempDir,
}

impl Certificate {
    pub fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Self { folder };
        let names = "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n";
        std::fs::write(certificate.file("names"), names).unwrap();
        let new_key = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj"];
        let of_authority = ["/CN=An authority", "-x509", "-days", "2", "-keyout", "ca.key", "-out", "ca.pem"];
        let authority = ["-addext", "keyUsage=critical,keyCertSign"];
        certificate.openssl(&[&new_key[..], &of_authority, &authority].concat());
        let request = ["/CN=localhost", "-keyout", "key.pem", "-out", "request"];
        certificate.openssl(&[&new_key[..], &request].concat());
        let signed = ["x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "2"];
        let out = ["-CAcreateserial", "-extfile", "names", "-out", "cert.pem"];
        certificate.openssl(&[&signed[..], &out].concat());
        certificate
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn openssl(&self, arguments: &[&str]) {
        let made = Command::new("openssl").args(arguments).current_dir(self.folder.path()).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
}
