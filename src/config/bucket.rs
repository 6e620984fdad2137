//! The bucket of the environment: where artifacts go until somebody chooses a place in the settings.

use clap::Args;

/// The keys of the environment that are secrets of the daemon, which no process below it may inherit.
pub const SECRETS: [&str; 2] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/// A bucket and its keys, as the environment names them.
#[derive(Debug, Clone, Default, Args)]
pub struct BucketSettings {
    /// Bucket of S3, R2 or their like for artifacts, until a place is chosen in the settings.
    #[arg(long, env = "OORE_S3_BUCKET")]
    pub s3_bucket: Option<String>,

    /// Address of the store, if it is not Amazon's.
    #[arg(long, env = "OORE_S3_ENDPOINT")]
    pub s3_endpoint: Option<String>,

    /// Region of the bucket.
    #[arg(long, env = "OORE_S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,

    /// Access key of the store.
    #[arg(long, env = "AWS_ACCESS_KEY_ID", hide_env_values = true)]
    pub aws_access_key_id: Option<Hidden>,

    /// Its secret; in the environment only others of this account can read it, on a command line everybody.
    #[arg(long, env = "AWS_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub aws_secret_access_key: Option<Hidden>,
}

impl BucketSettings {
    /// Whether the environment names a bucket at all.
    pub fn is_given(&self) -> bool {
        self.s3_bucket.as_deref().is_some_and(|bucket| !bucket.trim().is_empty())
    }
}

/// Text that no log and no message shows.
#[derive(Clone)]
pub struct Hidden(zeroize::Zeroizing<String>);

impl Hidden {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("hidden")
    }
}
