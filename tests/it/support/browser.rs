//! A browser, as far as cookies go: it keeps those that it is given and sends each back to the addresses it is for.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde_json::Value;

use super::{Answer, Client};

/// A browser with a name and a value of each cookie, and the path it is for.
#[derive(Debug, Default)]
pub struct Browser {
    cookies: Mutex<BTreeMap<String, (String, String)>>,
}

impl Browser {
    /// Opens a page, without whom a client is signed in as.
    pub async fn open(&self, client: &Client, url: &str) -> Answer {
        let client = Client { token: None, ..client.clone() };
        let request = client.http.get(url).header("accept", "text/html");
        let request =
            self.sent(url).into_iter().fold(request, |request, pair| request.header("cookie", pair));
        let answer = client.send(request).await;
        self.keep(&answer);
        answer
    }

    /// A page of `origin` calls the API as whom a client is signed in as.
    pub async fn call(&self, client: &Client, origin: &str, path: &str, body: Value) -> Answer {
        let request = client.request(reqwest::Method::POST, path).json(&body).header("origin", origin);
        let request =
            self.sent(path).into_iter().fold(request, |request, pair| request.header("cookie", pair));
        let answer = client.send(request).await;
        if origin == client.base {
            self.keep(&answer);
        }
        answer
    }

    fn sent(&self, url: &str) -> Vec<String> {
        let path = reqwest::Url::parse(url).map_or_else(|_| url.to_owned(), |url| url.path().to_owned());
        let cookies = self.cookies.lock();
        let fitting = cookies.iter().filter(|(_, (_, scope))| path.starts_with(scope.as_str()));
        fitting.map(|(name, (value, _))| format!("{name}={value}")).collect()
    }

    fn keep(&self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let mut parts = cookie.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts.find_map(|part| part.strip_prefix("Path=")).unwrap();
            self.cookies.lock().insert(name.to_owned(), (value.to_owned(), path.to_owned()));
        }
    }
}
