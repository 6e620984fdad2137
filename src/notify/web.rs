//! A message to a web address: once, signed if there is a secret, without redirects. What the receiver says is kept out of
//! the log as far as it repeats what is secret.

use hmac::{Hmac, Mac};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use sha2::Sha256;
use std::time::Duration;

use super::targets::Targets;
use super::{Stop, Told};
use crate::app::App;
use crate::outgoing::Answer;
use crate::reports::text::plain;

const TIMEOUT: Duration = Duration::from_secs(30);
const PROGRAM: &str = "oore-ci/1.0";
/// The longest pause that a receiver may ask for, in seconds.
const LONGEST_WAIT: i64 = 3600;
/// Words of a receiver that are kept, in characters.
const MAX_WORDS: usize = 120;
/// A part of an address that is so long, in bytes, may be a secret.
const TELLING: usize = 8;

/// Posts a body. `id` is the same for every attempt.
pub async fn post(app: &App, url: &str, secret: Option<&str>, (id, body): (&str, &str)) -> Told {
    let listed = Targets::read(app).await?.allowed_hosts;
    let mut request = app.outgoing.request_to_tell(Method::POST, url, &listed)?;
    request = request.header("content-type", "application/json").header("user-agent", PROGRAM);
    request = request.header("x-oore-delivery", id).timeout(TIMEOUT);
    if let Some(secret) = secret {
        request = request.header("x-oore-signature", signature(secret, body)?);
    }
    let answer = app.outgoing.send_for_status(request.body(body.to_owned())).await?;
    verdict(&answer, &[url, secret.unwrap_or_default()])
}

/// `sha256=` and the HMAC-SHA-256 of the body, in hexadecimal digits.
fn signature(secret: &str, body: &str) -> Result<String, Stop> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mut mac = mac.map_err(|_| Stop::Never("the secret can't be used".to_owned()))?;
    mac.update(body.as_bytes());
    Ok(format!("sha256={}", hex::encode(mac.finalize().into_bytes())))
}

fn verdict(answer: &Answer, secrets: &[&str]) -> Told {
    let status = answer.status;
    if status.is_success() {
        return Ok(());
    }
    let code = status.as_u16();
    if status.is_redirection() {
        return Err(Stop::Never(format!("the receiver answered {code}: redirects are not followed")));
    }
    let said = words(answer, secrets);
    let why = format!("the receiver answered {code}{said}");
    let passing = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY);
    if passing || status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(Stop::Again(why, wait(&answer.headers)));
    }
    Err(Stop::Never(why))
}

/// What the receiver said, if that is text.
fn words(answer: &Answer, secrets: &[&str]) -> String {
    let Ok(text) = std::str::from_utf8(&answer.body) else { return String::new() };
    let text = text.trim();
    if text.is_empty() || text.starts_with('<') {
        return String::new();
    }
    format!(": {}", plain(&without(text, secrets), MAX_WORDS))
}

/// Text in which nothing secret is left; of an address that is all behind its host, whole and in its parts.
pub fn without(text: &str, secrets: &[&str]) -> String {
    let mut parts: Vec<String> = secrets.iter().flat_map(|secret| parts(secret)).collect();
    // The longest first, so that no part leaves the rest of a longer one.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    // JSON may write a slash with a backslash.
    let text = text.replace("\\/", "/");
    parts.iter().fold(text, |text, part| text.replace(part, "***"))
}

fn parts(secret: &str) -> Vec<String> {
    let whole = Some(secret.to_owned()).filter(|whole| whole.chars().count() > 1);
    let Ok(url) = reqwest::Url::parse(secret) else { return whole.into_iter().collect() };
    let behind_host = [Some(url.path()), url.query()].into_iter().flatten().map(str::to_owned);
    let segments = url.path().split('/').map(str::to_owned);
    // As they are and as they are written.
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let written = url.query().unwrap_or_default().split(['&', '=']).map(str::to_owned);
    let telling = segments.chain(values).chain(written).filter(|part| part.len() >= TELLING);
    whole.into_iter().chain(behind_host.filter(|part| part.len() > 1)).chain(telling).collect()
}

/// How many seconds the receiver wants to be left alone.
fn wait(headers: &HeaderMap) -> Option<i64> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<i64>().ok()?;
    Some(seconds.clamp(0, LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "99999".parse().unwrap())]);
        Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_the_rest_is_not() {
        for status in [200, 202, 204] {
            assert_eq!(verdict(&answer(status, "x"), &[]), Ok(()));
        }
        for status in [408, 425, 429, 500, 503] {
            let stop = verdict(&answer(status, ""), &[]).unwrap_err();
            assert_eq!(stop, Stop::Again(format!("the receiver answered {status}"), Some(3600)));
        }
        for status in [301, 302, 307, 400, 401, 404, 410] {
            assert!(matches!(verdict(&answer(status, ""), &[]), Err(Stop::Never(_))), "{status}");
        }
    }

    #[test]
    fn what_the_receiver_says_is_kept_without_what_is_secret() {
        let secrets = ["https://hooks.example.com/services/T0/B0/abc", "s3cret"];
        let said = "no_service /services/T0/B0/abc s3cret\nhttps://hooks.example.com/services/T0/B0/abc";
        let Err(Stop::Never(why)) = verdict(&answer(404, said), &secrets) else { panic!("given up") };
        assert_eq!(why, "the receiver answered 404: no_service *** *** ***");
        let token = ["https://hooks.example.com/services/abcdefgh12?sig=longer%2Fsecret"];
        for said in
            ["unknown abcdefgh12", r"\/services\/abcdefgh12", "sig longer/secret", "longer%2Fsecret is no"]
        {
            let Err(Stop::Never(why)) = verdict(&answer(404, said), &token) else { panic!("given up") };
            assert!(!why.contains("abcdefgh12") && !why.contains("secret"), "{why}");
        }
        let page = verdict(&answer(404, "<html>"), &secrets);
        assert_eq!(page, Err(Stop::Never("the receiver answered 404".to_owned())));
    }

    #[test]
    fn a_signature_is_the_hmac_of_the_body() {
        // RFC 4231, test case 2.
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", "what do ya want for nothing?").unwrap(), expected);
    }
}
