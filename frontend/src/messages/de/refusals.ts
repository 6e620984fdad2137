/** German words of `en/refusals`. */
import type { refusals as English } from "../en/refusals";

export const refusals: typeof English = {
  invite: (email) => `Ein Owner kann ${email} einladen.`,
  seenPeer: (address) => `Die Instanz sah die Adresse ${address}.`,
  errors: {
    unreachable: {
      cause: "Die Instanz hat nicht geantwortet.",
      next: "Prüfen, ob der Daemon läuft und dieser Rechner ihn erreicht, dann erneut versuchen.",
    },
    user_not_found: {
      cause: "Zu dieser Identität gehört kein aktives Konto.",
      next: "Ein Owner oder Admin dieser Instanz kann die E-Mail-Adresse einladen, mit der du dich anmeldest.",
    },
    unverified_email: {
      cause: "Der Provider bürgt nicht für die E-Mail-Adresse.",
      next: "Die Adresse beim Provider bestätigen, dann neu anmelden.",
    },
    email_required: {
      cause: "Hier haben mehrere Personen ein Konto.",
      next: "Die E-Mail-Adresse des eigenen Kontos eingeben.",
    },
    local_login_loopback_required: {
      cause: "Ohne Passwort geht die Anmeldung nur auf dem Rechner, auf dem der Daemon läuft.",
      next: "Die Seite dort unter http://localhost öffnen. Für andere Rechner schaltet ein Owner den Zugang von außen ein.",
    },
    local_login_from_build: {
      cause: "Die Anfrage kam aus einem Build. Ein Build darf sich nicht als Person anmelden.",
      next: "Mit einem anderen Browser anmelden. Skripte nehmen ein API-Token.",
    },
    local_recovery_capability_invalid: {
      cause: "Der Link für den Rückweg ist unbekannt, schon benutzt oder älter als fünf Minuten.",
      next: "Auf dem Rechner der Instanz mit „oore recovery“ einen neuen erzeugen und gleich öffnen.",
    },
    local_recovery_account_mismatch: {
      cause: "Der Link für den Rückweg gilt für ein anderes Konto.",
      next: "Ohne E-Mail-Adresse benutzen oder mit „oore recovery“ einen für das eigene Konto erzeugen.",
    },
    local_recovery_capability_required: {
      cause: "Auf dieser Instanz meldet sich ohne Link für den Rückweg niemand lokal an.",
      next: "Auf dem Rechner der Instanz mit „oore recovery“ einen erzeugen.",
    },
    mode_restricted: {
      cause: "Diese Instanz meldet so niemanden an.",
      next: "Seite neu laden: Sie zeigt dann die Art, die jetzt gilt.",
    },
    setup_incomplete: {
      cause: "Die Instanz ist noch nicht eingerichtet.",
      next: "Zuerst die Einrichtung abschließen.",
    },
    invalid_state: {
      cause: "Diese Anmeldung ist beendet oder wurde in einem anderen Browser begonnen.",
      next: "Auf dieser Seite neu beginnen.",
    },
    auth_expired: {
      cause: "Die Anmeldung dauerte länger als zehn Minuten.",
      next: "Auf dieser Seite neu beginnen.",
    },
    too_many_pending: {
      cause: "Gerade melden sich zu viele Leute an.",
      next: "Eine Minute warten, dann neu beginnen.",
    },
    oidc_start_rate_limited: {
      cause: "Von dieser Adresse wurden zu viele Anmeldungen begonnen.",
      next: "Eine davon beenden, oder zehn Minuten warten und neu beginnen.",
    },
    invalid_redirect_uri: {
      cause: "Die Instanz schickt niemanden zur Adresse dieser Seite zurück.",
      next: "Die Instanz unter ihrer eigenen Adresse öffnen, oder ein Owner nimmt den Origin dieser Seite in die erlaubten auf.",
    },
    oidc_not_configured: {
      cause: "Kein Provider ist eingerichtet, obwohl sich alle über einen anmelden sollen.",
      next: "Ein Owner meldet sich auf dem Rechner der Instanz an und trägt einen ein.",
    },
    oidc_discovery_error: {
      cause: "Die Instanz konnte den Provider nicht fragen.",
      next: "Läuft der Provider, erreicht die Instanz ihn, stimmt der Issuer?",
      reason: "shown",
    },
    token_exchange_error: {
      cause: "Der Provider wollte den Code nicht gegen Tokens tauschen.",
      next: "Client-ID, Secret und beim Provider die Redirect-URI prüfen.",
      reason: "shown",
    },
    missing_id_token: {
      cause: "Der Provider schickte kein ID-Token.",
      next: "Für diesen Client den Scope openid und den Authorization Code Flow erlauben.",
    },
    id_token_verification_error: {
      cause: "Die Antwort des Providers ließ sich nicht prüfen.",
      next: "Issuer, Client-ID und die Uhr des Rechners prüfen.",
      reason: "shown",
    },
    missing_email: {
      cause: "Der Provider nannte keine E-Mail-Adresse.",
      next: "Den Claim email ins ID-Token dieses Clients aufnehmen lassen (Scope email).",
    },
    decryption_error: {
      cause: "Die Instanz konnte ihr gespeichertes Geheimnis nicht lesen.",
      next: "Ihr Schlüssel ist ein anderer oder fehlt: wiederherstellen, oder ein Owner gibt das Geheimnis neu ein.",
    },
    session_error: {
      cause: "Die Instanz konnte keine Sitzung anlegen.",
      next: "Erneut versuchen. Bleibt es so, im Log des Daemons nach der Anfrage unten sehen.",
    },
    store_error: {
      cause: "Die Instanz konnte ihre Datenbank nicht lesen oder schreiben.",
      next: "Freien Platz auf ihrer Festplatte prüfen, dann im Log des Daemons nach der Anfrage unten sehen.",
    },
    audit_error: {
      cause: "Die Instanz konnte ihr Audit-Log nicht schreiben und lässt niemanden unbemerkt herein.",
      next: "Freien Platz auf ihrer Festplatte prüfen, dann im Log des Daemons nach der Anfrage unten sehen.",
    },
    trusted_proxy_peer_not_allowed: {
      cause: "Die Anfrage kam nicht von einer Adresse ihres Proxys.",
      next: "Die Seite über den Proxy öffnen, oder seine Adresse in die erlaubten Bereiche aufnehmen.",
    },
    trusted_proxy_shared_secret_missing: {
      cause: "Die Anfrage kam ohne das Geheimnis des Proxys.",
      next: "Die Seite über den Proxy öffnen; er muss X-Oore-Trusted-Proxy-Secret schicken.",
    },
    trusted_proxy_shared_secret_invalid: {
      cause: "Der Proxy schickte ein falsches Geheimnis.",
      next: "Dem Proxy dasselbe Geheimnis geben wie der Instanz, im Header X-Oore-Trusted-Proxy-Secret.",
    },
    trusted_proxy_identity_missing: {
      cause: "Der Proxy sagte nicht, wer du bist.",
      next: "Den Proxy die E-Mail-Adresse im erwarteten Header schicken lassen.",
    },
    trusted_proxy_identity_invalid: {
      cause: "Was der Proxy als Namen schickte, ist nicht genau eine E-Mail-Adresse.",
      next: "Den Proxy genau eine E-Mail-Adresse schicken lassen, einmal, im erwarteten Header.",
    },
    trusted_proxy_config_invalid: {
      cause: "Kein brauchbarer Proxy ist eingerichtet, obwohl sich alle über einen anmelden sollen.",
      next: "Ein Owner meldet sich auf dem Rechner der Instanz an und setzt Geheimnis oder Adressen des Proxys.",
    },
    missing_auth: { cause: "Die Anfrage hatte keine Sitzung.", next: "Anmelden." },
    invalid_session: {
      cause: "Die Sitzung gilt nicht: Sie wurde beendet, oder die Instanz kennt sie nicht.",
      next: "Neu anmelden.",
    },
    session_expired: { cause: "Die Sitzung ist abgelaufen.", next: "Neu anmelden." },
    too_many_attempts: {
      cause: "Zu viele Versuche von dieser Adresse sind gescheitert.",
      next: "Einige Minuten warten, dann erneut versuchen.",
    },
    origin_not_allowed: {
      cause: "Die Instanz nimmt keine Anfragen von der Adresse dieser Seite an.",
      next: "Die Instanz unter ihrer eigenen Adresse öffnen, oder ein Owner nimmt den Origin dieser Seite in die erlaubten auf. Ein Proxy muss den Header Host weitergeben.",
    },
    misdirected_host: {
      cause: "Die Instanz hört nicht auf den Hostnamen dieser Adresse.",
      next: "OORE_PUBLIC_URL auf die benutzte Adresse setzen oder den Namen in OORED_ALLOWED_HOSTS aufnehmen.",
    },
    invalid_request: {
      cause: "Die Instanz hat die Anfrage nicht verstanden.",
      next: "Seite neu laden. Ein Proxy dazwischen darf nicht ändern, was geschickt wird.",
    },
    invalid_input: {
      cause: "Die Instanz hat die Eingabe nicht angenommen.",
      next: "Seite neu laden und neu beginnen.",
    },
    payload_too_large: {
      cause: "Die Eingabe ist zu lang.",
      next: "Kürzen oder auf dieser Seite neu beginnen.",
    },
    rate_limited: { cause: "Zu viele Versuche.", next: "Eine Minute warten, dann erneut versuchen." },
  },
  provider: {
    access_denied: {
      cause: "Der Provider hat dich nicht hereingelassen, oder du hast abgelehnt.",
      next: "Neu beginnen. Bleibt es so, muss jemand beim Provider dir diese Anwendung zuweisen.",
    },
    login_required: { cause: "Der Provider verlangt zuerst eine Anmeldung.", next: "Neu beginnen." },
    interaction_required: {
      cause: "Der Provider verlangt zuerst etwas von dir.",
      next: "Neu beginnen und seinen Seiten folgen.",
    },
    consent_required: {
      cause: "Der Provider verlangt eine Zustimmung.",
      next: "Neu beginnen und zustimmen, oder die Verantwortlichen fragen.",
    },
    temporarily_unavailable: {
      cause: "Der Provider ist überlastet.",
      next: "Eine Minute warten, dann neu beginnen.",
    },
    server_error: {
      cause: "Der Provider hat versagt.",
      next: "Eine Minute warten, dann neu beginnen.",
    },
    unauthorized_client: {
      cause: "Der Provider lässt diese Anwendung niemanden anmelden.",
      next: "Den Client dort anlegen und ihm den Authorization Code Flow erlauben.",
    },
    invalid_scope: {
      cause: "Der Provider lehnt ab, worum die Instanz bittet.",
      next: "Für diesen Client die Scopes openid, email und profile erlauben.",
    },
    unsupported_response_type: {
      cause: "Der Provider erlaubt den Authorization Code Flow nicht.",
      next: "Für diesen Client einschalten.",
    },
    invalid_request: {
      cause: "Der Provider hat die Anfrage nicht verstanden.",
      next: "Prüfen, ob Client-ID und Redirect-URI dort genau so eingetragen sind.",
    },
  },
  providerUnknown: {
    cause: "Der Provider hat die Anmeldung beendet.",
    next: "Neu beginnen. Bleibt es so, hilft das Log des Providers.",
  },
};
