/**
 * Browser journeys against the real daemon: `OORED_BIN=<oored> node e2e/run.mjs [filter]`. Prints one line a journey and
 * `N passed, N failed` last. Each journey has a daemon, a data folder and a browser profile of its own.
 *
 * OORED_BIN    the daemon to test (needed)
 * CHROMIUM     the browser (default /usr/bin/chromium)
 * NGINX        the reverse proxy (default /usr/sbin/nginx)
 * SCREENSHOTS  a folder to keep pictures in (default: none are taken)
 * BUN          what builds the hosted UI (default bun)
 * LANES        how many journeys go on at a time, each lane with a browser of its own (default 2)
 */
import { readdirSync } from "node:fs";
import { Browser } from "./support/browser.mjs";
import { Stage } from "./support/stage.mjs";

const JOURNEY_LIMIT_MS = 180_000;

const folder = new URL("./journeys/", import.meta.url);

async function journeys(filter) {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".mjs"))
    .sort();
  const modules = await Promise.all(files.map((name) => import(new URL(name, folder).href)));
  const all = modules.flatMap((module) => module.journeys);
  return all.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
}

function within(ms, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

async function runOne(journey, browser) {
  const stage = new Stage(journey.name, browser);
  const started = Date.now();
  let problem = null;
  try {
    await within(journey.limitMs ?? JOURNEY_LIMIT_MS, journey.run(stage));
    stage.assertClean();
  } catch (error) {
    problem = error;
    await stage.keepEvidence();
  } finally {
    await stage.close();
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${problem ? "FAIL" : "ok  "} ${journey.name} (${seconds} s)`);
  if (problem) console.log(indent(problem.stack ?? String(problem)));
  return problem === null;
}

const indent = (text) =>
  text
    .split("\n")
    .map((line) => `     ${line}`)
    .join("\n");

if (!process.env.OORED_BIN) {
  console.error("OORED_BIN is not set: build the daemon and give its path, or run `make test`.");
  process.exit(2);
}
// The longest first, so that no lane ends long after the others.
const limitOf = ({ limitMs = JOURNEY_LIMIT_MS }) => limitMs;
const selected = (await journeys(process.argv[2] ?? "")).sort((a, b) => limitOf(b) - limitOf(a));
const waiting = [...selected];
const results = [];

async function lane() {
  const browser = await Browser.launch();
  for (let journey = waiting.shift(); journey; journey = waiting.shift())
    results.push(await runOne(journey, browser));
  await browser.close();
}

const lanes = Math.min(Number(process.env.LANES ?? 2), selected.length);
await Promise.all(Array.from({ length: lanes }, lane));
const failed = results.filter((passed) => !passed).length;
console.log(`${results.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 || results.length === 0 ? 1 : 0);
