/** Words of a build's Tests view, loaded with it. */
import { area, locale } from "../language";

const many = (count: number, one: string, more: string): string =>
  `${count.toLocaleString(locale)} ${count === 1 ? one : more}`;

export const tests = area("tests", {
  name: "tests",
  title: "Tests",
  counts: { passed: "passed", failed: "failed", errors: "with errors", skipped: "skipped" },
  took: "took",
  cutOff: "A report ended before its tests did",
  cutOffText: "Tests that had begun and not ended are shown with an error. The log says what stopped them.",
  leftOut: (count: number) =>
    `${many(count, "test is", "tests are")} counted but not listed: there were too many.`,
  none: "A report was found, and no test in it.",
  failures: (count: number) => many(count, "test failed", "tests failed"),
  firstFailures: (shown: number) =>
    `The first ${shown.toLocaleString(locale)} are shown here; all are in the list below.`,
  message: "Message",
  output: "Printed before it failed",
  stack: "Stack",
  noReason: "The report doesn't say why, or there were too many failures to keep it.",
  copyPlace: (place: string) => `Copy ${place}`,
  outcome: { passed: "Passed", failed: "Failed", error: "Error", skipped: "Skipped" },
  slowest: "Slowest tests",
  all: "All tests",
  allName: "list of tests",
  test: "Test",
  duration: "Took",
  search: "Search by name or file",
  show: "Show",
  which: {
    "": "All",
    failed: "Failed",
    passed: "Passed",
    skipped: "Skipped",
  },
  analysis: "Analysis",
  clean: "The analysis found nothing.",
  severity: { error: "Error", warning: "Warning", info: "Info" },
  findings: {
    errors: (count: number) => many(count, "error", "errors"),
    warnings: (count: number) => many(count, "warning", "warnings"),
    infos: (count: number) => many(count, "info", "infos"),
  },
  findingsName: "findings",
  findingsPages: "Pages of findings",
  findingsLeftOut: (count: number) =>
    `${many(count, "finding is", "findings are")} counted but not listed: there were too many.`,
  emptyTitle: "No step left a report of its tests.",
  emptyActive: "Tests appear here when the steps are over.",
  emptyText:
    "Let the test runner write to the folder in OORE_REPORTS, or print with --machine. Files of JUnit (*.xml) are read too. What flutter analyze prints is read without any of this.",
  snippetLabel: "Steps of a pipeline file of version 2",
  snippet: [
    "  - name: Analyze",
    "    run: flutter analyze",
    "  - name: Test",
    '    run: flutter test --file-reporter "json:$OORE_REPORTS/tests.json"',
  ].join("\n"),
});
