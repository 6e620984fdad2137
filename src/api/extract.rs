//! What handlers take from a request. Malformed input comes out as the product's own error, never
//! as the framework's text.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::guard;
use super::object::Object;
use super::rejection::unreadable;
use crate::app::App;
use crate::auth::approach::Approach;
use crate::auth::caller::{Caller, bearer};
use crate::auth::peer::{CLIENT_HEADERS, Origin, Peer, Visitor, is_forwarding, is_loopback, named_client};
use crate::auth::setup::{self, SetupSession};
use crate::db::listing::{Direction, NamedSort, Page};
use crate::domain::text::given;
use crate::error::{Error, Kind, Result};

/// The application, as handlers take it.
pub type AppState = axum::extract::State<Arc<App>>;

/// A JSON body: always an object.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = axum::Json::<Object<T>>::from_request(request, state).await;
        body.map(|axum::Json(Object(value))| Json(value)).map_err(refused_body)
    }
}

/// A JSON body that may be left out, or be `null`.
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let (head, body) = request.into_parts();
        let Bytes(bytes) = Bytes::from_request(Request::from_parts(head.clone(), body), state).await?;
        if matches!(bytes.trim_ascii(), b"" | b"null") {
            return Ok(Self(T::default()));
        }
        let Json(value) = Json::<T>::from_request(Request::from_parts(head, bytes.into()), state).await?;
        Ok(Self(value))
    }
}

fn refused_body(rejection: JsonRejection) -> Error {
    match &rejection {
        JsonRejection::BytesRejection(bytes) => refused_bytes(bytes),
        JsonRejection::MissingJsonContentType(_) => {
            Error::invalid("invalid_request", "the body must be JSON")
                .hint("Send Content-Type: application/json.")
        }
        JsonRejection::JsonDataError(_) | JsonRejection::JsonSyntaxError(_) | _ => {
            unreadable(&rejection.body_text())
        }
    }
}

fn refused_bytes(rejection: &BytesRejection) -> Error {
    if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return Error::new(Kind::TooLarge, "payload_too_large", "the body is larger than accepted here");
    }
    Error::invalid("invalid_request", "the body could not be read to its end")
}

/// The body as it came, within the limit of the route.
pub struct Bytes(pub axum::body::Bytes);

impl<S: Send + Sync> FromRequest<S> for Bytes {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let body = axum::body::Bytes::from_request(request, state).await;
        body.map(Bytes).map_err(|rejection| refused_bytes(&rejection))
    }
}

/// Query parameters.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|axum::extract::Query(value)| Query(value))
            .map_err(|rejection: QueryRejection| unreadable(&rejection.body_text()))
    }
}

/// Path parameters. An id that can't be one names nothing: 404, like any other unknown id.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Path(value))
            .map_err(|_: PathRejection| Error::not_found("what the address names was"))
    }
}

/// Who turned out to be calling, for what surrounds the handler.
#[derive(Debug, Clone, Default)]
pub struct FoundCaller(Arc<OnceLock<Caller>>);

impl FoundCaller {
    pub fn keep(&self, caller: &Caller) {
        // A second extractor finds the same one.
        let _ = self.0.set(caller.clone());
    }

    pub fn get(&self) -> Option<&Caller> {
        self.0.get()
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let origin = Origin::from_request_parts(parts, app).await?;
        let caller = Caller::identify(app, origin, authorization(&parts.headers)).await?;
        if let Some(found) = parts.extensions.get::<FoundCaller>() {
            found.keep(&caller);
        }
        Ok(caller)
    }
}

impl FromRequestParts<Arc<App>> for SetupSession {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let origin = Origin::from_request_parts(parts, app).await?;
        setup::identify(app, origin, bearer(authorization(&parts.headers))?).await
    }
}

/// The `Authorization` header as text. Two of them prove nothing.
pub fn authorization(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    match (given.next(), given.next()) {
        (Some(one), None) => one.to_str().ok(),
        (None, _) | (Some(_), Some(_)) => None,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let found = parts.extensions.get::<Origin>().copied();
        found.ok_or_else(|| Error::internal("internal_error", "the connection is unknown", "no peer"))
    }
}

/// Where a request comes from; `None` if it came over no connection of ours.
pub fn origin_of(request: &Request) -> Option<Origin> {
    let peer = *request.extensions().get::<Peer>()?;
    let forwarded = request.headers().keys().any(|name| is_forwarding(name.as_str()));
    let client = is_loopback(peer.remote.ip()).then(|| forwarded_client(request.headers())).flatten();
    Some(Origin { peer, forwarded, client })
}

impl<S: Send + Sync> FromRequestParts<S> for Approach {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(guard::approach(&parts.headers, &parts.uri, &parts.extensions))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let origin = Origin::from_request_parts(parts, state).await?;
        let program = parts.headers.get(USER_AGENT).map_or(&b""[..], |value| value.as_bytes());
        Ok(Visitor::new(origin, program))
    }
}

fn forwarded_client(headers: &HeaderMap) -> Option<IpAddr> {
    let named = CLIENT_HEADERS.iter().filter_map(|name| headers.get_all(*name).iter().next_back());
    named.filter_map(|value| named_client(value.to_str().ok()?)).find(|ip| !is_loopback(*ip))
}

/// Paging and sorting as they come in the query of a list.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// How many rows at most.
    pub limit: Option<i64>,
    /// How many rows to leave out first.
    pub offset: Option<i64>,
    /// `asc` or `desc`.
    pub direction: Option<String>,
}

/// How a list treats a limit outside its range.
#[derive(Debug, Clone, Copy)]
pub enum Limits {
    /// Refused with 400 `invalid_input`.
    Strict { default: u64, max: u64 },
    /// Moved to the nearest allowed value.
    Clamped { default: u64, max: u64 },
}

impl ListQuery {
    pub fn page(&self, limits: Limits) -> Result<Page> {
        let offset = u64::try_from(self.offset.unwrap_or(0)).unwrap_or(0);
        let limit = match limits {
            Limits::Clamped { default, max } => match self.limit {
                None => default,
                Some(limit) => u64::try_from(limit).unwrap_or(0).clamp(1, max),
            },
            Limits::Strict { default, max } => match self.limit {
                None => default,
                Some(limit) if limit <= 0 => {
                    return Err(Error::invalid("invalid_input", "limit must be 1 or more"));
                }
                Some(limit) => u64::try_from(limit).unwrap_or(max).min(max),
            },
        };
        Ok(Page { limit, offset })
    }

    /// The direction; 400 `invalid_input` for an unknown word.
    pub fn direction(&self, default: Direction) -> Result<Direction> {
        match self.direction.as_deref() {
            None | Some("") => Ok(default),
            Some("asc") => Ok(Direction::Ascending),
            Some("desc") => Ok(Direction::Descending),
            Some(_) => Err(Error::invalid("invalid_input", "direction must be asc or desc")),
        }
    }
}

/// Longest text that is searched for in lists, in characters; the database knows no patterns of any length.
const MAX_SEARCH_CHARS: usize = 200;

/// The text that a list is searched for, if one is given; 400 `invalid_input` for one that is too long. `field` names it.
pub fn searched(text: Option<&str>, field: &str) -> Result<Option<String>> {
    let Some(text) = given(text) else { return Ok(None) };
    if text.chars().count() > MAX_SEARCH_CHARS {
        return Err(Error::invalid_field(field, format!("must have at most {MAX_SEARCH_CHARS} characters")));
    }
    Ok(Some(text.to_owned()))
}

/// A word of a query, if one is given; 400 `invalid_input` for one that is none of `T`, which `name` names.
pub fn parsed<T: FromStr>(word: Option<&str>, name: &str) -> Result<Option<T>> {
    let unknown = |word: &str| Error::invalid("invalid_input", format!("'{word}' is no {name}"));
    given(word).map(|word| word.parse().map_err(|_| unknown(word))).transpose()
}

/// The sort order of a list of things with a name; 400 `invalid_input` for an unknown word.
pub fn named_sort(word: Option<&str>) -> Result<NamedSort> {
    let word = word.filter(|word| !word.is_empty()).unwrap_or(NamedSort::CreatedAt.as_str());
    word.parse().map_err(|_| Error::invalid("invalid_input", "sort must be created_at, updated_at or name"))
}
