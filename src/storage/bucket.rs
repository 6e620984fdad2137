//! Blobs as objects of a bucket of S3 or of something that speaks like it. The bytes of artifacts don't pass through
//! the daemon on their way there and back: who may send or fetch them gets a signed address that expires.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_smithy_async::time::TimeSource;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::failure::{Failure, failure, is_missing, is_unknown};
use super::place::{BucketPlace, Keys, invalid_endpoint};
use crate::clock::Clock;
use crate::error::Result as Checked;
use crate::outgoing::{Allowed, Outgoing};

type Result<T> = std::result::Result<T, Failure>;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the store may take until its answer begins.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// How long one question may take in all, until its answer begins.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(45);
/// How often one question is asked in all, with growing pauses.
const TRIES: u32 = 4;
/// How often reading goes on where it broke off without a single byte in between.
const IDLE_CUTS: u32 = 4;

/// An open bucket.
#[derive(Debug)]
pub struct Bucket {
    client: Client,
    name: String,
}

/// What an object turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    pub size: u64,
    pub sha256: String,
}

/// A part of an upload that the store has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1 on.
    pub number: u32,
    pub size: u64,
    pub(super) tag: Option<String>,
}

impl Bucket {
    /// Nothing is asked yet.
    ///
    /// Errors: 400 `invalid_s3_endpoint`.
    pub fn open(place: &BucketPlace, keys: Keys, outgoing: &Outgoing, clock: &Clock) -> Checked<Self> {
        let allowed = outgoing.allowed(&place.address()).map_err(|why| invalid_endpoint(why.to_string()))?;
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_with_resolver(Resolver(allowed));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(ANSWER_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT);
        let mut config = aws_sdk_s3::Config::builder()
            .http_client(http)
            .region(Region::new(place.region.clone()))
            .credentials_provider(Credentials::new(keys.id, keys.secret.as_str(), None, None, "oored"))
            .force_path_style(true)
            .disable_s3_express_session_auth(true)
            // Other stores than Amazon's don't know its newer checksums; ours is over the whole artifact.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            .timeout_config(timeouts.build())
            .time_source(Time(clock.clone()));
        if let Some(endpoint) = &place.endpoint {
            config = config.endpoint_url(endpoint);
        }
        Ok(Self { client: Client::from_conf(config.build()), name: place.bucket.clone() })
    }

    /// An address that takes the bytes of an object, once or more often, until it expires.
    pub async fn put_address(&self, key: &str, ttl: Duration, now: i64) -> Result<String> {
        let request = self.client.put_object().bucket(&self.name).key(key);
        let signed = request.presigned(signing(ttl, now)?).await.map_err(|error| failure(&error))?;
        Ok(signed.uri().to_owned())
    }

    /// An address that takes one part of an upload.
    pub async fn part_address(
        &self,
        (key, upload): (&str, &str),
        number: u32,
        ttl: Duration,
        now: i64,
    ) -> Result<String> {
        let number = signed_number(number);
        let request =
            self.client.upload_part().bucket(&self.name).key(key).upload_id(upload).part_number(number);
        let signed = request.presigned(signing(ttl, now)?).await.map_err(|error| failure(&error))?;
        Ok(signed.uri().to_owned())
    }

    /// An address that gives the bytes of an object to a browser, to be saved and not to be shown.
    pub async fn get_address(&self, key: &str, disposition: &str, ttl: Duration, now: i64) -> Result<String> {
        let request = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key)
            .response_content_type("application/octet-stream")
            .response_content_disposition(disposition);
        let signed = request.presigned(signing(ttl, now)?).await.map_err(|error| failure(&error))?;
        Ok(signed.uri().to_owned())
    }

    /// How large an object is; `None` if it isn't there.
    pub async fn size(&self, key: &str) -> Result<Option<u64>> {
        match self.client.head_object().bucket(&self.name).key(key).send().await {
            Ok(answer) => Ok(Some(length(answer.content_length()))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Reads an object to its end and hashes it; `None` if it isn't there. Goes on where a connection breaks off.
    pub async fn measure(&self, key: &str) -> Result<Option<Measured>> {
        let (mut hash, mut read, mut idle) = (Sha256::new(), 0_u64, 0);
        let mut known: Option<(u64, Option<String>)> = None;
        while idle < IDLE_CUTS {
            let mut request = self.client.get_object().bucket(&self.name).key(key);
            if let Some((_, tag)) = &known {
                request = request.range(format!("bytes={read}-")).set_if_match(tag.clone());
            }
            let answer = match request.send().await {
                Ok(answer) => answer,
                Err(error) if is_missing(&error) => return Ok(None),
                Err(error) => return Err(failure(&error)),
            };
            let first = || (length(answer.content_length()), answer.e_tag().map(str::to_owned));
            let size = known.get_or_insert_with(first).0;
            idle += 1;
            let mut body = answer.body;
            while let Ok(Some(bytes)) = body.try_next().await {
                hash.update(&bytes);
                read += bytes.len() as u64;
                idle = 0;
            }
            if read >= size {
                return Ok(Some(Measured { size: read, sha256: format!("{:x}", hash.finalize()) }));
            }
        }
        Err(Failure::cut())
    }

    /// Writes a small object.
    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        let body = ByteStream::from(bytes);
        let sent = self.client.put_object().bucket(&self.name).key(key).body(body).send().await;
        sent.map(|_| ()).map_err(|error| failure(&error))
    }

    /// Reads a small object.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        match self.client.get_object().bucket(&self.name).key(key).send().await {
            Ok(answer) => {
                let bytes = answer.body.collect().await.map_err(|_| Failure::cut())?;
                Ok(Some(bytes.into_bytes()))
            }
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    /// The first objects whose key begins so.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>> {
        let listed = self.client.list_objects_v2().bucket(&self.name).prefix(prefix).send().await;
        let listed = listed.map_err(|error| failure(&error))?;
        Ok(listed.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect())
    }

    /// Removes every object whose key begins so, and every upload in parts to such a key.
    pub async fn remove_all(&self, prefix: &str) -> Result<()> {
        loop {
            let uploads = self.uploads(prefix).await?;
            for (key, id) in &uploads {
                self.abandon(key, id).await?;
            }
            let keys = self.list(prefix).await?;
            for key in &keys {
                let removed = self.client.delete_object().bucket(&self.name).key(key).send().await;
                removed.map_err(|error| failure(&error))?;
            }
            if keys.is_empty() && uploads.is_empty() {
                return Ok(());
            }
        }
    }

    /// The first uploads in parts to keys that begin so. Not every store can tell.
    async fn uploads(&self, prefix: &str) -> Result<Vec<(String, String)>> {
        let listed = self.client.list_multipart_uploads().bucket(&self.name).prefix(prefix).send().await;
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) if is_unknown(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failure(&error)),
        };
        let named = listed.uploads().iter();
        Ok(named.filter_map(|one| Some((one.key()?.to_owned(), one.upload_id()?.to_owned()))).collect())
    }

    /// Begins an upload in parts; answers the store's name of it.
    pub async fn begin_parts(&self, key: &str) -> Result<String> {
        let begun = self.client.create_multipart_upload().bucket(&self.name).key(key).send().await;
        let begun = begun.map_err(|error| failure(&error))?;
        let nameless = || Failure::new("the store began an upload without naming it", "Use another store.");
        begun.upload_id().map(str::to_owned).ok_or_else(nameless)
    }

    /// The parts that the store has, in order; `None` if it knows of no such upload (any more).
    pub async fn parts(&self, key: &str, upload: &str) -> Result<Option<Vec<Part>>> {
        let mut parts: Vec<Part> = Vec::new();
        loop {
            let after = parts.last().map(|part| part.number.to_string());
            let request = self.client.list_parts().bucket(&self.name).key(key).upload_id(upload);
            let listed = match request.set_part_number_marker(after).send().await {
                Ok(listed) => listed,
                Err(error) if is_missing(&error) => return Ok(None),
                Err(error) => return Err(failure(&error)),
            };
            let before = parts.len();
            parts.extend(listed.parts().iter().filter_map(|part| {
                let number = u32::try_from(part.part_number()?).ok()?;
                let tag = part.e_tag().map(str::to_owned);
                Some(Part { number, size: length(part.size()), tag })
            }));
            if listed.is_truncated() != Some(true) || parts.len() == before {
                return Ok(Some(parts));
            }
        }
    }

    /// Makes an object of the parts.
    pub async fn join(&self, key: &str, upload: &str, parts: Vec<Part>) -> Result<()> {
        let named = |part: Part| {
            CompletedPart::builder().part_number(signed_number(part.number)).set_e_tag(part.tag).build()
        };
        let parts =
            CompletedMultipartUpload::builder().set_parts(Some(parts.into_iter().map(named).collect()));
        let request = self.client.complete_multipart_upload().bucket(&self.name).key(key).upload_id(upload);
        match request.multipart_upload(parts.build()).send().await {
            Ok(_) => Ok(()),
            // Done before: the answer was lost.
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Gives an upload in parts up.
    pub async fn abandon(&self, key: &str, upload: &str) -> Result<()> {
        let request = self.client.abort_multipart_upload().bucket(&self.name).key(key).upload_id(upload);
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }
}

fn signed_number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn length(bytes: Option<i64>) -> u64 {
    bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default()
}

fn signing(ttl: Duration, now: i64) -> Result<PresigningConfig> {
    let start = moment(now.saturating_mul(1000));
    let built = PresigningConfig::builder().start_time(start).expires_in(ttl).build();
    built.map_err(|_| Failure::new("an address can't be signed for so long", "Report this."))
}

fn moment(unix_ms: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(unix_ms).unwrap_or_default())
}

/// The daemon's clock, for signatures.
#[derive(Debug)]
struct Time(Clock);

impl TimeSource for Time {
    fn now(&self) -> SystemTime {
        moment(self.0.now_ms())
    }
}

/// Resolves names, and drops addresses that must not be asked.
#[derive(Debug, Clone)]
struct Resolver(Allowed);

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        let allowed = self.0;
        DnsFuture::new(async move {
            let found: Vec<IpAddr> = allowed.resolve(name).await.map_err(ResolveDnsError::new)?;
            if found.is_empty() {
                return Err(ResolveDnsError::new("no address of this name may be asked"));
            }
            Ok(found)
        })
    }
}
