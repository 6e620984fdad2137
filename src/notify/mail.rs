//! A message as e-mail: text and HTML, one for each recipient, through the server that the channel names. Its host is
//! resolved once and every connection goes there; encryption that is asked for is never left out.

use std::net::SocketAddr;
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::message::{Mailbox, MessageBuilder, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::web::without;
use super::words::Said;
use super::{Stop, Told};
use crate::app::App;
use crate::db;
use crate::db::entity::notification_deliveries::Model;
use crate::domain::id::NotificationDeliveryId;
use crate::domain::notification::{Smtp, SmtpTlsMode};
use crate::domain::text::html;

const TIMEOUT: Duration = Duration::from_secs(30);

/// An e-mail before it has recipients.
pub struct Letter<'a> {
    pub smtp: &'a Smtp,
    pub password: Option<&'a str>,
    /// The same for every attempt.
    pub id: &'a str,
    /// When it was written, which is the same for every attempt too. In Unix seconds.
    pub at: i64,
}

/// Who has the message already, and where that is kept.
pub struct Reached {
    delivery: Option<NotificationDeliveryId>,
    recipients: Vec<String>,
}

impl Reached {
    pub fn of(delivery: &Model) -> Self {
        Self { delivery: Some(delivery.id), recipients: delivery.reached.0.clone() }
    }

    /// Of what is kept nowhere.
    pub fn nobody() -> Self {
        Self { delivery: None, recipients: Vec::new() }
    }

    /// One more has it; an attempt that is cut off after this does not send it again.
    async fn add(&mut self, app: &App, recipient: &str) -> Told {
        self.recipients.push(recipient.to_owned());
        let (Some(id), reached) = (self.delivery, &self.recipients) else { return Ok(()) };
        Ok(app.db.write(async |tx| db::notification_deliveries::keep_reached(tx, id, reached).await).await?)
    }
}

/// An address, perhaps with a name in front of it.
pub fn mailbox(text: &str) -> Option<Mailbox> {
    let is_plain = text.contains('@') && !text.chars().any(char::is_control);
    text.trim().parse().ok().filter(|_| is_plain)
}

impl Letter<'_> {
    /// Sends it to everybody who does not have it yet. One who is refused keeps it from nobody else.
    pub async fn send(&self, app: &App, said: &Said, mut reached: Reached) -> Told {
        let addresses = app.outgoing.resolve(&self.smtp.host, self.smtp.port).await?;
        let mut connection = None;
        let mut stopped: Vec<(String, Stop)> = Vec::new();
        for recipient in &self.smtp.recipients {
            if reached.recipients.contains(recipient) {
                continue;
            }
            let open = match connection.take() {
                Some(open) => open,
                // Without a connection nobody can be told.
                None => in_time(self.connect(&addresses)).await.map_err(|stop| self.cleaned(stop))?,
            };
            match in_time(self.hand_over(open, said, recipient)).await {
                Ok(open) => {
                    connection = Some(open);
                    reached.add(app, recipient).await?;
                }
                Err(stop) => stopped.push((recipient.clone(), self.cleaned(stop))),
            }
        }
        if let Some(mut open) = connection {
            // It has everything; whether it says good-bye does not matter.
            let _said = tokio::time::timeout(Duration::from_secs(1), open.quit()).await;
        }
        self.together(stopped)
    }

    /// What could not be sent to some; it is tried again if it may work for one of them.
    fn together(&self, stopped: Vec<(String, Stop)>) -> Told {
        let may_work = |(_, stop): &&(String, Stop)| matches!(stop, Stop::Again(..));
        let Some((recipient, stop)) = stopped.iter().find(may_work).or(stopped.first()) else {
            return Ok(());
        };
        let others = match stopped.len() - 1 {
            0 => String::new(),
            others => format!(" (and {others} more)"),
        };
        let named = |why: &str| format!("{recipient}{others}: {why}");
        Err(match stop {
            Stop::Again(why, wait) => Stop::Again(named(why), *wait),
            Stop::Never(why) => Stop::Never(named(why)),
        })
    }

    async fn connect(&self, addresses: &[SocketAddr]) -> Result<AsyncSmtpConnection, Stop> {
        let hello = self.hello();
        let tls = || TlsParameters::new(self.smtp.host.clone()).map_err(stop);
        let implicit = match self.smtp.tls_mode {
            SmtpTlsMode::Tls => Some(tls()?),
            SmtpTlsMode::StartTls | SmtpTlsMode::None => None,
        };
        let connected =
            AsyncSmtpConnection::connect_tokio1(addresses, Some(TIMEOUT), &hello, implicit, None).await;
        let mut open = connected.map_err(stop)?;
        if self.smtp.tls_mode == SmtpTlsMode::StartTls {
            if !open.can_starttls() {
                return Err(Stop::Never("the mail server does not offer STARTTLS".to_owned()));
            }
            open.starttls(tls()?, &hello).await.map_err(stop)?;
        }
        if !self.smtp.username.is_empty() {
            let password = self.password.unwrap_or_default().to_owned();
            let credentials = Credentials::new(self.smtp.username.clone(), password);
            open.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(stop)?;
        }
        Ok(open)
    }

    /// Answers the connection, which is good for another one.
    async fn hand_over(
        &self,
        mut open: AsyncSmtpConnection,
        said: &Said,
        recipient: &str,
    ) -> Result<AsyncSmtpConnection, Stop> {
        let unusable = || Stop::Never("the address is not one that mail can be sent to".to_owned());
        let to = mailbox(recipient).ok_or_else(unusable)?;
        let from = mailbox(&self.smtp.from_address).ok_or_else(unusable)?;
        let domain = from.email.domain().to_owned();
        let written = MessageBuilder::new()
            .from(from)
            .to(to)
            .subject(format!("[Oore CI] {}", said.title))
            .message_id(Some(format!("<{}.{}@{domain}>", self.id, digest(recipient))))
            .date(UNIX_EPOCH + Duration::from_secs(self.at.unsigned_abs()))
            .raw_header(lettre::message::header::HeaderValue::new(
                lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .multipart(MultiPart::alternative_plain_html(text(said), markup(said)));
        let message = written.map_err(|error| Stop::Never(format!("no message can be made: {error}")))?;
        open.send(message.envelope(), &message.formatted()).await.map_err(stop)?;
        Ok(open)
    }

    /// How we introduce ourselves: as the domain that the mail is from.
    fn hello(&self) -> ClientId {
        let domain = mailbox(&self.smtp.from_address).map(|from| from.email.domain().to_owned());
        domain.map_or_else(ClientId::default, ClientId::Domain)
    }

    /// The password stays out of what is kept, whatever the server says.
    fn cleaned(&self, stop: Stop) -> Stop {
        let password = self.password.unwrap_or_default();
        // As the commands of SMTP have it.
        let [plain, alone] = [format!("\0{}\0{password}", self.smtp.username), password.to_owned()]
            .map(|text| STANDARD.encode(text));
        let secrets: &[&str] = if password.is_empty() { &[] } else { &[password, &plain, &alone] };
        let clean = |why: &str| without(why, secrets);
        match stop {
            Stop::Again(why, wait) => Stop::Again(clean(&why), wait),
            Stop::Never(why) => Stop::Never(clean(&why)),
        }
    }
}

async fn in_time<T>(act: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    let late = |_| Stop::Again("the mail server did not answer in time".to_owned(), None);
    tokio::time::timeout(TIMEOUT, act).await.map_err(late)?
}

fn stop(error: SmtpError) -> Stop {
    let said = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
    if error.is_permanent() {
        return Stop::Never(format!("the mail server refused it{}{said}", code(&error)));
    }
    if error.is_transient() {
        return Stop::Again(format!("the mail server could not take it{}{said}", code(&error)), None);
    }
    if error.is_client() {
        return Stop::Never(format!("the mail server can't be used{said}"));
    }
    Stop::Again(format!("the mail server could not be reached{said}"), None)
}

fn code(error: &SmtpError) -> String {
    error.status().map(|code| format!(" ({code})")).unwrap_or_default()
}

/// Tells the messages of one delivery apart.
fn digest(recipient: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(&Sha256::digest(recipient)[..6])
}

fn text(said: &Said) -> String {
    let facts = said.facts.iter().map(|(name, value)| format!("{name}: {value}\n"));
    let link = said.link.iter().map(|link| format!("\n{link}\n"));
    format!("{}\n\n{}{}", said.title, facts.collect::<String>(), link.collect::<String>())
}

fn markup(said: &Said) -> String {
    let row = |(name, value): &(&str, String)| {
        format!("<tr><td style=\"padding-right:1em\">{name}</td><td>{}</td></tr>", html(value))
    };
    let rows: String = said.facts.iter().map(row).collect();
    let table = if rows.is_empty() { rows } else { format!("<table>{rows}</table>") };
    let link =
        said.link.as_deref().map(|link| format!("<p><a href=\"{}\">Open in Oore CI</a></p>", html(link)));
    format!(
        "<!doctype html><html><body style=\"font-family:sans-serif\"><h3>{}</h3>{table}{}</body></html>",
        html(&said.title),
        link.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_addresses() {
        for text in ["ci@example.com", "Oore CI <ci@example.com>", "a+b@sub.example.com"] {
            assert!(mailbox(text).is_some(), "{text}");
        }
        for text in ["", "ci", "@", "a@", "@b", "a b@c", "ci@example.com\r\nBcc: x@y", "a@b, c@d"] {
            assert!(mailbox(text).is_none(), "{text}");
        }
    }

    #[test]
    fn nothing_that_people_write_is_markup() {
        let facts = vec![("Branch", "<b>&\"".to_owned())];
        let said =
            Said { title: "<script>".to_owned(), tone: super::super::words::Tone::Bad, facts, link: None };
        let shown = markup(&said);
        assert!(!shown.contains("<script>") && !shown.contains("<b>"), "{shown}");
        assert!(text(&said).contains("Branch: <b>&\""));
    }
}
