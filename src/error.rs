//! The one error of everything below the HTTP edge. It knows what went wrong in terms of the
//! product, never an HTTP status; `api::error` alone maps it to one.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde_json::json;

/// The result of anything that can fail for a reason a client may be told.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it is; decides the status at the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request is malformed or breaks a rule.
    Invalid,
    /// Nobody is known to be calling.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// It isn't there, or the caller may not know that it is.
    NotFound,
    /// It was there and has been removed.
    Gone,
    /// It contradicts the present state.
    Conflict,
    /// It is larger than accepted.
    TooLarge,
    /// A range that lies outside the content.
    RangeNotSatisfiable,
    /// The request was sent to a host name that isn't ours.
    Misdirected,
    /// Too many requests.
    RateLimited,
    /// No room on the disk.
    StorageFull,
    /// A part that is needed is off or away at the moment.
    Unavailable,
    /// Another server that is needed answered wrongly, or not at all.
    Upstream,
    /// Our fault; details go to the log only.
    Internal,
}

impl Kind {
    /// Whether the same may work a little later, though nobody does anything about it.
    pub fn is_passing(self) -> bool {
        match self {
            Kind::RateLimited | Kind::StorageFull | Kind::Unavailable | Kind::Upstream | Kind::Internal => {
                true
            }
            Kind::Invalid
            | Kind::Unauthenticated
            | Kind::Forbidden
            | Kind::NotFound
            | Kind::Gone
            | Kind::Conflict
            | Kind::TooLarge
            | Kind::RangeNotSatisfiable
            | Kind::Misdirected => false,
        }
    }
}

/// The codes that code decides by. All others are told and not read again; docs/TROUBLESHOOTING.md has every one.
pub mod codes {
    /// A branch, tag or commit that the repository doesn't have, or no name of one.
    pub const INVALID_REF: &str = "invalid_ref";
    /// The repository can't be read.
    pub const SOURCE_UNRESOLVABLE: &str = "source_unresolvable";
    /// There is no repository to read.
    pub const SOURCE_NOT_CONFIGURED: &str = "source_not_configured";
    /// Nobody has given the daemon access to the code host.
    pub const MISSING_CREDENTIALS: &str = "missing_credentials";
    /// The access to GitLab has ended and must be given again.
    pub const GITLAB_RECONNECT_REQUIRED: &str = "gitlab_reconnect_required";
    /// The upload of the artifact has ended before.
    pub const ARTIFACT_NOT_PENDING: &str = "artifact_not_pending";
    /// Frames of a log are missing before those that were sent.
    pub const LOG_GAP: &str = "log_gap";
    /// The build can't end yet: frames of its log are missing.
    pub const LOG_INCOMPLETE: &str = "log_incomplete";
    /// What is stored can't be read.
    pub const DATA_ERROR: &str = "data_error";
    /// The key in use is not the one that the database was sealed with.
    pub const WRONG_KEY: &str = "wrong_key";
    /// A secret can't be opened.
    pub const DECRYPTION_ERROR: &str = "decryption_error";
    /// The access mode has no such way.
    pub const MODE_RESTRICTED: &str = "mode_restricted";
    /// The origin is not among those that are allowed.
    pub const EXTERNAL_ACCESS_ORIGIN_NOT_ALLOWED: &str = "external_access_origin_not_allowed";
    /// The session is unknown or over.
    pub const INVALID_SESSION: &str = "invalid_session";
    /// The token is unknown, used or over.
    pub const INVALID_TOKEN: &str = "invalid_token";
    /// The token of an enrolment is unknown, used or over.
    pub const INVALID_ENROLMENT_TOKEN: &str = "invalid_enrolment_token";
    /// The proof that a trusted proxy gives with what it says is wrong.
    pub const TRUSTED_PROXY_SHARED_SECRET_INVALID: &str = "trusted_proxy_shared_secret_invalid";
    /// The file that lets a person of this machine back in is not what was sent.
    pub const LOCAL_RECOVERY_CAPABILITY_INVALID: &str = "local_recovery_capability_invalid";
    /// The code of a pairing is unknown, used or over.
    pub const INVALID_PAIRING_CODE: &str = "invalid_pairing_code";
    /// Too many tries with what was refused.
    pub const TOO_MANY_ATTEMPTS: &str = "too_many_attempts";
    /// Nobody removes themselves.
    pub const CANNOT_DELETE_SELF: &str = "cannot_delete_self";
    /// Nobody enables themselves.
    pub const CANNOT_ENABLE_SELF: &str = "cannot_enable_self";
    /// A project keeps one who may manage it.
    pub const LAST_MAINTAINER: &str = "last_maintainer";
}

/// A field of the request that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Path of the field, for instance `execution_config.env[2].key`.
    pub field: String,
    pub message: String,
}

/// What went wrong, with a stable code, a sentence and, where there is one, the way out.
#[derive(Debug)]
pub struct Error {
    pub kind: Kind,
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
    pub fields: Vec<FieldError>,
    pub details: Option<serde_json::Value>,
    /// Whether the audit log has it already.
    pub is_recorded: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of any kind.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            hint: None,
            fields: Vec::new(),
            details: None,
            is_recorded: false,
            source: None,
        }
    }

    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, message)
    }

    /// The fields that were refused; the first one is the message.
    pub fn invalid_fields(code: &'static str, fields: Vec<FieldError>) -> Self {
        let message = match fields.first() {
            Some(first) => format!("{}: {}", first.field, first.message),
            None => "the request breaks a rule".to_owned(),
        };
        Self { fields, ..Self::new(Kind::Invalid, code, message) }
    }

    /// Code `invalid_input` with the one field that was refused.
    pub fn invalid_field(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::invalid_fields("invalid_input", vec![FieldError::new(field, why)])
    }

    pub fn unauthenticated(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Unauthenticated, code, message)
    }

    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, code, message)
    }

    /// Code `not_found`.
    pub fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, "not_found", format!("{what} not found"))
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, message)
    }

    /// Too many requests. `wait` is after how long another try makes sense; every one says so, in its answer's
    /// `Retry-After` too.
    pub fn rate_limited(code: &'static str, message: impl Into<String>, wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        Self::new(Kind::RateLimited, code, message)
            .details(json!({"retry_after_seconds": u64::try_from(seconds).unwrap_or(u64::MAX)}))
            .hint(format!("Wait {seconds} s and try again."))
    }

    /// Code `disk_full`.
    pub fn disk_full() -> Self {
        Self::new(Kind::StorageFull, "disk_full", "the disk of the daemon is full")
            .hint("Free some space on the daemon's machine; nothing was lost, then try again.")
    }

    /// Our own fault. `doing` says what was being done; the source goes to the log.
    pub fn internal(
        code: &'static str,
        doing: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { source: Some(source.into()), ..Self::new(Kind::Internal, code, doing) }
    }

    /// What went wrong and what can be done about it, where only a text is kept.
    pub fn with_hint(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}. {hint}", self.message),
            None => self.message.clone(),
        }
    }

    /// Adds what the caller can do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says that the audit log has it already.
    pub fn recorded(self) -> Self {
        Self { is_recorded: true, ..self }
    }

    /// Adds machine-readable details.
    pub fn details(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// An error with its causes: the outer ones often only say that something failed.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    std::iter::once(error.to_string()).chain(causes.map(ToString::to_string)).collect::<Vec<_>>().join(": ")
}

/// Whether an I/O error means that the disk is full (ENOSPC, EDQUOT).
pub fn is_disk_full(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        if is_disk_full(&error) {
            return Self::disk_full();
        }
        Self::internal("storage_error", "a file operation failed", error)
    }
}
