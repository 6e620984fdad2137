//! How far an instance has been set up, and how people reach it.

use crate::words;

words! {
    /// Progress of the set-up.
    SetupState {
        Uninitialized = "uninitialized",
        BootstrapPending = "bootstrap_pending",
        IdpConfigured = "idp_configured",
        OwnerCreated = "owner_created",
        Ready = "ready",
    }
}

words! {
    /// Whether only this machine uses the instance, or a team does.
    RuntimeMode {
        Local = "local",
        Remote = "remote",
    }
}

words! {
    /// How people sign in to a remote instance.
    RemoteAuthMode {
        Oidc = "oidc",
        TrustedProxy = "trusted_proxy",
    }
}

words! {
    /// Where the key that seals secrets is kept.
    KeyStorageMode {
        Keychain = "keychain",
        File = "file",
    }
}

words! {
    /// What moves the set-up on.
    SetupMove {
        /// Preferences are chosen; nothing is lost that still fits.
        Choose = "choose",
        /// Identity provider or trusted proxy is configured.
        Configure = "configure",
        /// The owner is named by their e-mail address, in local mode.
        NameOwner = "name_owner",
        /// The owner has proved who they are.
        ProveOwner = "prove_owner",
        Complete = "complete",
        /// The first sign-in on the machine itself does it all, in local mode.
        SignInLocally = "sign_in_locally",
    }
}

/// The move is not allowed in the state the set-up has.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a set-up that is {from} cannot {by}")]
pub struct InvalidSetupMove {
    pub from: SetupState,
    pub by: SetupMove,
}

impl SetupState {
    /// The state after `by`, or why it is refused. `ready` accepts nothing.
    pub fn apply(self, by: SetupMove) -> Result<SetupState, InvalidSetupMove> {
        use SetupMove as Move;
        use SetupState::{BootstrapPending, IdpConfigured, OwnerCreated, Ready, Uninitialized};
        match (self, by) {
            (Uninitialized | BootstrapPending | IdpConfigured, Move::Choose) => Ok(self),
            (Uninitialized | BootstrapPending | IdpConfigured, Move::Configure) => Ok(IdpConfigured),
            (Uninitialized | BootstrapPending | IdpConfigured, Move::NameOwner) => Ok(OwnerCreated),
            (IdpConfigured, Move::ProveOwner) => Ok(OwnerCreated),
            (OwnerCreated, Move::Complete) => Ok(Ready),
            (Uninitialized | BootstrapPending | IdpConfigured | OwnerCreated, Move::SignInLocally) => {
                Ok(Ready)
            }
            (Uninitialized | BootstrapPending, Move::ProveOwner | Move::Complete)
            | (IdpConfigured, Move::Complete)
            | (OwnerCreated, Move::Choose | Move::Configure | Move::NameOwner | Move::ProveOwner)
            | (
                Ready,
                Move::Choose
                | Move::Configure
                | Move::NameOwner
                | Move::ProveOwner
                | Move::Complete
                | Move::SignInLocally,
            ) => Err(InvalidSetupMove { from: self, by }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_happens_after_ready_and_nothing_goes_back(
            moves in proptest::collection::vec(proptest::sample::select(SetupMove::ALL), 0..40),
        ) {
            let mut state = SetupState::BootstrapPending;
            for by in moves {
                match state.apply(by) {
                    Ok(next) => {
                        prop_assert!(state != SetupState::Ready && next >= state, "{state} {by} {next}");
                        state = next;
                    }
                    Err(error) => prop_assert_eq!(error, InvalidSetupMove { from: state, by }),
                }
            }
        }

        #[test]
        fn an_instance_is_only_ready_with_an_owner(
            moves in proptest::collection::vec(proptest::sample::select(SetupMove::ALL), 0..40),
        ) {
            let (mut state, mut owned) = (SetupState::BootstrapPending, false);
            for by in moves {
                if let Ok(next) = state.apply(by) {
                    let names = [SetupMove::NameOwner, SetupMove::ProveOwner, SetupMove::SignInLocally];
                    owned |= names.contains(&by);
                    state = next;
                }
                prop_assert!(owned || state != SetupState::Ready);
            }
        }
    }

    /// Renders states × moves; `make docs` writes the file.
    #[test]
    fn the_document_of_setup_states_is_current() {
        let mut text = String::from(
            "# Set-up states\n\nGenerated from `src/domain/setup.rs` by its tests; do not edit.\n\n| from |",
        );
        for by in SetupMove::ALL {
            let _ = write!(text, " {by} |");
        }
        text.push_str("\n|---|");
        text.push_str(&"---|".repeat(SetupMove::ALL.len()));
        for state in SetupState::ALL {
            let _ = write!(text, "\n| **{state}** |");
            for by in SetupMove::ALL {
                let _ = match state.apply(*by) {
                    Ok(next) => write!(text, " {next} |"),
                    Err(_) => write!(text, " – |"),
                };
            }
        }
        text.push('\n');
        crate::domain::tests::is_current("setup-states.md", &text);
    }
}
