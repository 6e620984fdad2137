/** Every word that people see comes from the catalogue: read off the components as they are compiled, and off the catalogue. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { german } from "@/messages/de";
import type { Area } from "@/messages/language";

const src = join(import.meta.dir, "../src");
const files = (pattern: string) => [...new Bun.Glob(pattern).scanSync({ cwd: src })].sort();
const jsx = new Bun.Transpiler({
  loader: "tsx",
  tsconfig: JSON.stringify({ compilerOptions: { jsx: "react-jsx" } }),
});

/** Texts between tags, and attributes that are read or read out. */
const SHOWN =
  /(?:children|"aria-label"|"aria-description"|title|label|placeholder|alt|description): (?:\[\s*)?"((?:[^"\\]|\\.)*)"/g;
const IS_WORD = /\p{L}{2,}/u;
/** Examples of what is typed are the same in every language. */
const EXAMPLES = /^(https?:\/\/|[\w.+-]+@|[/~.]|[\w-]+(?:[.:/][\w-]+)+$)/;

test("no component has words of its own", () => {
  const found = files("{components,features,routes}/**/*.tsx").flatMap((path) => {
    const code = jsx.transformSync(readFileSync(join(src, path), "utf8"));
    return [...code.matchAll(SHOWN)]
      .map(([, text = ""]) => text)
      .filter((text) => IS_WORD.test(text) && !EXAMPLES.test(text))
      .map((text) => `${path}: ${text}`);
  });
  expect(found).toEqual([]);
});

test("what the check looks for would be found", () => {
  const code = jsx.transformSync('const a = <p title="Hello there">Good day{x}</p>; const b = <i>One</i>;');
  expect([...code.matchAll(SHOWN)].map(([, text]) => text)).toEqual(["Hello there", "Good day", "One"]);
});

test("the catalogue holds words, no markup, and each file tells what it is for", async () => {
  for (const path of files("messages/en/*.ts")) {
    const text = readFileSync(join(src, path), "utf8");
    expect({ path, isTold: text.startsWith("/**") }).toEqual({ path, isTold: true });
    const areas: Record<string, unknown> = await import(join(src, path));
    const markup = wordsOf(areas, path).filter(([, word]) => /<\/?[a-z]+[\s>]/.test(word));
    expect(markup).toEqual([]);
  }
});

test("every area of the catalogue can be said in German, down to words that types let be any", async () => {
  for (const path of files("messages/en/*.ts")) {
    const areas: Record<string, object> = await import(join(src, path));
    for (const [name, area] of Object.entries(areas)) {
      expect(readFileSync(join(src, path), "utf8")).toContain(`export const ${name} = area("${name}", {`);
      expect({ name, keys: keysOf(german[name as Area]) }).toEqual({ name, keys: keysOf(area) });
    }
  }
});

function keysOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keysOf(inner)]));
}

function wordsOf(value: unknown, place: string): [string, string][] {
  if (typeof value === "string") return [[place, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => wordsOf(inner, `${place} ${key}`));
}
