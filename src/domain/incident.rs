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
        /// The code host does not let us tell it how builds go.
        ReportsRefused = "reports_refused",
        /// It could not be told for a day.
        ReportsUndelivered = "reports_undelivered",
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
            IncidentReason::Expiring
            | IncidentReason::ReportsRefused
            | IncidentReason::ReportsUndelivered => false,
        }
    }

    /// Whether it is about what the code host is told, and not about what it gives.
    pub fn is_of_reports(self) -> bool {
        match self {
            IncidentReason::ReportsRefused | IncidentReason::ReportsUndelivered => true,
            IncidentReason::Expired
            | IncidentReason::Rejected
            | IncidentReason::RefreshFailed
            | IncidentReason::Expiring => false,
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
            IncidentReason::Expiring
            | IncidentReason::ReportsRefused
            | IncidentReason::ReportsUndelivered => OperatorIncidentSeverity::Warning,
        }
    }
}

/// What somebody has to do about a source, by what is wrong and how it proves itself to its host.
pub fn repair(reason: IncidentReason, auth_mode: IntegrationAuthMode) -> &'static str {
    use IntegrationAuthMode::{GithubApp, LocalPath, OauthApp, PersonalToken};
    match (reason, auth_mode) {
        (IncidentReason::ReportsUndelivered, _) => "See why the code host is not reached",
        (IncidentReason::ReportsRefused, GithubApp | LocalPath) => {
            "Let the app write checks, commit statuses and pull requests at GitHub, then synchronise"
        }
        (IncidentReason::ReportsRefused, PersonalToken) => "Replace the token by one with the scope api",
        (IncidentReason::ReportsRefused, OauthApp) => "Authorise the application with the scope api",
        (_, PersonalToken) => "Replace the access token",
        (_, OauthApp) => "Authorise the application again",
        (_, GithubApp | LocalPath) => "Connect the source again",
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
