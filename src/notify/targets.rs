//! Which private hosts notifications may go to. The owner lists them; without a list it is this machine by its name.

use crate::app::App;
use crate::db;
use crate::error::{Error, FieldError, Result};

/// What is listed until the owner says otherwise.
const LISTED_AT_FIRST: &str = "localhost";
const MAX_HOSTS: usize = 64;
const MAX_HOST_CHARS: usize = 255;

/// The hosts that are listed, and since when, if somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    pub allowed_hosts: Vec<String>,
    pub updated_at: Option<i64>,
}

impl Targets {
    pub async fn read(app: &App) -> Result<Self> {
        let row = db::notification_settings::find(app.db.read()).await?;
        Ok(match row {
            Some(row) => Self { allowed_hosts: row.allowed_hosts.0, updated_at: Some(row.updated_at) },
            None => Self { allowed_hosts: vec![LISTED_AT_FIRST.to_owned()], updated_at: None },
        })
    }
}

/// Names and addresses as hosts in URLs are written, each once.
///
/// Errors: 400 `invalid_input`.
pub fn checked(hosts: &[String]) -> Result<Vec<String>> {
    if hosts.len() > MAX_HOSTS {
        return Err(Error::invalid_field("allowed_hosts", format!("at most {MAX_HOSTS} hosts")));
    }
    let mut checked = Vec::new();
    let mut refused = Vec::new();
    for (n, host) in hosts.iter().enumerate() {
        match as_in_urls(host) {
            Some(host) if checked.contains(&host) => {}
            Some(host) => checked.push(host),
            None => {
                let why = "must be the name or the address of a host, without scheme, port and path";
                refused.push(FieldError::new(format!("allowed_hosts[{n}]"), why));
            }
        }
    }
    if refused.is_empty() { Ok(checked) } else { Err(Error::invalid_fields("invalid_input", refused)) }
}

fn as_in_urls(host: &str) -> Option<String> {
    let bare = host.trim().trim_matches(['[', ']']);
    let is_plain = bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'));
    if bare.is_empty() || bare.chars().count() > MAX_HOST_CHARS || !is_plain {
        return None;
    }
    let in_url = if bare.contains(':') { format!("http://[{bare}]/") } else { format!("http://{bare}/") };
    let url = reqwest::Url::parse(&in_url).ok()?;
    Some(url.host_str()?.trim_matches(['[', ']']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_written_as_urls_have_them() {
        let hosts = ["Chat.LAN", " 10.0.0.5 ", "[FD12::1]", "fd12:0::1", "0x7f.1", "münchen.example"];
        let hosts = hosts.map(str::to_owned);
        let expected = ["chat.lan", "10.0.0.5", "fd12::1", "127.0.0.1", "xn--mnchen-3ya.example"];
        assert_eq!(checked(&hosts).unwrap(), expected);
        for host in ["", " ", "http://a", "a/b", "a b", "*.lan", "10.0.0.0/8", "a:80", "ä b"] {
            let refused = checked(&["ok".to_owned(), host.to_owned()]).unwrap_err();
            assert_eq!(refused.fields[0].field, "allowed_hosts[1]", "{host}");
        }
        assert!(checked(&vec!["a".to_owned(); MAX_HOSTS + 1]).is_err());
    }
}
