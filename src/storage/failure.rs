//! Why a store did not do what it was asked, in words for people and with a way out. Nothing of a request is repeated:
//! it may hold a signature.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::error::{Error, Kind};

/// What a store did instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub message: String,
    pub hint: &'static str,
}

const AWAY: &str =
    "Look whether the endpoint is right and the store runs and can be reached from the daemon's machine.";
const KEYS: &str = "Enter access key and secret again, as the store shows them.";
const RIGHTS: &str = "Give the key the right to write, read, list and delete objects of this bucket, and look whether the \
                      bucket is there: some stores do not tell.";
const BUCKET: &str = "Make the bucket, or correct its name, region or endpoint.";
const CLOCK: &str = "Set the clock of the daemon's machine, best by a time server (NTP).";
const FAULT: &str =
    "The fault is the store's: look at its own log or status page. The daemon tries again by itself.";

impl Failure {
    pub fn new(message: impl Into<String>, hint: &'static str) -> Self {
        Self { message: message.into(), hint }
    }

    /// No answer came in time.
    pub fn silent() -> Self {
        Self::new("the store did not answer in time", AWAY)
    }

    /// An answer that broke off.
    pub fn cut() -> Self {
        Self::new("the connection to the store broke off again and again", AWAY)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Error::new(Kind::Internal, "storage_error", failure.message).hint(failure.hint)
    }
}

/// Whether the store says that there is no such object, or no such upload in parts.
pub fn is_missing<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let not_found = error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404);
    not_found && code != Some("NoSuchBucket")
}

/// Whether the store does not know this question at all.
pub fn is_unknown<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    error.raw_response().is_some_and(|answer| matches!(answer.status().as_u16(), 405 | 501))
}

/// Why a question was not answered as it should be.
pub fn failure<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Failure {
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    match error {
        SdkError::TimeoutError(_) => Failure::silent(),
        SdkError::DispatchFailure(failed) if failed.is_timeout() => Failure::silent(),
        SdkError::DispatchFailure(_) => Failure::new("the store can't be reached", AWAY),
        SdkError::ConstructionFailure(_) => {
            Failure::new("the store can't be asked with these settings", BUCKET)
        }
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => answered(status.unwrap_or_default(), code),
        _ => Failure::new("the store failed in an unknown way", FAULT),
    }
}

/// An answer that is no success: its status, and the store's own word for it.
fn answered(status: u16, code: &str) -> Failure {
    let said = if code.is_empty() { status.to_string() } else { format!("{status} {code}") };
    let (message, hint) = match (status, code) {
        (_, "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" | "ExpiredToken") => {
            ("the store refuses the keys", KEYS)
        }
        (_, "RequestTimeTooSkewed" | "RequestExpired") => {
            ("the store's clock and the daemon's differ", CLOCK)
        }
        (_, "NoSuchBucket") => ("there is no such bucket", BUCKET),
        (301 | 307 | 308, _) | (_, "PermanentRedirect" | "AuthorizationHeaderMalformed") => {
            ("the bucket is in another region or at another endpoint", BUCKET)
        }
        (401 | 403, _) => ("the keys may not do this", RIGHTS),
        (404, _) => ("the store does not find the bucket or the object", BUCKET),
        (429 | 500.., _) => ("the store has a fault of its own", FAULT),
        _ => ("the store refuses this", BUCKET),
    };
    Failure::new(format!("{message} ({said})"), hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_own_way_out() {
        assert_eq!(answered(403, "SignatureDoesNotMatch").hint, KEYS);
        assert_eq!(answered(403, "RequestTimeTooSkewed").hint, CLOCK);
        assert_eq!(answered(403, "").hint, RIGHTS);
        assert_eq!(answered(404, "NoSuchBucket").hint, BUCKET);
        assert_eq!(answered(503, "SlowDown").hint, FAULT);
        assert_eq!(answered(301, "PermanentRedirect").hint, BUCKET);
        assert!(answered(403, "AccessDenied").message.ends_with("(403 AccessDenied)"));
    }
}
