/** The real browser, with a fresh profile per journey. */
import { chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class Browser {
  constructor(browser) {
    this.browser = browser;
  }

  static async launch() {
    const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
    return new Browser(await chromium.launch({ executablePath, args: FLAGS }));
  }

  /** A profile that nothing is left in from other journeys. */
  profile({
    width = 1440,
    height = 900,
    colorScheme = "light",
    pointer = "fine",
    locale = "en-US",
    userAgent,
  } = {}) {
    const isTouched = pointer === "coarse";
    return this.browser.newContext({
      viewport: { width, height },
      colorScheme,
      locale,
      userAgent,
      acceptDownloads: true,
      hasTouch: isTouched,
      isMobile: isTouched,
    });
  }

  close() {
    return this.browser.close();
  }
}
