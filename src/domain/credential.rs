//! What proves who a caller is, once it has been checked. It never holds the secret itself.

use super::id::ApiTokenId;
use super::role::UserRole;
use crate::words;

words! {
    /// What a capability, which is good for one use, is for.
    CapabilityPurpose {
        Recovery = "recovery",
        Pairing = "pairing",
        Enrolment = "enrolment",
    }
}

/// A checked credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A person who has signed in.
    Session { id: String, expires_at: i64 },
    /// A program that acts for its creator, within the token's role.
    ApiToken { id: ApiTokenId, prefix: String, role: UserRole, expires_at: Option<i64> },
}

impl Credential {
    /// When it ends, in Unix seconds; `None` if it doesn't.
    pub fn expires_at(&self) -> Option<i64> {
        match self {
            Credential::Session { expires_at, .. } => Some(*expires_at),
            Credential::ApiToken { expires_at, .. } => *expires_at,
        }
    }

    /// The role that acts: a token's role never lends more than its creator has now.
    pub fn role_of(&self, person: UserRole) -> UserRole {
        match self {
            Credential::Session { .. } => person,
            Credential::ApiToken { role, .. } => person.lower(*role),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_more_than_its_role_nor_than_its_creator() {
        for role in UserRole::ALL.iter().copied() {
            let token =
                Credential::ApiToken { id: ApiTokenId::new(), prefix: String::new(), role, expires_at: None };
            for person in UserRole::ALL.iter().copied() {
                let acting = token.role_of(person);
                assert!(acting.rank() <= role.rank() && acting.rank() <= person.rank());
                assert!(acting == role || acting == person);
            }
        }
    }
}
