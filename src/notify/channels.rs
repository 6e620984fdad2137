//! What a channel may be like, and what changing one asks for: whoever sends it somewhere else has to know its secrets. It
//! sends nothing.

use reqwest::Url;

use super::mail::mailbox;
use super::sealed::Secret;
use super::targets::Targets;
use crate::app::App;
use crate::db::entity::notification_channels::Model;
use crate::db::{self, Doc, Tx};
use crate::domain::id::{NotificationChannelId, UserId};
use crate::domain::notification::{
    NotificationChannelType as Kind, NotificationEvent, NotificationRules, Smtp, SmtpTlsMode,
};
use crate::domain::text;
use crate::error::{Error, FieldError, Result};

const MAX_NAME: usize = 200;
const MAX_URL: usize = 2048;
const MAX_SECRET: usize = 1024;
const MAX_TEXT: usize = 256;
const MAX_RECIPIENTS: usize = 100;
const MAX_RULES: usize = 64;

/// What a channel is to be, or what is to change of it; what is left out stays.
#[derive(Default)]
pub struct Entered {
    pub name: Option<String>,
    pub enabled: Option<bool>,
    pub events: Option<Vec<String>>,
    pub rules: Option<NotificationRules>,
    pub url: Option<String>,
    /// Empty removes it.
    pub secret: Option<String>,
    pub smtp: Option<EnteredSmtp>,
}

/// The same of a mail server.
#[derive(Default)]
pub struct EnteredSmtp {
    pub host: Option<String>,
    pub port: Option<u16>,
    pub username: Option<String>,
    pub password: Option<String>,
    pub tls_mode: Option<SmtpTlsMode>,
    pub from_address: Option<String>,
    pub recipients: Option<Vec<String>>,
}

/// Whether what was entered may be told or asked at all. To be called before `create` and `update`, which look at no
/// network: here addresses of the machine are. `before` is the channel that is to change.
///
/// Errors: 400 `invalid_input`.
pub async fn check_addresses(app: &App, kind: Kind, before: Option<&Model>, entered: &Entered) -> Result<()> {
    // What is wrong with it in itself is told by whoever takes it.
    if misfit(kind, entered).is_some() {
        return Ok(());
    }
    if let Some(url) = &entered.url {
        let (url, listed) = (checked_url(url)?, Targets::read(app).await?.allowed_hosts);
        app.outgoing.may_tell(url.as_str(), &listed).map_err(|why| {
            Error::invalid_field("url", why.to_string())
                .hint("The owner can list private hosts that notifications may go to.")
        })?;
    }
    let Some(smtp) = &entered.smtp else { return Ok(()) };
    let smtp = smtp.over(before.and_then(|row| row.smtp.as_ref()).map(|smtp| &smtp.0));
    if !wrong_with(&smtp).is_empty() {
        return Ok(());
    }
    let may_ask = app.outgoing.may_ask(&format!("http://{}:{}/", in_url(&smtp.host), smtp.port));
    may_ask.map_err(|why| Error::invalid_field("smtp_config.host", why.to_string()))
}

/// Makes a channel, as part of `tx`. Its addresses were checked.
///
/// Errors: 400 `invalid_input`.
pub async fn create(tx: &Tx, app: &App, by: UserId, kind: Kind, entered: Entered) -> Result<Model> {
    let now = app.clock.now();
    let blank = Model {
        id: NotificationChannelId::new(),
        name: String::new(),
        channel_type: kind,
        enabled: true,
        events: Doc(Vec::new()),
        rules: Doc(NotificationRules::default()),
        target: None,
        url: None,
        secret: None,
        smtp: None,
        smtp_password: None,
        created_by: Some(by.to_string()),
        created_at: now,
        updated_at: now,
    };
    if let Some(field) = misfit(kind, &entered) {
        return Err(Error::invalid_field(field, format!("a channel of the type {kind} has none")));
    }
    let name = entered.name.clone().unwrap_or_default();
    let row = changed(tx, app, blank, Entered { name: Some(name), ..entered }).await?;
    let missing = match kind {
        Kind::Email => row.smtp.is_none().then_some("smtp_config"),
        Kind::Webhook | Kind::Mattermost | Kind::Slack | Kind::Discord | Kind::Teams => {
            row.url.is_none().then_some("url")
        }
    };
    if let Some(field) = missing {
        return Err(Error::invalid_field(field, format!("a channel of the type {kind} needs it")));
    }
    db::notification_channels::insert(tx, row.clone()).await?;
    Ok(row)
}

/// Changes a channel, as part of `tx`. Its addresses were checked.
///
/// Errors: 404 `not_found`; 400 `invalid_input`, `invalid_state`, `smtp_password_required_for_authority_change`.
pub async fn update(tx: &Tx, app: &App, id: NotificationChannelId, entered: Entered) -> Result<Model> {
    let row = db::notification_channels::get(tx, id).await?;
    if let Some(field) = misfit(row.channel_type, &entered) {
        let why = format!("a channel of the type {} has no {field}", row.channel_type);
        return Err(Error::invalid("invalid_state", why).hint("Make another channel; the type of one stays."));
    }
    let row = changed(tx, app, row, entered).await?;
    let row = Model { updated_at: app.clock.now(), ..row };
    db::notification_channels::update(tx, row.clone()).await?;
    if !row.enabled {
        db::notification_deliveries::give_up_all(tx, id, "the channel was turned off").await?;
    }
    Ok(row)
}

/// A field that channels of this kind do not have.
fn misfit(kind: Kind, entered: &Entered) -> Option<&'static str> {
    let signs = entered.secret.as_ref().is_some_and(|secret| !secret.is_empty());
    match kind {
        Kind::Email if entered.url.is_some() => Some("url"),
        Kind::Email => signs.then_some("secret"),
        Kind::Webhook => entered.smtp.is_some().then_some("smtp_config"),
        Kind::Mattermost | Kind::Slack | Kind::Discord | Kind::Teams if entered.smtp.is_some() => {
            Some("smtp_config")
        }
        Kind::Mattermost | Kind::Slack | Kind::Discord | Kind::Teams => signs.then_some("secret"),
    }
}

async fn changed(tx: &Tx, app: &App, mut row: Model, entered: Entered) -> Result<Model> {
    if let Some(name) = entered.name {
        row.name = checked_name(&name)?;
    }
    row.enabled = entered.enabled.unwrap_or(row.enabled);
    if let Some(events) = entered.events {
        row.events = Doc(checked_events(&events)?);
    }
    if let Some(rules) = entered.rules {
        row.rules = Doc(checked_rules(tx, rules).await?);
    }
    if let Some(url) = entered.url {
        readdress(app, &mut row, &url, entered.secret.is_some())?;
    }
    if let Some(secret) = entered.secret {
        row.secret = sealed(app, &row, Secret::Signing, ("secret", &secret))?;
    }
    if let Some(smtp) = entered.smtp {
        change_smtp(app, &mut row, smtp)?;
    }
    Ok(row)
}

/// A secret as it is stored; none if it is empty.
fn sealed(app: &App, row: &Model, kind: Secret, (field, text): (&str, &str)) -> Result<Option<Vec<u8>>> {
    if text.chars().count() > MAX_SECRET {
        return Err(Error::invalid_field(field, format!("must have at most {MAX_SECRET} characters")));
    }
    let given = (!text.is_empty()).then_some(text);
    given.map(|text| kind.seal(app, row.id, text)).transpose()
}

fn checked_name(name: &str) -> Result<String> {
    text::name(name, MAX_NAME)
        .ok_or_else(|| Error::invalid_field("name", format!("must have 1 to {MAX_NAME} characters")))
}

fn checked_events(words: &[String]) -> Result<Vec<NotificationEvent>> {
    let mut events = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let event: NotificationEvent = word.parse().map_err(|_| {
            let known: Vec<&str> = NotificationEvent::ALL.iter().map(|event| event.as_str()).collect();
            Error::invalid_field(format!("events[{n}]"), format!("must be one of {}", known.join(", ")))
        })?;
        if !events.contains(&event) {
            events.push(event);
        }
    }
    Ok(events)
}

async fn checked_rules(tx: &Tx, rules: NotificationRules) -> Result<NotificationRules> {
    let NotificationRules { mut project_ids, mut branches, person_id } = rules;
    project_ids.sort();
    project_ids.dedup();
    for (field, count) in [("project_ids", project_ids.len()), ("branches", branches.len())] {
        if count > MAX_RULES {
            return Err(Error::invalid_field(format!("rules.{field}"), format!("at most {MAX_RULES}")));
        }
    }
    branches.iter_mut().for_each(|branch| *branch = branch.trim().to_owned());
    let is_refused = |branch: &String| {
        branch.is_empty() || branch.chars().count() > MAX_TEXT || branch.chars().any(char::is_control)
    };
    if branches.iter().any(is_refused) {
        return Err(Error::invalid_field(
            "rules.branches",
            format!("each must have 1 to {MAX_TEXT} characters"),
        ));
    }
    if db::projects::find_all(tx, project_ids.clone()).await?.len() != project_ids.len() {
        return Err(Error::invalid_field("rules.project_ids", "there is no such project"));
    }
    if let Some(person) = person_id {
        let found = db::users::find(tx, person).await?;
        found.ok_or_else(|| Error::invalid_field("rules.person_id", "there is no such person"))?;
    }
    Ok(NotificationRules { project_ids, branches, person_id })
}

fn checked_url(url: &str) -> Result<Url> {
    let refuse = |why: String| Error::invalid_field("url", why);
    let parsed = Url::parse(url.trim()).ok();
    let parsed = parsed.filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    let parsed =
        parsed.ok_or_else(|| refuse("must begin with http:// or https:// and name a host".to_owned()))?;
    if parsed.as_str().chars().count() > MAX_URL {
        return Err(refuse(format!("must have at most {MAX_URL} characters")));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(refuse("must not contain a user or a password".to_owned()));
    }
    Ok(parsed)
}

fn readdress(app: &App, row: &mut Model, url: &str, has_new_secret: bool) -> Result<()> {
    let parsed = checked_url(url)?;
    let origin = parsed.origin().ascii_serialization();
    let moves = row.target.as_ref().is_some_and(|before| *before != origin);
    if moves && row.secret.is_some() && !has_new_secret {
        let why = "must be entered again: the address is another one now";
        return Err(Error::invalid_field("secret", why).hint("Enter it again, or an empty one to remove it."));
    }
    row.target = Some(origin);
    row.url = Some(Secret::Url.seal(app, row.id, parsed.as_str())?);
    Ok(())
}

fn change_smtp(app: &App, row: &mut Model, entered: EnteredSmtp) -> Result<()> {
    let before = row.smtp.as_ref().map(|smtp| smtp.0.clone());
    let smtp = entered.over(before.as_ref());
    let wrong = wrong_with(&smtp);
    if !wrong.is_empty() {
        return Err(Error::invalid_fields("invalid_input", wrong));
    }
    match &entered.password {
        Some(password) => {
            row.smtp_password = sealed(app, row, Secret::SmtpPassword, ("smtp_config.password", password))?;
        }
        None if smtp.username.is_empty() => row.smtp_password = None,
        None if before.as_ref().is_some_and(|before| is_elsewhere(before, &smtp)) => {
            let code = "smtp_password_required_for_authority_change";
            let why = "the mail server, its encryption or the login is another one now";
            return Err(Error::invalid(code, why).hint("Enter the password again."));
        }
        None => {}
    }
    if !smtp.username.is_empty() && row.smtp_password.is_none() {
        return Err(Error::invalid_field("smtp_config.password", "a login needs a password"));
    }
    row.target = Some(format!("{}:{}", smtp.host, smtp.port));
    row.smtp = Some(Doc(smtp));
    Ok(())
}

impl EnteredSmtp {
    /// What it comes to on top of what was there.
    fn over(&self, before: Option<&Smtp>) -> Smtp {
        let old = before.cloned().unwrap_or_default();
        let trimmed = |text: &String| text.trim().to_owned();
        Smtp {
            host: self.host.as_ref().map(trimmed).unwrap_or(old.host),
            port: self.port.unwrap_or(old.port),
            username: self.username.clone().unwrap_or(old.username),
            tls_mode: self.tls_mode.unwrap_or(old.tls_mode),
            from_address: self.from_address.as_ref().map(trimmed).unwrap_or(old.from_address),
            recipients: self.recipients.as_deref().map(unique).unwrap_or(old.recipients),
        }
    }
}

fn unique(recipients: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for recipient in recipients.iter().map(|recipient| recipient.trim()) {
        if !kept.iter().any(|other| other == recipient) {
            kept.push(recipient.to_owned());
        }
    }
    kept
}

/// Whether the password would come to somebody else, or be read on the way.
fn is_elsewhere(before: &Smtp, after: &Smtp) -> bool {
    let is_bared = before.tls_mode != SmtpTlsMode::None && after.tls_mode == SmtpTlsMode::None;
    before.host.to_lowercase() != after.host.to_lowercase() || before.username != after.username || is_bared
}

fn in_url(host: &str) -> String {
    let bare = host.trim_matches(['[', ']']);
    if bare.contains(':') { format!("[{bare}]") } else { bare.to_owned() }
}

fn wrong_with(smtp: &Smtp) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    let mut refuse = |is_wrong: bool, field: &str, why: &str| {
        if is_wrong {
            wrong.push(FieldError::new(format!("smtp_config.{field}"), why));
        }
    };
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    let is_long = |text: &str| text.chars().count() > MAX_TEXT;
    let names_a_host = !smtp.host.is_empty() && !is_long(&smtp.host) && smtp.host.chars().all(is_host);
    refuse(!names_a_host, "host", "must be the name or the address of a mail server");
    refuse(smtp.port == 0, "port", "must not be 0");
    let has_control = smtp.username.chars().any(char::is_control);
    refuse(is_long(&smtp.username) || has_control, "username", "must have at most 256 characters");
    let is_address = |text: &str| !is_long(text) && mailbox(text).is_some();
    refuse(!is_address(&smtp.from_address), "from_address", "must be an e-mail address");
    let is_count = (1..=MAX_RECIPIENTS).contains(&smtp.recipients.len());
    refuse(!is_count, "recipients", "there must be 1 to 100 recipients");
    let all_addresses = smtp.recipients.iter().all(|recipient| is_address(recipient));
    refuse(!all_addresses, "recipients", "each must be an e-mail address");
    wrong
}
