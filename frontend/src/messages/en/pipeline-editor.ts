/** Words of the editor of pipeline files. */
import { area } from "../language";

export const pipelineEditor = area("pipelineEditor", {
  label: "Settings as YAML",
  keys: "Tab indents. To leave with the keyboard, press Escape, then Tab.",
  download: "Download .oore.yaml",
  toCommit:
    "To keep it with the code, commit the text to the repository as .oore.yaml; there it counts before these settings. As a file, commands under build take the place of the platforms' own.",
  startTwo: "Show an example of version 2",
  twoTitle: "Version 2 lives in the repository",
  twoText:
    "Steps with conditions, time limits and inputs are beyond what the instance can keep as settings. Write and check the file here, then copy or download it and commit it as .oore.yaml. It cannot be saved with the pipeline.",
  backToOne: "Back to the settings",
  line: (line: number, column: number | undefined) =>
    column ? `Line ${line}, column ${column}` : `Line ${line}`,
  problems: "Problems in the YAML",
  /** Begins a file of version 2. */
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
});
