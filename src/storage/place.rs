//! Where bytes may live, and what of it can be checked without going there.

use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::config;
use crate::domain::artifact::ArtifactStorageProvider;
use crate::domain::text::given;
use crate::error::{Error, Result};

/// Where a bucket is if nobody says so.
pub const DEFAULT_REGION: &str = "us-east-1";
const MAX_KEY_BYTES: usize = 1024;

/// A place for the bytes of artifacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    Bucket(BucketPlace),
}

/// A bucket of S3 or of something that speaks like it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketPlace {
    pub provider: ArtifactStorageProvider,
    pub bucket: String,
    pub region: String,
    /// `None`: Amazon's own, by the region.
    pub endpoint: Option<String>,
}

/// What opens a bucket.
#[derive(Clone)]
pub struct Keys {
    pub id: String,
    pub secret: Zeroizing<String>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl BucketPlace {
    /// Checks what somebody entered.
    ///
    /// Errors: 400 `invalid_s3_bucket`, `invalid_s3_endpoint`, `invalid_input` (`s3_region`).
    pub fn checked(
        provider: ArtifactStorageProvider,
        bucket: Option<&str>,
        region: Option<&str>,
        endpoint: Option<&str>,
    ) -> Result<Self> {
        let given = |text| given(text).map(str::to_owned);
        let bucket = given(bucket).unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if bucket.is_empty() || bucket.len() > 255 || !bucket.bytes().all(plain) {
            return Err(Error::invalid("invalid_s3_bucket", "the bucket must be named")
                .hint("A name has letters, digits, dots and dashes; no address and no path."));
        }
        let region = given(region).unwrap_or_else(|| DEFAULT_REGION.to_owned());
        if region.len() > 64 || !region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(Error::invalid_field("s3_region", "is not the name of a region"));
        }
        let endpoint = given(endpoint).map(|url| checked_endpoint(&url)).transpose()?;
        if provider == ArtifactStorageProvider::R2 && endpoint.is_none() {
            return Err(invalid_endpoint("R2 needs an endpoint")
                .hint("It looks like https://<account id>.r2.cloudflarestorage.com."));
        }
        Ok(Self { provider, bucket, region, endpoint })
    }

    /// The address that is asked.
    pub fn address(&self) -> String {
        let amazon = || format!("https://s3.{}.amazonaws.com", self.region);
        self.endpoint.clone().unwrap_or_else(amazon)
    }
}

impl Keys {
    /// Keys that somebody entered; `None` if one of them is missing or can't be a key.
    pub fn checked(id: &str, secret: &str) -> Option<Self> {
        let (id, secret) = (id.trim(), secret.trim());
        let usable = |text: &str| {
            !text.is_empty() && text.len() <= MAX_KEY_BYTES && !text.chars().any(char::is_control)
        };
        let both = usable(id) && usable(secret);
        both.then(|| Self { id: id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
    }
}

/// Encrypted, or on this machine: whoever listens in between could take the bytes and the links.
fn checked_endpoint(url: &str) -> Result<String> {
    let base = config::base_url(url).map_err(|why| invalid_endpoint(format!("the endpoint {why}")))?;
    if !base.starts_with("https://") && config::here(&base).is_none() {
        return Err(invalid_endpoint("the endpoint must begin with https://")
            .hint("Plain http is for a store on this machine only. Put a proxy with a certificate in front of the store."));
    }
    Ok(base)
}

pub fn invalid_endpoint(why: impl Into<String>) -> Error {
    Error::invalid("invalid_s3_endpoint", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(bucket: &str, region: &str, endpoint: &str) -> &'static str {
        let provider = ArtifactStorageProvider::S3;
        BucketPlace::checked(provider, Some(bucket), Some(region), Some(endpoint))
            .map_or_else(|e| e.code, |_| "ok")
    }

    #[test]
    fn a_bucket_has_a_name_and_an_endpoint_that_nobody_reads_along() {
        for endpoint in
            ["", "https://minio.lan", "http://127.0.0.1:9000", "http://[::1]:9000/", "http://localhost:1"]
        {
            assert_eq!(code("apps", "", endpoint), "ok", "{endpoint}");
        }
        for endpoint in [
            "http://minio.lan",
            "http://10.0.0.2",
            "ftp://a",
            "a",
            "https://u:p@a",
            "https://a?x",
            "http://localhost.evil",
        ] {
            assert_eq!(code("apps", "", endpoint), "invalid_s3_endpoint", "{endpoint}");
        }
        for bucket in ["", " ", "a/b", "..%2f", "https://a"] {
            assert_eq!(code(bucket, "", ""), "invalid_s3_bucket", "{bucket}");
        }
        assert_eq!(code("a", "evil.example.com/", ""), "invalid_input");
    }

    #[test]
    fn r2_needs_its_endpoint() {
        let checked = |endpoint| BucketPlace::checked(ArtifactStorageProvider::R2, Some("a"), None, endpoint);
        assert_eq!(checked(None).unwrap_err().code, "invalid_s3_endpoint");
        assert_eq!(
            checked(Some("https://a.r2.cloudflarestorage.com/")).unwrap().address(),
            "https://a.r2.cloudflarestorage.com"
        );
    }

    #[test]
    fn keys_are_never_shown() {
        let keys = Keys::checked("id", "s3cret").unwrap();
        assert_eq!(format!("{keys:?}"), "Keys");
        assert!(Keys::checked("id", " ").is_none() && Keys::checked("", "x").is_none());
    }
}
