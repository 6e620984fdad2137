//! What a provider has to be able to do, by its own word. What it does not mention has the default of the
//! specifications (OpenID Connect Discovery 1.0, RFC 8414), under which everything that is needed is there.

use serde_json::Value;

use super::verify;

/// Longest text of a provider that is shown, in characters.
const SHOWN: usize = 80;
const PKCE: &str = "code_challenge_methods_supported";

/// A list of the metadata, of which one word at least has to be good.
struct Need {
    list: &'static str,
    what: &'static str,
    is_met_by: fn(&str) -> bool,
}

const NEEDS: [Need; 5] = [
    Need {
        list: "response_types_supported",
        what: "the authorization code flow (response type code)",
        is_met_by: |word| word == "code",
    },
    Need {
        list: "grant_types_supported",
        what: "the grant type authorization_code",
        is_met_by: |word| word == "authorization_code",
    },
    Need { list: PKCE, what: "PKCE with S256", is_met_by: |word| word == "S256" },
    Need {
        list: "id_token_signing_alg_values_supported",
        what: "ID tokens signed with a key pair (such as RS256 or ES256)",
        is_met_by: verify::accepts,
    },
    Need {
        list: "token_endpoint_auth_methods_supported",
        what: "clients with a secret, or public ones",
        is_met_by: |word| matches!(word, "client_secret_basic" | "client_secret_post" | "none"),
    },
];

/// Answers what is missing, if anything is without which nobody could sign in.
pub fn missing(metadata: &Value) -> Option<String> {
    NEEDS.iter().find_map(|need| {
        let offered = list(metadata, need.list)?;
        let met = offered.iter().any(|word| (need.is_met_by)(word));
        (!met).then(|| format!("it does not offer {}, only: {}", need.what, shown(&offered)))
    })
}

/// What the operator should know although it is in order.
pub fn notes(metadata: &Value) -> Vec<String> {
    let silent = list(metadata, PKCE).is_none();
    let note = "The provider does not say whether it checks PKCE. It is used with S256 all the same.";
    silent.then(|| note.to_owned()).into_iter().collect()
}

/// `None` if the provider does not mention it.
fn list<'a>(metadata: &'a Value, name: &str) -> Option<Vec<&'a str>> {
    let words = metadata[name].as_array()?;
    Some(words.iter().filter_map(Value::as_str).collect())
}

fn shown(words: &[&str]) -> String {
    if words.is_empty() {
        return "nothing".to_owned();
    }
    words.join(", ").chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_mentioned_is_not_missing() {
        assert_eq!(missing(&json!({})), None);
        assert_eq!(missing(&json!({"grant_types_supported": null})), None);
        assert_eq!(notes(&json!({})).len(), 1);
        assert!(notes(&json!({"code_challenge_methods_supported": ["S256"]})).is_empty());
    }

    #[test]
    fn what_is_missing_is_named_with_what_is_there() {
        for (metadata, what, there) in [
            (
                json!({"response_types_supported": ["id_token", "code id_token"]}),
                "code flow",
                "only: id_token, code id_token",
            ),
            (json!({"grant_types_supported": ["implicit"]}), "authorization_code", "only: implicit"),
            (json!({"code_challenge_methods_supported": ["plain"]}), "S256", "only: plain"),
            (json!({"code_challenge_methods_supported": []}), "S256", "only: nothing"),
            (
                json!({"id_token_signing_alg_values_supported": ["HS256", "none"]}),
                "key pair",
                "only: HS256, none",
            ),
            (
                json!({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}),
                "secret",
                "only: private_key_jwt",
            ),
        ] {
            let told = missing(&metadata).unwrap();
            assert!(told.contains(what) && told.contains(there), "{told}");
        }
    }
}
