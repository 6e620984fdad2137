//! The page at `/docs`, where people read and try the API, and its document at `/openapi.json`.
//! Everything comes from the binary; nothing is fetched from elsewhere.

use std::sync::OnceLock;

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::error::{Error, Result};

/// Swagger UI styles itself at run time.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; object-src 'none'";

/// Where the document is.
const DOCUMENT: &str = "/openapi.json";

pub fn routes() -> Router {
    let config = Config::from(DOCUMENT).validator_url("none").try_it_out_enabled(true);
    let page: Router = SwaggerUi::new("/docs").config(config).into();
    page.route(DOCUMENT, get(document)).layer(middleware::from_fn(policy))
}

/// Made once, when the first asks for it.
async fn document() -> Result<impl IntoResponse> {
    static MADE: OnceLock<Bytes> = OnceLock::new();
    let document = match MADE.get() {
        Some(made) => made.clone(),
        None => {
            let made = super::document().to_json().map_err(|error| {
                Error::internal("internal_error", "the document could not be written", error)
            })?;
            MADE.get_or_init(|| made.into()).clone()
        }
    };
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], document))
}

async fn policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
