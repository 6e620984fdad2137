/** German words of `en/setup`. */
import type { setup as English } from "../en/setup";

export const setup: typeof English = {
  title: "Einrichten",
  heading: (instance) => `${instance} einrichten`,
  checking: "Sieht nach der Instanz …",
  instance: "die Instanz",
  progress: "Schritte der Einrichtung",
  step: (number, count, title) => `Schritt ${number} von ${count}: ${title}`,
  done: "erledigt",
  todo: "offen",
  now: "jetzt",
  change: "Ändern",
  keep: "So lassen",
  continue: "Weiter",
  failed: "Dieser Schritt ist fehlgeschlagen",
  configure: "Provider oder Proxy",
  quick: {
    title: "Nur du, nur dieser Rechner",
    text: "Nichts einzugeben: Wer an diesem Rechner sitzt, ist angemeldet, sonst niemand. Andere und ein Provider können später dazukommen.",
    button: "Nur auf diesem Rechner benutzen",
    or: "Für ein Team die Schritte unten durchgehen.",
  },
  unlock: {
    title: "Entsperren",
    text: "Ein einmaliges Token beweist, dass du die Instanz einrichten darfst. Auf ihrem Rechner erzeugen:",
    command: "oore setup token",
    token: "Einrichtungs-Token",
    tokenHelp: "Es gilt einmal und 15 Minuten. Bei einem anderen Datenordner --data-dir angeben.",
    button: "Entsperren",
    working: "Prüft das Token …",
    done: "In diesem Fenster entsperrt.",
  },
  method: {
    title: "Wie man sich anmeldet",
    local: {
      title: "Nur auf diesem Rechner",
      text: "Keine Passwörter: Wer an dem Rechner sitzt, ist angemeldet, sonst niemand.",
    },
    oidc: {
      title: "Provider",
      text: "Anmelden mit dem Firmenkonto bei Google, Okta, Entra, Auth0, Keycloak oder einem anderen OpenID-Connect-Provider.",
    },
    trusted_proxy: {
      title: "Zugangs-Proxy",
      text: "Ein Proxy vor der Instanz, etwa Warpgate, hat die Leute schon angemeldet und sagt in einem Header, wer sie sind.",
    },
    missing: "Eines davon wählen.",
    address: "Öffentliche Adresse",
    addressHelp: "Wo alle die Instanz erreichen: https und ein Host, ohne Pfad. Geht auch später.",
  },
  oidc: {
    title: "Provider",
    redirect: "Dies beim Provider als Redirect-URI eintragen, genau wie es hier steht:",
    issuer: "Issuer-URL",
    issuerHelp: "Die Instanz fragt sofort, ob dort ein Provider ist.",
    presets: "Wie die Issuer-URL aussieht",
    providers: [
      { name: "Google", issuer: "https://accounts.google.com" },
      { name: "Okta", issuer: "https://your-company.okta.com" },
      { name: "Microsoft Entra ID", issuer: "https://login.microsoftonline.com/your-tenant-id/v2.0" },
      { name: "Auth0", issuer: "https://your-tenant.eu.auth0.com/" },
      { name: "Keycloak", issuer: "https://id.example.com/realms/your-realm" },
    ],
    clientId: "Client-ID",
    secret: "Client-Secret",
    secretHelp:
      "Wird verschlüsselt aufbewahrt und nie wieder angezeigt. Bei einem öffentlichen Client leer lassen.",
    secretStored: "Ein Secret ist gespeichert. Leer lassen, um es zu behalten.",
    clearSecret: "Gespeichertes Secret entfernen",
    button: "Prüfen und speichern",
    asking: "Fragt den Provider …",
    found: (issuer) => `${issuer} hat als Provider geantwortet.`,
  },
  proxy: {
    title: "Zugangs-Proxy",
    header: "Header mit der E-Mail-Adresse",
    headerHelp:
      "Der Proxy muss ihn selbst setzen und verwerfen, was Besucher darin schicken. Warpgate schickt X-Warpgate-Username.",
    cidrs: "Adressen des Proxys",
    cidrsHelp:
      "Eine Adresse oder ein Bereich je Zeile, etwa 10.0.4.0/24. Mit Geheimnis braucht ein Proxy auf diesem Rechner keine.",
    secret: "Gemeinsames Geheimnis",
    secretHelp:
      "Der Proxy schickt es in X-Oore-Trusted-Proxy-Secret. Wird verschlüsselt aufbewahrt und nie wieder angezeigt.",
    generate: "Erzeugen",
    generated: "Jetzt dem Proxy geben; nach dem Speichern wird es nicht mehr angezeigt.",
    owner: "E-Mail-Adresse des Owners",
    ownerHelp: "Nur diese Person kann Owner werden. Leer: wer zuerst über den Proxy kommt.",
    needed: "Die Adressen des Proxys, ein gemeinsames Geheimnis oder beides eingeben.",
    button: "Speichern",
    saved: "Die Einstellungen des Proxys sind gespeichert.",
  },
  owner: {
    title: "Owner",
    local: "Der Owner darf alles, und ihn nennt der Verlauf. Es wird keine Mail verschickt.",
    email: "Deine E-Mail-Adresse",
    button: "Mich zum Owner machen",
    oidc: "Über den Provider anmelden. Wer das jetzt tut, wird Owner und darf alles.",
    oidcButton: "Als Owner anmelden",
    leaving: "Geht zum Provider …",
    redirect: "Der Provider schickt zurück zu:",
    proxy: "Diese Seite über den Proxy öffnen. Wen er nennt, der wird Owner.",
    proxyAddress: "Adresse über den Proxy, die alle benutzen",
    proxyAddressHelp: "Nur um den Link zu zeigen; sie wird nicht gespeichert.",
    proxyLink:
      "Diesen Link öffnen und dort mit einem neuen Token entsperren; die Einrichtung geht hier weiter.",
    proxyButton: "Owner werden",
  },
  finish: {
    title: "Abschließen",
    text: "Die Entscheidungen prüfen. Danach lassen sie sich in den Einstellungen ändern.",
    how: "Wie man sich anmeldet",
    issuer: "Issuer",
    clientId: "Client-ID",
    address: "Öffentliche Adresse",
    noAddress: "Keine öffentliche Adresse gesetzt",
    noAddressText:
      "Links und der Rückweg vom Provider führen nur zu diesem Rechner. Eine Adresse unter Einstellungen → Zugang eintragen.",
    owner: "Owner",
    button: "Einrichtung abschließen",
    working: "Schließt ab …",
  },
  errors: {
    invalid_token: {
      cause: "Das ist nicht das zuletzt erzeugte Token.",
      next: "Noch einmal kopieren oder mit „oore setup token“ ein neues erzeugen.",
    },
    token_consumed: {
      cause: "Das Token wurde schon benutzt. Es gilt einmal.",
      next: "Mit „oore setup token“ ein neues erzeugen.",
    },
    token_expired: {
      cause: "Das Token ist abgelaufen.",
      next: "Mit „oore setup token“ ein neues erzeugen.",
    },
    no_bootstrap_token: {
      cause: "Noch wurde kein Token erzeugt.",
      next: "Auf dem Rechner des Daemons „oore setup token“ ausführen.",
    },
    too_many_attempts: {
      cause: "Zu viele falsche Tokens wurden versucht.",
      next: "Mit „oore setup token“ ein neues erzeugen; das setzt die Zählung zurück.",
    },
    missing_auth: {
      cause: "Die Einrichtung ist in diesem Fenster gesperrt.",
      next: "Mit einem neuen Token entsperren.",
    },
    no_session: { cause: "Keine Einrichtung ist offen.", next: "Mit einem neuen Token entsperren." },
    invalid_session: {
      cause: "Die Einrichtung wurde seither in einem anderen Fenster geöffnet.",
      next: "Dort weitermachen oder hier mit einem neuen Token entsperren. Was getan ist, bleibt.",
    },
    session_expired: {
      cause: "Eine halbe Stunde geschah nichts, deshalb wurde die Einrichtung gesperrt.",
      next: "Mit einem neuen Token entsperren. Was getan ist, bleibt.",
    },
    invalid_state: {
      cause: "Die Einrichtung ist inzwischen weiter, vielleicht in einem anderen Fenster.",
      next: "Diese Seite zeigt jetzt, wie weit sie ist.",
    },
    already_configured: { cause: "Diese Instanz ist schon eingerichtet.", next: "Anmelden." },
    mode_restricted: {
      cause: "Das passt nicht zur gewählten Art der Anmeldung.",
      next: "Die Art oben neu wählen.",
    },
    oidc_discovery_failed: {
      cause: "Unter dieser Adresse hat kein Provider geantwortet.",
      next: "Den Issuer genau so eingeben, wie der Provider ihn nennt, und prüfen, ob der Rechner der Instanz ihn erreicht.",
      reason: "shown",
    },
    oidc_secret_reentry_required: {
      cause: "Das gespeicherte Secret gehört zu einem anderen Provider oder Client.",
      next: "Das Client-Secret neu eingeben oder das gespeicherte entfernen.",
    },
    stale_oidc_setup: {
      cause: "Die Einstellungen des Providers haben sich seit Beginn dieser Anmeldung geändert.",
      next: "Zur Einrichtung zurückgehen und neu anmelden.",
    },
    trusted_proxy_not_configured: {
      cause: "Der Proxy ist noch nicht eingerichtet.",
      next: "Zuerst seine Einstellungen eingeben.",
    },
    trusted_proxy_owner_email_mismatch: {
      cause: "Der Proxy nennt jemand anderen als den eingetragenen Owner.",
      next: "Diese Person die Seite öffnen lassen oder oben die Adresse des Owners ändern.",
    },
    trusted_proxy_config_invalid: {
      cause: "Vom Proxy könnte keine Anfrage kommen: Er hat weder Adressen noch ein Geheimnis.",
      next: "Oben eines davon eingeben.",
    },
    remote_auth_not_configured: {
      cause: "Kein Provider ist eingerichtet.",
      next: "Zuerst eintragen.",
    },
    unverified_email: {
      cause: "Der Provider bürgt nicht für deine E-Mail-Adresse.",
      next: "Die Adresse beim Provider bestätigen, dann neu als Owner anmelden.",
    },
    external_access_https_required: {
      cause: "Die öffentliche Adresse muss mit https:// beginnen.",
      next: "Einen Proxy mit Zertifikat vor die Instanz stellen oder die Adresse vorerst leer lassen.",
    },
    encryption_error: {
      cause: "Die Instanz konnte das Geheimnis nicht verschlüsseln.",
      next: "Ihren Schlüssel prüfen, dann im Log des Daemons nach der Anfrage unten sehen.",
    },
  },
};
