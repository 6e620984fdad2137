/** German words of `en/storage`. */
import type { storage as English } from "../en/storage";

export const storage: typeof English = {
  title: "Speicher",
  name: "Speichereinstellungen",
  place: "Wohin neue Artefakte kommen",
  text: "Schon gespeicherte Artefakte bleiben, wo sie sind, und lassen sich weiter herunterladen.",
  source: {
    database: "Hier gewählt.",
    environment: "Beim Start des Daemons gesetzt; was hier gespeichert wird, geht vor.",
    default: "Nichts ist gewählt, deshalb kommen sie in einen Ordner im Datenordner.",
  },
  provider: "Artefakte speichern",
  providers: {
    local: {
      label: "In einem Ordner",
      text: "Auf dem Rechner des Daemons oder einer dort eingehängten Platte.",
    },
    s3: { label: "In einem S3-Bucket", text: "Bei Amazon oder jedem Server, der S3 spricht." },
    r2: { label: "In einem R2-Bucket", text: "Bei Cloudflare." },
    disabled: { label: "Nirgends", text: "Builds laufen, aber ihre Dateien werden nicht aufgehoben." },
  },
  folder: "Ordner",
  folderHelp: "Ein absoluter Pfad außerhalb des Datenordners. Leer: ein Ordner im Datenordner.",
  bucket: "Bucket",
  region: "Region",
  regionHelp: "Leer: us-east-1.",
  endpoint: "Endpunkt",
  endpointHelp: {
    s3: "Nur für andere Server als die von Amazon, etwa https://s3.example.com.",
    r2: "Von der Seite des Buckets bei Cloudflare, etwa https://account.r2.cloudflarestorage.com.",
  },
  keyId: "Zugriffsschlüssel-ID",
  secret: "Geheimer Zugriffsschlüssel",
  keysStored: "Schlüssel sind gespeichert. Sie werden nie angezeigt.",
  keysReplace: "Schlüssel ersetzen",
  keysKeep: "Die gespeicherten Schlüssel behalten",
  keysAgain:
    "Das ist ein anderer Endpunkt, der die gespeicherten Schlüssel nicht erfahren darf: seine eigenen eingeben.",
  save: "Speicher sichern",
  saved: "Neue Artefakte kommen von jetzt an dorthin",
  problem: "Artefakte können gerade nicht gespeichert werden",
  problemText:
    "Builds mit Artefakten schlagen fehl, bis das behoben ist. Anderswo werden sie stattdessen nicht gespeichert.",
  offTitle: "Artefakte werden nicht gespeichert",
  offText: "Builds laufen, und ihre Dateien sind weg, wenn sie enden.",
  readOnly: "Diese Einstellungen dürfen angesehen, aber nicht geändert werden.",
  stored: "Schlüssel",
  keysNone: "Keine",
  test: {
    title: "Verbindung",
    text: "Schreibt, liest, listet und löscht ein kleines Objekt und sagt, was schiefging.",
    run: "Verbindung testen",
    typed: "Eingabe testen",
    steps: { write: "Schreiben", read: "Lesen", list: "Auflisten", delete: "Löschen" },
    label: "Schritte des Tests",
    ok: "Funktioniert",
    failed: "Fehlgeschlagen",
    notReached: "Nicht versucht",
    allOk: "Alles funktioniert.",
    someFailed: "Der Test ist fehlgeschlagen.",
  },
};
