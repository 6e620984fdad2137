//! Git over HTTP with the daemon's credential, passed through piece by piece: the two requests of a fetch and nothing
//! else (gitprotocol-http(5)).

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use zeroize::Zeroizing;

use crate::forge::Forge;
use crate::outgoing::Failure;

/// How long a code host may take until it begins to answer, and from one piece to the next.
const PATIENCE: Duration = Duration::from_secs(120);
/// The whole answer: no build takes longer.
const WHOLE: Duration = Duration::from_secs(24 * 3600);

/// One of the two requests of a fetch.
#[derive(Debug)]
pub enum Ask {
    /// What is there.
    Discovery,
    /// Give me these; what git sent, and how it is encoded.
    UploadPack { body: bytes::Bytes, encoding: Option<String> },
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// It does not take the credential, or does not show the repository with it.
    Refused(u16),
    /// It points elsewhere; nobody else gets the credential.
    Redirected,
    /// It is away, or answers something that is not git's.
    Failed(String),
}

/// An answer that is on its way.
#[derive(Debug)]
pub struct Answer {
    response: Response,
}

impl Ask {
    /// The media type of the answer.
    pub fn answer_type(&self) -> &'static str {
        match self {
            Ask::Discovery => "application/x-git-upload-pack-advertisement",
            Ask::UploadPack { .. } => "application/x-git-upload-pack-result",
        }
    }
}

/// What git proves itself with.
#[derive(Debug)]
pub struct Proof {
    pub username: &'static str,
    pub password: Zeroizing<String>,
}

/// Asks the repository at `clone_url`; `protocol` is the version that git wants to speak.
pub async fn ask(
    forge: &Forge,
    clone_url: &str,
    proof: &Proof,
    protocol: Option<&str>,
    ask: Ask,
) -> Result<Answer, Unanswered> {
    let wanted = ask.answer_type();
    let (method, url) = match &ask {
        Ask::Discovery => (Method::GET, format!("{clone_url}/info/refs?service=git-upload-pack")),
        Ask::UploadPack { .. } => (Method::POST, format!("{clone_url}/git-upload-pack")),
    };
    let request = forge
        .outgoing
        .request(method, &url)?
        .timeout(WHOLE)
        .basic_auth(proof.username, Some(proof.password.as_str()));
    let mut request = request.header("accept", wanted);
    if let Some(protocol) = protocol {
        request = request.header("git-protocol", protocol);
    }
    if let Ask::UploadPack { body, encoding } = ask {
        request = request.header("content-type", "application/x-git-upload-pack-request").body(body);
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
    }
    let sent = tokio::time::timeout(PATIENCE, request.send()).await;
    let response = sent.map_err(|_| too_slow())?.map_err(|_| Unanswered::Failed("no answer".to_owned()))?;
    judged(response, wanted)
}

fn judged(response: Response, wanted: &str) -> Result<Answer, Unanswered> {
    let status = response.status();
    if status.is_redirection() {
        return Err(Unanswered::Redirected);
    }
    if matches!(status.as_u16(), 401 | 403 | 404) {
        return Err(Unanswered::Refused(status.as_u16()));
    }
    let said = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    match status {
        StatusCode::OK if said == Some(wanted) => Ok(Answer { response }),
        StatusCode::OK => Err(Unanswered::Failed("an answer that is not git's".to_owned())),
        status => Err(Unanswered::Failed(format!("status {}", status.as_u16()))),
    }
}

impl Answer {
    /// The next piece; `None` at the end. An error is an answer that was cut off.
    pub async fn next(&mut self) -> Result<Option<bytes::Bytes>, Unanswered> {
        let piece = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
        piece
            .map_err(|_| too_slow())?
            .map_err(|_| Unanswered::Failed("an answer that was cut off".to_owned()))
    }
}

fn too_slow() -> Unanswered {
    Unanswered::Failed("no answer in time".to_owned())
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Unanswered::Failed(failure.to_string())
    }
}
