/** German words of `en/pipeline-editor`. */
import type { pipelineEditor as English } from "../en/pipeline-editor";

export const pipelineEditor: typeof English = {
  label: "Einstellungen als YAML",
  keys: "Tab rückt ein. Mit der Tastatur hinaus: Escape, dann Tab.",
  download: ".oore.yaml herunterladen",
  toCommit:
    "Als .oore.yaml committet geht der Text diesen Einstellungen vor; Befehle unter build ersetzen dann die der Plattformen.",
  startTwo: "Ein Beispiel für Version 2 zeigen",
  twoTitle: "Version 2 lebt im Repository",
  twoText:
    "Bedingungen, Zeitlimits und Eingaben passen nicht in Einstellungen der Instanz. Die Datei hier schreiben und prüfen, dann als .oore.yaml committen; mit der Pipeline lässt sie sich nicht speichern.",
  backToOne: "Zurück zu den Einstellungen",
  line: (line, column) => (column ? `Zeile ${line}, Spalte ${column}` : `Zeile ${line}`),
  problems: "Probleme im YAML",
  exampleOfTwo: `version: 2
platforms: [android, ios]
inputs:
  - name: flavor
    type: choice
    options: [dev, prod]
    default: dev
steps:
  - name: Test
    run: |
      flutter pub get
      flutter test
    timeout: 15m
  - name: Android
    if: platform == 'android'
    run: flutter build apk --flavor "$OORE_INPUT_FLAVOR"
  - name: iOS
    if: platform == 'ios' && branch == 'main'
    run: flutter build ipa --flavor "$OORE_INPUT_FLAVOR"
artifacts:
  patterns: ["build/**/*.apk", "build/**/*.ipa"]
`,
};
