//! The page inside the binary.

use reqwest::Method;

use crate::support::Server;

#[tokio::test]
async fn page_addresses_answer_the_application_and_others_do_not() {
    let server = Server::start().await;
    let client = server.anonymous();
    for path in ["/", "/login", "/builds/0190-x", "/projects/new", "/runners", "/settings/access"] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.text.contains("<!doctype html>") || answer.text.contains("<!DOCTYPE html>"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    }
    for path in ["/assets/nothing.js", "/robots.php", "/v1/nothing", "/etc/passwd", "/index.html.map"] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    assert_eq!(client.send(client.request(Method::POST, "/projects")).await.status, 404);
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let server = Server::start().await;
    let client = server.anonymous();
    let first = client.get("/").await;
    let tag = first.header("etag").unwrap().to_owned();
    let again = client.send(client.request(Method::GET, "/").header("if-none-match", &tag)).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    let other = client.send(client.request(Method::GET, "/").header("if-none-match", "\"other\"")).await;
    assert_eq!(other.status, 200);
}
