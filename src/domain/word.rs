//! The one way to declare a closed set of words that is stored and sent: an enum whose spelling
//! is the same in Rust's `Display`, in SQLite and in JSON. It must not carry behaviour of its own.

/// Declares an enum of words with `ALL`, `as_str`, `Display`, `FromStr`, serde and OpenAPI support.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word, in order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The spelling used in tables and on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::word::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok($name::$variant),)+
                    _ => Err($crate::domain::word::UnknownWord {
                        set: stringify!($name),
                        word: text.to_owned(),
                    }),
                }
            }
        }
    };
}

/// A text that is not a member of the set it was read as.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{word}' is not a {set}")]
pub struct UnknownWord {
    /// The set's name, for instance `BuildStatus`.
    pub set: &'static str,
    /// What was read.
    pub word: String,
}
