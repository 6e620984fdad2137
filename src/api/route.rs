//! Routes and their descriptions: a route can't exist without one. Descriptions are large and slow to make, so that a daemon
//! starts without them; they are made for whoever reads the document.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, Route as AnyRoute};
use tower::{Layer, Service};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::app::App;

type Describe = fn() -> UtoipaMethodRouter<Arc<App>>;

/// The handlers of one path, made by `routes!`.
pub struct Route {
    pub path: String,
    pub methods: MethodRouter<Arc<App>>,
    pub describe: Describe,
}

/// Handlers with `#[utoipa::path]`, all of the same path.
macro_rules! routes {
    ($first:ident $(, $other:ident)* $(,)?) => {
        pastey::paste! {{
            use utoipa_axum::PathItemExt;
            let methods = axum::routing::MethodRouter::new();
            let on = <[<__path_ $first>] as utoipa::Path>::methods();
            let methods = on.iter().fold(methods, |methods, method| methods.on(method.to_method_filter(), $first));
            $(
                let on = <[<__path_ $other>] as utoipa::Path>::methods();
                let methods =
                    on.iter().fold(methods, |methods, method| methods.on(method.to_method_filter(), $other));
            )*
            $crate::api::route::Route {
                path: <[<__path_ $first>] as utoipa::Path>::path(),
                methods,
                describe: || utoipa_axum::routes!($first $(, $other)*),
            }
        }}
    };
}

pub(crate) use routes;

/// The routes of one resource, or of all.
#[derive(Default)]
pub struct Routes {
    router: Router<Arc<App>>,
    descriptions: Vec<Describe>,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn routes(mut self, Route { path, methods, describe }: Route) -> Self {
        self.descriptions.push(describe);
        Self { router: self.router.route(&path, methods), ..self }
    }

    pub fn merge(mut self, other: Self) -> Self {
        self.descriptions.extend(other.descriptions);
        Self { router: self.router.merge(other.router), ..self }
    }

    /// Wraps the routes so far, as `Router::layer` does.
    pub fn layer<L>(self, layer: L) -> Self
    where
        L: Layer<AnyRoute> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Self { router: self.router.layer(layer), ..self }
    }

    pub fn into_router(self) -> Router<Arc<App>> {
        self.router
    }

    /// Puts what describes the routes into `document`.
    pub fn describe_in(&self, document: OpenApi) -> OpenApi {
        let described = OpenApiRouter::with_openapi(document);
        self.descriptions
            .iter()
            .fold(described, |described, describe| described.routes(describe()))
            .into_openapi()
    }
}
