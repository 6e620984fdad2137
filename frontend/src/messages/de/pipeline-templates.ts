/** German words of `en/pipeline-templates`. */
import type { pipelineTemplates as English } from "../en/pipeline-templates";

export const pipelineTemplates: typeof English = {
  title: "Beginnen mit",
  help: "Füllt aus, was gebaut wird; unten lässt sich alles ändern.",
  choices: {
    debugApk: { name: "Debug-APK", text: "Ein Debug-Build zum Ausprobieren auf Android-Geräten." },
    androidRelease: { name: "Android-Release", text: "Ein App Bundle für den Play Store." },
    iosAdHoc: {
      name: "iOS Ad hoc",
      text: "Eine IPA für registrierte Geräte. Der Mac, der baut, muss signieren können.",
    },
    iosAndAndroid: { name: "iOS + Android", text: "Ein Release-APK und eine Ad-hoc-IPA in einem Build." },
    testsOnly: { name: "Nur Tests", text: "Analyse und Tests; keine Dateien werden aufgehoben." },
    custom: { name: "Eigene", text: "Leer: der Flutter-Build jeder Plattform." },
  },
  askTitle: (name) => `Neu beginnen mit ${name}?`,
  askIntro: "Die Vorlage ersetzt, was geändert wurde:",
  askLost: ["Plattformen, Flutter-Version und aufzuhebende Dateien", "Befehle und Umgebungsvariablen"],
  replace: "Meine Änderungen ersetzen",
};
