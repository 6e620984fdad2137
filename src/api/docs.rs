//! The page at `/docs`, where people read and try the API, and its document at `/openapi.json`.
//! Everything comes from the binary; nothing is fetched from elsewhere.

use axum::Router;
use axum::extract::Request;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Swagger UI styles itself at run time.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; object-src 'none'";

pub fn routes(document: utoipa::openapi::OpenApi) -> Router {
    let config = Config::from("/openapi.json").validator_url("none").try_it_out_enabled(true);
    let page: Router = SwaggerUi::new("/docs").config(config).url("/openapi.json", document).into();
    page.layer(middleware::from_fn(policy))
}

async fn policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
