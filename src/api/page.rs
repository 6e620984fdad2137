//! Small pages for people who come back from a code host with their browser: no script but one, no style but one,
//! each allowed by its hash and nothing else.

use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::guard;
use crate::app::App;
use crate::domain::source::ScmProvider;
use crate::domain::text::html as escaped;
use crate::error::Error;
use crate::forge::host::named;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;color:#1b1b1f;background:#fff;display:grid;place-items:center;\
    min-height:90vh;margin:1rem}main{max-width:36rem}button{font:inherit;padding:.5rem 1rem}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#16161a}a{color:#8ab4ff}}";
const SUBMIT: &str = "document.forms[0].submit()";

/// What a page is made of.
#[derive(Debug, Default)]
pub struct Page<'a> {
    pub title: &'a str,
    pub text: String,
    /// Where it goes after two seconds.
    pub next: Option<String>,
    /// Where one can go back to.
    pub back: Option<String>,
    /// A form that is posted at once: address, name of the field, its value.
    pub form: Option<(&'a str, &'a str, &'a str)>,
}

/// What went wrong on the way back from a code host. It is answered 200, since a person reads it.
pub fn told(app: &App, provider: ScmProvider, error: &Error) -> Response {
    tracing::info!(code = error.code, "connecting {} did not work: {error}", named(provider));
    Page::of_error(error, &guard::base_url(app)).into_response()
}

impl Page<'_> {
    /// What went wrong, in the words of an error, and the way back to the integrations of the UI at `base`.
    fn of_error(error: &Error, base: &str) -> Self {
        let hint = error.hint.as_deref().unwrap_or_default();
        Page {
            title: "This did not work",
            text: format!("{}. {hint}", capitalised(&error.message)),
            back: Some(format!("{base}/settings/integrations")),
            ..Page::default()
        }
    }

    fn html(&self) -> String {
        let (title, text) = (escaped(self.title), escaped(&self.text));
        let mut head = String::new();
        let mut body = format!("<h1>{title}</h1><p>{text}</p>");
        if let Some(next) = &self.next {
            let next = escaped(next);
            head = format!("<meta http-equiv=\"refresh\" content=\"2;url={next}\">");
            body.push_str(&format!("<p><a href=\"{next}\">Go on</a></p>"));
        }
        if let Some(back) = &self.back {
            body.push_str(&format!("<p><a href=\"{}\">Back to the integrations</a></p>", escaped(back)));
        }
        if let Some((action, name, value)) = self.form {
            let (action, name, value) = (escaped(action), escaped(name), escaped(value));
            body.push_str(&format!(
                "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"{name}\" value=\"{value}\">\
                 <button>Go on</button></form><script>{SUBMIT}</script>"
            ));
        }
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width\">{head}<style>{STYLE}</style></head>\
             <body><main>{body}</main></body></html>"
        )
    }

    fn policy(&self) -> String {
        let style = hash(STYLE);
        let (script, target) = match self.form {
            Some((action, ..)) => (hash(SUBMIT), origin(action)),
            None => ("'none'".to_owned(), "'none'".to_owned()),
        };
        format!(
            "default-src 'none'; style-src {style}; script-src {script}; form-action {target}; base-uri 'none'; \
             object-src 'none'; frame-ancestors 'none'"
        )
    }
}

impl IntoResponse for Page<'_> {
    fn into_response(self) -> Response {
        let mut response = self.html().into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        if let Ok(policy) = HeaderValue::from_str(&self.policy()) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// Where a form may go to, for the policy.
fn origin(address: &str) -> String {
    let origin = reqwest::Url::parse(address).map(|url| url.origin().ascii_serialization());
    origin.unwrap_or_else(|_| "'none'".to_owned())
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_comes_from_elsewhere_is_markup() {
        let page = Page {
            title: "<script>",
            text: "\"><img src=x onerror=alert(1)>".to_owned(),
            next: Some("https://ci.example.com/?a='\"><script>".to_owned()),
            back: Some("https://ci.example.com/\"><script>".to_owned()),
            form: Some((
                "https://github.example.com/x?\"><script>",
                "manifest",
                "{\"a\":\"</form><script>\"}",
            )),
        };
        let html = page.html();
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert!(!html.contains("<img"), "{html}");
        assert!(page.policy().contains("form-action https://github.example.com;"), "{}", page.policy());
    }
}
