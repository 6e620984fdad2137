/**
 * Measures the log's font: how wide a column is, and how much wide characters lack to be as wide as two. It must not know
 * lines.
 */
import type { WideKind } from "@/lib/ansi/width";

const CHARACTERS = 100;
const WIDE_CHARACTERS = 20;
const SAMPLES: Readonly<Record<WideKind, string>> = { emoji: "🚀", hangul: "한", han: "漢" };

export class FontProbe {
  readonly element = document.createElement("div");
  private readonly narrow = sample("0".repeat(CHARACTERS));
  private readonly wide = (Object.keys(SAMPLES) as WideKind[]).map(
    (kind) => [kind, sample(SAMPLES[kind].repeat(WIDE_CHARACTERS))] as const,
  );

  constructor() {
    this.element.className = "log-probe";
    this.element.setAttribute("aria-hidden", "true");
    this.element.append(this.narrow, ...this.wide.map(([, element]) => element));
  }

  /** Pixels of a column, 0 if nothing is displayed. Tells `root` the gaps of wide characters. */
  measure(root: HTMLElement): number {
    const column = widthOf(this.narrow) / CHARACTERS;
    for (const [kind, element] of this.wide) {
      const gap = 2 * column - widthOf(element) / WIDE_CHARACTERS;
      root.style.setProperty(`--log-gap-${kind}`, `${gap}px`);
    }
    return column;
  }
}

function sample(text: string): HTMLElement {
  const element = document.createElement("span");
  element.textContent = text;
  return element;
}

const widthOf = (element: HTMLElement): number => element.getBoundingClientRect().width;
