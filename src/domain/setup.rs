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
