/** German words of `en/access-forms`. */
import type { accessForms as English } from "../en/access-forms";

export const accessForms: typeof English = {
  saved: (what) => `${what}: gespeichert`,
  oidc: {
    title: "Provider",
    none: "Noch ist kein Provider eingerichtet.",
    issuer: "Issuer",
    issuerHelp: "Die Adresse des Providers, wie er sich selbst nennt, etwa https://accounts.example.com.",
    clientId: "Client-ID",
    secret: "Client-Secret",
    redirects: "Redirect-Adressen",
    redirectsText: "Diese beim Provider eintragen:",
    test: "Verbindung testen",
    inOrder: "In Ordnung",
    testOk: (issuer) => `Der Provider antwortet als ${issuer}`,
    testFailed: "Der Provider ist nicht benutzbar",
    authorization: "Anmeldung",
    token: "Token",
    keys: "Schlüssel",
    scopes: "Scopes",
    save: "Provider speichern",
    note: "Beim Speichern wird der Provider sofort gefragt. Laufende Anmeldungen müssen neu begonnen werden.",
    configured: "Eingerichtet",
  },
  proxy: {
    title: "Zugangs-Proxy",
    header: "Header mit der E-Mail-Adresse",
    headerHelp: "Der Proxy muss ihn bei jeder Anfrage setzen und entfernen, was Clients darin schicken.",
    cidrs: "Adressen des Proxys",
    cidrsHelp: "Eine Adresse oder ein Bereich je Zeile, etwa 10.0.0.0/8. Nur diese dürfen Personen nennen.",
    secret: "Gemeinsames Geheimnis",
    secretHelp: "Der Proxy schickt es in X-Oore-Trusted-Proxy-Secret.",
    save: "Proxy speichern",
    badLine: (line, text) => `Zeile ${line}: ${text}`,
  },
  network: {
    title: "Adressen",
    url: "Öffentliche Adresse",
    urlHelp: "Die https-Adresse, die alle benutzen, etwa https://ci.example.com.",
    delivery: "Download-Adresse",
    deliveryHelp: "Von wo Artefakte geladen werden, falls nicht von der öffentlichen Adresse.",
    origins: "Erlaubte Origins",
    originsHelp:
      "Einer je Zeile: genaue Origins von Webseiten, die die API aufrufen dürfen, etwa https://ci.example.com.",
    notOrigin: (text) =>
      `„${text}“ ist kein genauer Origin. Schreibweise: https://ci.example.com, ohne Pfad.`,
    suggestion: (origin) => `Schreibweise: ${origin}.`,
    notUrl: "Eine Adresse eingeben, die mit https:// oder http:// beginnt.",
    save: "Adressen speichern",
    source: {
      database: "Hier gesetzt",
      environment: "Beim Start des Daemons gesetzt; Speichern hier geht vor",
      default: "Nicht gesetzt",
    },
    ownMissing: (origin) =>
      `Diese Seite läuft unter ${origin}, und das gehört nicht zu den erlaubten Origins.`,
  },
};
