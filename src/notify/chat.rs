//! What is posted, by the kind of channel. Names and other words of people stay text in each of them: they make no markup,
//! no link, and mention nobody.

use serde_json::{Value, json};

use super::words::{Said, Tone, say};
use crate::app::App;
use crate::domain::notification::{Notice, NotificationChannelType};
use crate::reports::text::code;

const NAME: &str = "Oore CI";
const OPEN: &str = "Open in Oore CI";
const MAX_VALUE: usize = 200;

pub fn payload(app: &App, channel_type: NotificationChannelType, notice: &Notice) -> Value {
    match channel_type {
        // An e-mail has no payload; whoever asks for one gets what programs read.
        NotificationChannelType::Webhook | NotificationChannelType::Email => webhook(notice),
        NotificationChannelType::Mattermost => mattermost(&say(app, notice), &icon(app)),
        NotificationChannelType::Slack => slack(&say(app, notice)),
        NotificationChannelType::Discord => discord(&say(app, notice)),
        NotificationChannelType::Teams => teams(&say(app, notice)),
    }
}

/// The picture beside messages, at the address by which the instance is known.
fn icon(app: &App) -> String {
    let here = || format!("http://127.0.0.1:{}", app.config.listen.port());
    let base = app.network.reach().public_url.clone().unwrap_or_else(here);
    format!("{base}/favicon.svg")
}

fn webhook(notice: &Notice) -> Value {
    match notice {
        Notice::Build(notice) => json!({
            "event": notice.event, "build": notice.build, "project_name": notice.project_name,
            "pipeline_name": notice.pipeline_name, "timestamp": notice.timestamp,
        }),
        Notice::Runner(told) => {
            json!({"event": notice.event(), "runner": told.runner, "timestamp": told.timestamp})
        }
    }
}

fn mattermost(said: &Said, icon: &str) -> Value {
    let mut lines = vec![format!("{} **{}**", sign(said.tone), code(&said.title, MAX_VALUE))];
    lines.extend(said.facts.iter().map(|(name, value)| format!("{name}: {}", code(value, MAX_VALUE))));
    lines.extend(said.link.iter().map(|link| format!("[{OPEN}]({link})")));
    json!({"text": lines.join("\n"), "username": NAME, "icon_url": icon})
}

fn slack(said: &Said) -> Value {
    let title = format!("{} {}", sign(said.tone), said.title);
    let plain = |text: String| json!({"type": "plain_text", "text": text, "emoji": false});
    let mut blocks = vec![json!({"type": "section", "text": plain(title.clone())})];
    // A section holds ten fields at most.
    let fields: Vec<Value> =
        said.facts.iter().take(10).map(|(name, value)| plain(format!("{name}: {value}"))).collect();
    if !fields.is_empty() {
        blocks.push(json!({"type": "section", "fields": fields}));
    }
    if let Some(link) = &said.link {
        let link = json!({"type": "mrkdwn", "text": format!("<{}|{OPEN}>", entities(link))});
        blocks.push(json!({"type": "context", "elements": [link]}));
    }
    json!({"text": entities(&title), "blocks": blocks})
}

/// What Slack takes for markup otherwise.
fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn discord(said: &Said) -> Value {
    let color = match said.tone {
        Tone::Good => 0x2e_a0_43,
        Tone::Bad => 0xd1_24_2f,
        Tone::Neutral => 0x6e_77_81,
    };
    let field = |(name, value): &(&str, String)| json!({"name": name, "value": code(value, MAX_VALUE), "inline": true});
    let fields: Vec<Value> = said.facts.iter().map(field).collect();
    let mut embed = json!({"description": format!("**{}**", code(&said.title, MAX_VALUE)), "color": color, "fields": fields});
    if let Some(link) = &said.link {
        embed["title"] = json!(OPEN);
        embed["url"] = json!(link);
    }
    json!({"username": NAME, "embeds": [embed], "allowed_mentions": {"parse": []}})
}

/// An adaptive card. Runs of rich text know no markup.
fn teams(said: &Said) -> Value {
    let color = match said.tone {
        Tone::Good => "Good",
        Tone::Bad => "Attention",
        Tone::Neutral => "Default",
    };
    let run = |text: &str| json!({"type": "TextRun", "text": text});
    let title = json!({"type": "TextRun", "text": said.title, "weight": "Bolder", "color": color});
    let mut body = vec![json!({"type": "RichTextBlock", "inlines": [title]})];
    for (name, value) in &said.facts {
        let name = json!({"type": "TextRun", "text": format!("{name}: "), "isSubtle": true});
        body.push(json!({"type": "RichTextBlock", "inlines": [name, run(value)], "spacing": "None"}));
    }
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": body,
    });
    if let Some(link) = &said.link {
        card["actions"] = json!([{"type": "Action.OpenUrl", "title": OPEN, "url": link}]);
    }
    let attachment = json!({"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card});
    json!({"type": "message", "attachments": [attachment]})
}

fn sign(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "✅",
        Tone::Bad => "❌",
        Tone::Neutral => "⚪",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(title: &str) -> Said {
        Said {
            title: title.to_owned(),
            tone: Tone::Bad,
            facts: vec![("Branch", title.to_owned())],
            link: Some("https://ci.example.com/builds/1".to_owned()),
        }
    }

    #[test]
    fn words_of_people_are_no_markup_and_mention_nobody() {
        let evil = "<!channel> @everyone `x` [a](https://evil.example.com) **b** <@U1>";
        let said = said(evil);
        let mattermost = mattermost(&said, "i");
        let text = mattermost["text"].as_str().unwrap();
        for part in ["@everyone", "[a](https://evil.example.com)", "<!channel>"] {
            for (at, _) in text.match_indices(part) {
                assert_eq!(text[..at].matches('`').count() % 2, 1, "inside of code: {text}");
            }
        }
        let slack = slack(&said);
        assert!(!slack["text"].as_str().unwrap().contains('<'), "{slack}");
        assert_eq!(slack["blocks"][0]["text"]["type"], "plain_text");
        assert_eq!(slack["blocks"][1]["fields"][0]["type"], "plain_text");
        assert_eq!(
            slack["blocks"][2]["elements"][0]["text"],
            "<https://ci.example.com/builds/1|Open in Oore CI>"
        );
        let discord = discord(&said);
        assert_eq!(discord["allowed_mentions"], json!({"parse": []}));
        assert!(discord["embeds"][0]["fields"][0]["value"].as_str().unwrap().starts_with('`'));
        let teams = teams(&said);
        let card = &teams["attachments"][0]["content"];
        assert!(
            card["body"].as_array().unwrap().iter().all(|block| block["type"] == "RichTextBlock"),
            "{card}"
        );
        assert_eq!(card["actions"][0]["url"], "https://ci.example.com/builds/1");
    }
}
