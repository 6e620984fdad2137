//! A payload on its way into the database and back: compressed, then sealed, because it tells of private code.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::domain::id::DeliveryId;
use crate::error::{Error, Result, codes};

/// A payload as it will be stored.
#[derive(Debug)]
pub struct Packed {
    /// Of the payload as it came.
    pub bytes: i64,
    /// Of the payload as it came: SHA-256 in hex.
    pub hash: String,
    deflated: Vec<u8>,
}

impl Packed {
    /// Compresses a payload. It takes its time: some hundred megabytes a second.
    pub fn of(body: &[u8]) -> Result<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(body)?;
        let bytes = i64::try_from(body.len()).unwrap_or(i64::MAX);
        Ok(Self { bytes, hash: hex::encode(Sha256::digest(body)), deflated: encoder.finish()? })
    }

    pub(super) fn seal(self, app: &App, id: DeliveryId) -> Result<Vec<u8>> {
        app.sealer.seal(&identity(id), &self.deflated)
    }
}

/// The payload as it came.
pub fn unpack(app: &App, id: DeliveryId, sealed: &[u8]) -> Result<Vec<u8>> {
    let deflated = app.sealer.open(&identity(id), sealed)?;
    let mut body = Vec::new();
    DeflateDecoder::new(&deflated[..])
        .read_to_end(&mut body)
        .map_err(|error| Error::internal(codes::DATA_ERROR, "a stored payload is unreadable", error))?;
    Ok(body)
}

fn identity(id: DeliveryId) -> String {
    format!("webhook_deliveries/{id}/body")
}
