/** The committed colours are the generated ones, and every one of them can be read. */
import { expect, test } from "bun:test";
import { contrast, fillColours, paletteCss, textColours } from "./palette";

test("the committed style sheet is current", async () => {
  expect(await Bun.file(new URL("../../styles/ansi.css", import.meta.url)).text()).toBe(paletteCss());
});

test("all 256 colours reach 4.5:1 on both grounds and as filled cells", () => {
  for (let colour = 0; colour < 256; colour++) {
    const { light, dark } = textColours(colour);
    const { fill, text } = fillColours(colour);
    expect(contrast(light, [255, 255, 255])).toBeGreaterThan(4.5);
    expect(contrast(dark, [10, 12, 18])).toBeGreaterThan(4.5);
    expect(contrast(fill, text)).toBeGreaterThan(4.5);
  }
});
