//! Kinds and states of artifacts, and the rule for their names.

use crate::words;

words! {
    /// What an artifact is.
    ArtifactType {
        Apk = "apk",
        Ipa = "ipa",
        App = "app",
        Generic = "generic",
    }
}

words! {
    /// Whether an artifact's bytes are there.
    ArtifactState {
        Pending = "pending",
        Available = "available",
        Failed = "failed",
        /// Retention took it; its bytes are gone or about to go.
        Removed = "removed",
    }
}

words! {
    /// Who keeps the bytes of artifacts.
    ArtifactStorageProvider {
        Disabled = "disabled",
        Local = "local",
        S3 = "s3",
        R2 = "r2",
    }
}

words! {
    /// Where the choice of a provider comes from.
    ArtifactStorageSource {
        Database = "database",
        Environment = "environment",
        Default = "default",
    }
}

words! {
    /// What an artifact can be installed on as it is.
    Device {
        Android = "android",
        Ios = "ios",
        Macos = "macos",
    }
}

/// What it can be installed on; `None` for what goes to a store, to a simulator, or is no app at all. `path` is where its build
/// left it, as far as that is known.
pub fn installs_on(kind: ArtifactType, name: &str, path: Option<&str>) -> Option<Device> {
    let of_mac = path.is_some_and(|path| path.contains("macos/"));
    match kind {
        ArtifactType::Apk => Some(Device::Android),
        ArtifactType::Ipa => Some(Device::Ios),
        ArtifactType::App => of_mac.then_some(Device::Macos),
        ArtifactType::Generic => name.to_ascii_lowercase().ends_with(".dmg").then_some(Device::Macos),
    }
}

/// Longest artifact name, in characters.
pub const MAX_NAME_CHARS: usize = 255;

/// Whether `name` is one path segment that is safe to store and to show.
pub fn is_valid_name(name: &str) -> bool {
    let reserved = matches!(name, "" | "." | "..");
    let fits = name.chars().count() <= MAX_NAME_CHARS && name.len() <= MAX_NAME_CHARS;
    let clean = !name.chars().any(|c| c == '/' || c == '\\' || c.is_control() || is_bidi(c));
    !reserved && fits && clean && !name.trim().is_empty()
}

/// Characters that reorder the text around them can make `exe.apk` out of something else.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests {
    use super::{ArtifactType, Device, installs_on, is_valid_name};

    #[test]
    fn phones_take_packages_a_mac_its_own_apps_and_nobody_a_bundle_for_a_store() {
        let cases = [
            (ArtifactType::Apk, "app-release.apk", None, Some(Device::Android)),
            (ArtifactType::Ipa, "Shop.ipa", None, Some(Device::Ios)),
            (
                ArtifactType::App,
                "Shop.app.zip",
                Some("build/macos/Build/Products/Release/Shop.app"),
                Some(Device::Macos),
            ),
            (ArtifactType::App, "Runner.app.zip", Some("build/ios/iphonesimulator/Runner.app"), None),
            (ArtifactType::App, "Runner.app.zip", None, None),
            (ArtifactType::Generic, "Shop.DMG", None, Some(Device::Macos)),
            (ArtifactType::Generic, "app-release.aab", None, None),
        ];
        for (kind, name, path, device) in cases {
            assert_eq!(installs_on(kind, name, path), device, "{name} at {path:?}");
        }
    }

    #[test]
    fn ordinary_names_are_accepted() {
        for name in ["app-release.apk", "Runner.app.zip", "größe.txt", "-rf", "con"] {
            assert!(is_valid_name(name), "{name}");
        }
    }

    #[test]
    fn names_that_leave_their_folder_or_forge_headers_are_refused() {
        for name in ["", ".", "..", "a/b", "a\\b", "x\r\nSet-Cookie: a", "a\0b", "a\u{202e}gpj.apk", " "] {
            assert!(!is_valid_name(name), "{name:?}");
        }
        assert!(!is_valid_name(&"x".repeat(4096)));
    }
}
