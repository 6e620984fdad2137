/**
 * What a journey plays on: a daemon, a page and the watch over both. Everything that must not happen anywhere (console
 * errors, reports of the content security policy, requests to foreign places, axe findings) is collected here.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AccessProxy } from "./access-proxy.mjs";
import { Api } from "./api.mjs";
import { axeFindings } from "./axe.mjs";
import { Daemon } from "./daemon.mjs";

/** A daemon that was killed on purpose refuses connections; the browser prints that by itself. */
const EXPECTED_WHILE_DOWN =
  /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)/;

/** Appearing things fade in; a colour half way there would be measured as a contrast fault. */
const SETTLE_MS = 180;

export class Stage {
  constructor(name, browser) {
    this.name = name;
    this.browser = browser;
    this.problems = [];
    this.contexts = [];
    this.neighbours = [];
    this.daemon = null;
    this.proxy = null;
    this.page = null;
    this.isDaemonAway = false;
    this.tolerated = [];
  }

  /** The browser prints every refused request; where a journey asks for one, that is no fault. */
  tolerate(pattern) {
    this.tolerated.push(pattern);
  }

  /** `settings` are variables of the daemon. */
  async startDaemon(settings = {}) {
    this.daemon = await Daemon.start(settings);
    this.api = new Api(this.daemon.origin);
    return this.daemon;
  }

  /** Another server of this journey: what it `owns` is no foreign place, and it is stopped with the stage. */
  neighbour(server) {
    this.neighbours.push(server);
    return server;
  }

  /** An access proxy in front of the daemon; its pages are the product's own too. */
  async startProxy() {
    this.proxy = this.neighbour(await AccessProxy.start(this.daemon.port));
    return this.proxy;
  }

  async openPage(options) {
    const context = await this.browser.profile(options);
    this.contexts.push(context);
    const page = await context.newPage();
    this.watch(page);
    this.page = page;
    return page;
  }

  watch(page) {
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      if (this.isDaemonAway && EXPECTED_WHILE_DOWN.test(message.text())) return;
      const text = `${message.text()} (${message.location().url})`;
      if (this.tolerated.some((pattern) => pattern.test(text))) return;
      this.problems.push(`console ${message.type()}: ${text}`);
    });
    page.on("pageerror", (error) => this.problems.push(`page error: ${error.stack ?? error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      const isOwn = url.protocol === "data:" || url.protocol === "blob:" || this.isOwnPlace(url);
      if (!isOwn) this.problems.push(`request to a foreign place: ${request.url()}`);
      if (/[?&](token|session|authorization)=/i.test(url.search)) {
        this.problems.push(`a secret in an address: ${url.pathname}`);
      }
    });
    page.on("response", (response) => {
      if (response.status() >= 500) this.problems.push(`${response.status()} from ${response.url()}`);
    });
  }

  isOwnPlace({ hostname, port }) {
    const isLoopback = hostname === "localhost" || hostname === "127.0.0.1";
    return isLoopback && [this.daemon, ...this.neighbours].some((own) => own.owns(Number(port)));
  }

  go(path) {
    return this.page.goto(this.daemon.origin + path);
  }

  /** A stop of the journey: the page as it is now must be accessible, fit its window and keep its one h1. */
  async stop(label) {
    await this.page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
    await this.page.waitForTimeout(SETTLE_MS);
    const where = `${label} (${this.page.url().replace(this.daemon.origin, "")})`;
    for (const finding of await axeFindings(this.page)) this.problems.push(`axe at ${where}: ${finding}`);
    const overflow = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) this.problems.push(`${where} is ${overflow} px too wide`);
    const headings = await this.page.locator("h1").count();
    if (headings !== 1) this.problems.push(`${where} has ${headings} h1`);
    await this.picture(label);
  }

  async picture(label) {
    const folder = process.env.SCREENSHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    const file = `${this.name} ${label}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    await this.page.screenshot({ path: join(folder, `${file}.png`) });
  }

  async daemonAway(action) {
    this.isDaemonAway = true;
    await action();
  }

  /** After a restart the last refused requests may still be printed; from now on they are errors again. */
  daemonBack() {
    this.isDaemonAway = false;
  }

  async keepEvidence() {
    if (!this.page || this.page.isClosed()) return;
    await this.picture("at the failure").catch(() => undefined);
  }

  assertClean() {
    if (this.problems.length > 0) throw new Error([...new Set(this.problems)].join("\n"));
  }

  async close() {
    for (const context of this.contexts) await context.close().catch(() => undefined);
    for (const server of this.neighbours) await server.stop();
    await this.daemon?.stop();
  }
}
