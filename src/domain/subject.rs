//! How accounts are tied to identities outside. An identity of a provider is issuer and subject
//! together: the same subject of another issuer is somebody else.

use super::id::UserId;

const PENDING: &str = "pending-";
const LOCAL: &str = "local::";
const PROXY: &str = "trusted-proxy::";
const OIDC: &str = "oidc ";

/// Of an account that nobody has signed in to yet.
pub fn pending(id: UserId) -> String {
    format!("{PENDING}{id}")
}

/// Of an account that is only used on the machine itself.
pub fn local(email: &str) -> String {
    format!("{LOCAL}{email}")
}

pub fn trusted_proxy(email: &str) -> String {
    format!("{PROXY}{email}")
}

/// Issuers are URLs, so the space after one can't be part of it.
pub fn oidc(issuer: &str, subject: &str) -> String {
    format!("{OIDC}{issuer} {subject}")
}

/// The same tie after the account's address has changed: what was tied to the address still is.
pub fn with_email(subject: &str, email: &str) -> String {
    match subject {
        subject if is_local(subject) => local(email),
        subject if subject.starts_with(PROXY) => trusted_proxy(email),
        subject => subject.to_owned(),
    }
}

/// Whether nobody has signed in to the account yet.
pub fn is_pending(subject: &str) -> bool {
    subject.starts_with(PENDING)
}

/// Whether the account is only used on the machine itself.
pub fn is_local(subject: &str) -> bool {
    subject.starts_with(LOCAL)
}

/// Whether an identity of a provider may take the account over by its e-mail address: none has done so
/// before. A trusted proxy knows people by nothing else.
pub fn is_unclaimed(subject: &str) -> bool {
    is_pending(subject) || is_local(subject) || subject.starts_with(PROXY)
}

/// Whether the account is tied to a provider other than `issuer`, through which it can't be signed in to.
pub fn is_stranded(subject: &str, issuer: &str) -> bool {
    let ours = subject.strip_prefix(OIDC).and_then(|rest| rest.split_once(' ')).map(|(issuer, _)| issuer);
    ours.is_some_and(|ours| ours != issuer)
}

/// As clients see it: the provider's own word.
pub fn shown(subject: &str) -> &str {
    let inside = subject.strip_prefix(OIDC).and_then(|rest| rest.split_once(' '));
    inside.map_or(subject, |(_, subject)| subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_subject_of_two_issuers_is_two_people() {
        assert_ne!(oidc("https://a.example", "7"), oidc("https://b.example", "7"));
        assert_ne!(oidc("https://a.example", "b 7"), oidc("https://a.example/b", "7"));
    }

    #[test]
    fn a_providers_subject_is_shown_as_the_provider_wrote_it() {
        assert_eq!(shown(&oidc("https://a.example", "two words")), "two words");
        assert_eq!(shown("local::a@b"), "local::a@b");
    }

    #[test]
    fn an_account_that_a_provider_has_claimed_stays_claimed() {
        assert!(is_unclaimed(&pending(UserId::new())) && is_unclaimed(&local("a@b")));
        assert!(is_unclaimed(&trusted_proxy("a@b")) && !is_unclaimed(&oidc("https://a.example", "7")));
    }

    #[test]
    fn what_is_tied_to_an_address_follows_it() {
        let (pending, provided) = (pending(UserId::new()), oidc("https://a.example", "7"));
        assert_eq!(with_email(&local("a@b"), "c@d"), local("c@d"));
        assert_eq!(with_email(&trusted_proxy("a@b"), "c@d"), trusted_proxy("c@d"));
        assert_eq!((with_email(&pending, "c@d"), with_email(&provided, "c@d")), (pending, provided));
    }

    #[test]
    fn only_an_account_of_another_provider_is_stranded() {
        assert!(is_stranded(&oidc("https://a.example", "7"), "https://b.example"));
        assert!(!is_stranded(&oidc("https://a.example", "7"), "https://a.example"));
        assert!(!is_stranded(&local("a@b"), "https://a.example"));
        assert!(!is_stranded(&trusted_proxy("a@b"), "https://a.example"));
    }
}
