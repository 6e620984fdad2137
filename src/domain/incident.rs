//! What owner and admins have to do something about: a source that stopped working, or is about to. It stores nothing
//! and knows no time but what it is given.

use super::source::IntegrationAuthMode;
use crate::words;

const DAY: i64 = 86_400;
/// How long before its end a credential counts as expiring, in seconds.
pub const EXPIRING: i64 = 30 * DAY;
/// From when on that is more than a remark, in seconds.
const SOON: i64 = 7 * DAY;

words! {
    /// How a credential of GitLab was found.
    GitLabCredentialStatus {
        Valid = "valid",
        /// It ends within 30 days.
        Expiring = "expiring",
        Expired = "expired",
        /// GitLab does not accept it.
        Rejected = "rejected",
        /// GitLab could not be asked.
        Unknown = "unknown",
    }
}

words! {
    /// What is wrong.
    IncidentReason {
        Expired = "expired",
        Rejected = "rejected",
        RefreshFailed = "refresh_failed",
        Expiring = "expiring",
    }
}

words! {
    /// How much it matters.
    OperatorIncidentSeverity {
        Info = "info",
        Warning = "warning",
        Critical = "critical",
    }
}

words! {
    /// Whether it is over.
    OperatorIncidentStatus {
        Open = "open",
        Resolved = "resolved",
    }
}

impl GitLabCredentialStatus {
    /// The state of a credential that works now and ends at `expires_at`.
    pub fn of_working(expires_at: Option<i64>, now: i64) -> Self {
        match expires_at {
            Some(end) if end <= now => Self::Expired,
            Some(end) if end - now <= EXPIRING => Self::Expiring,
            Some(_) | None => Self::Valid,
        }
    }
}

impl IncidentReason {
    /// Whether the source can't be used until somebody repairs it.
    pub fn breaks(self) -> bool {
        match self {
            IncidentReason::Expired | IncidentReason::Rejected | IncidentReason::RefreshFailed => true,
            IncidentReason::Expiring => false,
        }
    }

    /// How much it matters; `expires_at` is when the credential ends.
    pub fn severity(self, expires_at: Option<i64>, now: i64) -> OperatorIncidentSeverity {
        match self {
            IncidentReason::Expired | IncidentReason::Rejected | IncidentReason::RefreshFailed => {
                OperatorIncidentSeverity::Critical
            }
            IncidentReason::Expiring if expires_at.is_some_and(|end| end - now > SOON) => {
                OperatorIncidentSeverity::Info
            }
            IncidentReason::Expiring => OperatorIncidentSeverity::Warning,
        }
    }
}

/// What somebody has to do about a source that does not work, by how it proves itself to its host.
pub fn repair(auth_mode: IntegrationAuthMode) -> &'static str {
    match auth_mode {
        IntegrationAuthMode::PersonalToken => "Replace the access token",
        IntegrationAuthMode::OauthApp => "Authorise the application again",
        IntegrationAuthMode::GithubApp | IntegrationAuthMode::LocalPath => "Connect the source again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_thirty_days_of_a_credential_count_as_expiring() {
        let status = |end| GitLabCredentialStatus::of_working(end, 1000);
        assert_eq!(status(None), GitLabCredentialStatus::Valid);
        assert_eq!(status(Some(1000 + EXPIRING + 1)), GitLabCredentialStatus::Valid);
        assert_eq!(status(Some(1000 + EXPIRING)), GitLabCredentialStatus::Expiring);
        assert_eq!(status(Some(1001)), GitLabCredentialStatus::Expiring);
        assert_eq!(status(Some(1000)), GitLabCredentialStatus::Expired);
    }

    #[test]
    fn an_end_that_is_near_matters_more() {
        let severity = |days: i64| IncidentReason::Expiring.severity(Some(days * DAY), 0);
        assert_eq!(severity(20), OperatorIncidentSeverity::Info);
        assert_eq!(severity(7), OperatorIncidentSeverity::Warning);
        assert_eq!(IncidentReason::Rejected.severity(None, 0), OperatorIncidentSeverity::Critical);
    }
}
