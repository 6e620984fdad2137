/** Words of what a new pipeline can begin with. The names become those of pipelines. */
import { area } from "../language";

export const pipelineTemplates = area("pipelineTemplates", {
  title: "Start from",
  help: "Fills in what to build; everything can be changed below.",
  choices: {
    debugApk: { name: "Debug APK", text: "A debug build to try on Android devices." },
    androidRelease: { name: "Release Android", text: "An app bundle for the Play Store." },
    iosAdHoc: {
      name: "iOS ad hoc",
      text: "An IPA for registered devices. The Mac that builds must be able to sign.",
    },
    iosAndAndroid: { name: "iOS + Android", text: "A release APK and an ad hoc IPA in one build." },
    testsOnly: { name: "Tests only", text: "Analysis and tests; no files are kept." },
    custom: { name: "Custom", text: "Blank: each platform's own Flutter build." },
  },
  askTitle: (name: string) => `Start again from ${name}?`,
  askIntro: "What you changed is replaced by the template:",
  askLost: ["platforms, Flutter version and files to keep", "commands and environment variables"],
  replace: "Replace my changes",
});
