//! What a channel needs to speak, with its secrets opened; and how they are kept. It sends nothing.

use zeroize::Zeroizing;

use crate::app::App;
use crate::db::entity::notification_channels::Model;
use crate::domain::id::NotificationChannelId;
use crate::domain::notification::{NotificationChannelType, Smtp};
use crate::error::{Error, Result, codes};

/// A secret of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    Url,
    Signing,
    SmtpPassword,
}

/// How a channel's messages go.
pub enum Way {
    Web { url: Zeroizing<String>, secret: Option<Zeroizing<String>> },
    Mail { smtp: Smtp, password: Option<Zeroizing<String>> },
}

impl Secret {
    fn identity(self, id: NotificationChannelId) -> String {
        let column = match self {
            Secret::Url => "url",
            Secret::Signing => "secret",
            Secret::SmtpPassword => "smtp_password",
        };
        format!("notification_channels/{id}/{column}")
    }

    fn of(self, row: &Model) -> Option<&[u8]> {
        match self {
            Secret::Url => row.url.as_deref(),
            Secret::Signing => row.secret.as_deref(),
            Secret::SmtpPassword => row.smtp_password.as_deref(),
        }
    }

    /// As it is stored.
    pub fn seal(self, app: &App, id: NotificationChannelId, text: &str) -> Result<Vec<u8>> {
        app.sealer.seal(&self.identity(id), text.as_bytes())
    }

    fn open(self, app: &App, row: &Model) -> Result<Option<Zeroizing<String>>> {
        let Some(sealed) = self.of(row) else { return Ok(None) };
        let opened = app.sealer.open(&self.identity(row.id), sealed)?;
        let text = std::str::from_utf8(&opened)
            .map_err(|error| Error::internal(codes::DECRYPTION_ERROR, "a stored secret is no text", error))?;
        Ok(Some(Zeroizing::new(text.to_owned())))
    }
}

/// How the messages of a channel go.
///
/// Errors: 400 `invalid_state` if the channel lacks what it needs; `decryption_error`.
pub fn open(app: &App, row: &Model) -> Result<Way> {
    match row.channel_type {
        NotificationChannelType::Email => {
            let smtp = row.smtp.as_ref().map(|smtp| smtp.0.clone());
            let smtp = smtp.ok_or_else(|| lacks("a mail server", "smtp_config"))?;
            Ok(Way::Mail { smtp, password: Secret::SmtpPassword.open(app, row)? })
        }
        NotificationChannelType::Webhook
        | NotificationChannelType::Mattermost
        | NotificationChannelType::Slack
        | NotificationChannelType::Discord
        | NotificationChannelType::Teams => {
            let url = Secret::Url.open(app, row)?.ok_or_else(|| lacks("an address", "url"))?;
            Ok(Way::Web { url, secret: Secret::Signing.open(app, row)? })
        }
    }
}

fn lacks(what: &str, field: &str) -> Error {
    Error::invalid("invalid_state", format!("the channel has not got {what}"))
        .hint(format!("Change the channel and give its {field}."))
}
