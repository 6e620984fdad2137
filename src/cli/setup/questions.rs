//! The questions of a set-up, at a terminal. Only what is not decided yet is asked.

use inquire::validator::Validation;
use inquire::{Confirm, InquireError, Password, PasswordDisplayMode, Select, Text};
use serde_json::Value;
use zeroize::Zeroizing;

use super::answers::{Access, Answers, Provider, Proxy, checked_public_url};
use crate::auth::network::NO_PUBLIC_URL;
use crate::auth::people::checked_email;
use crate::auth::proxy_settings::NO_SECRET;
use crate::auth::trusted_proxy::{DEFAULT_HEADER, range};
use crate::cli::failure::Failure;
use crate::cli::terminal::{plain, warn};

/// Asks for everything that the next steps need.
pub fn ask(mut answers: Answers, summary: &Value) -> Result<Answers, Failure> {
    if summary["state"] == "owner_created" {
        return Ok(answers);
    }
    let access = answers.access.map_or_else(which_access, Ok)?;
    answers.access = Some(access);
    match access {
        Access::ThisDevice => {}
        Access::IdentityProvider if answers.provider.is_none() => answers.provider = provider(summary)?,
        Access::TrustedProxy if answers.proxy.is_none() => answers.proxy = Some(proxy()?),
        Access::IdentityProvider | Access::TrustedProxy => {}
    }
    if access != Access::ThisDevice && answers.public_url.is_none() && summary["public_url"].is_null() {
        answers.public_url = public_url(&answers.daemon_url)?;
    }
    if access != Access::IdentityProvider && answers.owner_email.is_none() {
        answers.owner_email = Some(owner_email()?);
    }
    Ok(answers)
}

fn which_access() -> Result<Access, Failure> {
    let choices = [
        (Access::ThisDevice, "Only this machine, without a password"),
        (Access::IdentityProvider, "A team, with an identity provider (OpenID Connect)"),
        (Access::TrustedProxy, "A team, through a proxy that says who people are"),
    ];
    let words = choices.iter().map(|(_, words)| *words).collect();
    let chosen = Select::new("Who will use this instance?", words).raw_prompt().map_err(stopped)?;
    Ok(choices[chosen.index].0)
}

/// `None` leaves it for later.
fn public_url(daemon_url: &str) -> Result<Option<String>, Failure> {
    // What this command uses is where people go, unless it is a name of this machine only.
    let in_use = checked_public_url(daemon_url).unwrap_or_default();
    let question = "Public https address of the instance (empty: later, in the settings):";
    let text = Text::new(question).with_initial_value(&in_use).with_validator(is_public_url);
    let text = text.prompt().map_err(stopped)?;
    if text.trim().is_empty() {
        warn(NO_PUBLIC_URL);
        return Ok(None);
    }
    checked_public_url(&text).map(Some)
}

fn is_public_url(text: &str) -> Result<Validation, inquire::CustomUserError> {
    Ok(match checked_public_url(text) {
        Err(refused) if !text.trim().is_empty() => Validation::Invalid(refused.to_string().into()),
        Ok(_) | Err(_) => Validation::Valid,
    })
}

fn owner_email() -> Result<String, Failure> {
    Text::new("E-mail address of the owner:").with_validator(is_email).prompt().map_err(stopped)
}

fn is_email(text: &str) -> Result<Validation, inquire::CustomUserError> {
    Ok(match checked_email(text) {
        Ok(_) => Validation::Valid,
        Err(error) => Validation::Invalid(error.message.into()),
    })
}

/// `None` keeps the one that an earlier set-up has configured.
fn provider(summary: &Value) -> Result<Option<Provider>, Failure> {
    if let Some(issuer) = summary["issuer_url"].as_str() {
        let question = format!("Keep the identity provider {}?", plain(issuer));
        if Confirm::new(&question).with_default(true).prompt().map_err(stopped)? {
            return Ok(None);
        }
    }
    let issuer_url = Text::new("Issuer URL of the provider:").prompt().map_err(stopped)?;
    let client_id = Text::new("Client id:").prompt().map_err(stopped)?;
    let client_secret = password("Client secret (empty for a public client):")?;
    Ok(Some(Provider { issuer_url, client_id, client_secret }))
}

fn proxy() -> Result<Proxy, Failure> {
    let header = Text::new("Header in which the proxy names people:").with_default(DEFAULT_HEADER);
    let header = header.prompt().map_err(stopped)?;
    let cidrs = Text::new("Addresses of the proxy (ranges, separated by commas):")
        .with_validator(are_ranges)
        .prompt()
        .map_err(stopped)?;
    let shared_secret = password("Secret that the proxy sends (empty for none):")?;
    if shared_secret.is_none() {
        warn(NO_SECRET);
    }
    let cidrs = list(&cidrs).map(str::to_owned).collect();
    Ok(Proxy { user_email_header: Some(header), cidrs, shared_secret })
}

fn are_ranges(text: &str) -> Result<Validation, inquire::CustomUserError> {
    Ok(match list(text).find(|part| range(part).is_none()) {
        None => Validation::Valid,
        Some(part) => Validation::Invalid(format!("'{part}' is neither a range nor an address").into()),
    })
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn password(question: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    let prompt =
        Password::new(question).without_confirmation().with_display_mode(PasswordDisplayMode::Masked);
    let secret = Zeroizing::new(prompt.prompt().map_err(stopped)?);
    Ok((!secret.is_empty()).then_some(secret))
}

fn stopped(error: InquireError) -> Failure {
    match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => {
            Failure::failed("stopped").hint("What is done stays done; `oore setup` goes on from there.")
        }
        InquireError::NotTTY
        | InquireError::InvalidConfiguration(_)
        | InquireError::IO(_)
        | InquireError::Custom(_) => Failure::failed(format!("the terminal cannot be used: {error}"))
            .hint("Answer the questions with --config FILE, or use --interface browser."),
    }
}
