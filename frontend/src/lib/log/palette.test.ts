/** The committed colours are the generated ones, and every one of them can be read. */
import { expect, test } from "bun:test";
import {
  contrast,
  DARK_GROUNDS,
  fillColours,
  fromHex,
  LIGHT_GROUNDS,
  paletteCss,
  textColours,
} from "./palette";

test("the grounds are those of the style sheets", async () => {
  const read = (name: string) => Bun.file(new URL(`../../styles/${name}`, import.meta.url)).text();
  const sheets = (await read("tokens.css")) + (await read("log.css"));
  const pair = (name: string) =>
    new RegExp(`--${name}: light-dark\\(#(\\w+), #(\\w+)\\);`).exec(sheets)?.slice(1) ?? [];
  const [light, dark] = [0, 1].map((theme) => {
    const [ground = "", ink = "", accent = "", warning = ""] = [
      "log-ground",
      "ink",
      "accent-tint",
      "warning-tint",
    ].map((name) => pair(name)[theme]);
    const hover = fromHex(ground).map((part, i) => part + ((fromHex(ink)[i] ?? 0) - part) * 0.05);
    return [fromHex(ground), hover.map(Math.round), fromHex(accent), fromHex(warning)];
  });
  expect(LIGHT_GROUNDS as unknown).toEqual(light);
  expect(DARK_GROUNDS as unknown).toEqual(dark);
});

test("the committed style sheet is current", async () => {
  expect(await Bun.file(new URL("../../styles/ansi.css", import.meta.url)).text()).toBe(paletteCss());
});

test("all 256 colours reach 4.5:1 on every ground of a row in both themes, and as filled cells", () => {
  for (let colour = 0; colour < 256; colour++) {
    const { light, dark } = textColours(colour);
    const { fill, text } = fillColours(colour);
    for (const ground of LIGHT_GROUNDS) expect(contrast(light, ground)).toBeGreaterThan(4.5);
    for (const ground of DARK_GROUNDS) expect(contrast(dark, ground)).toBeGreaterThan(4.5);
    expect(contrast(fill, text)).toBeGreaterThan(4.5);
  }
});
