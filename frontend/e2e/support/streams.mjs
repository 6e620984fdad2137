/** The live streams that the pages of a browser profile hold, as the browser itself tells. */

export class Streams {
  constructor(context) {
    this.open = new Set();
    /** `last-event-id` of each stream that was ever opened. */
    this.resumed = [];
    /** Every request to an API, as "METHOD path". */
    this.requests = [];
    context.on("request", (request) => this.begun(request));
    context.on("requestfinished", (request) => this.open.delete(request));
    context.on("requestfailed", (request) => this.open.delete(request));
  }

  begun(request) {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith("/v1/")) return;
    this.requests.push(`${request.method()} ${pathname}`);
    if (pathname !== "/v1/events" || request.method() !== "GET") return;
    this.open.add(request);
    // The browser does not tell how the requests of a closed page ended.
    request
      .frame()
      .page()
      .once("close", () => this.open.delete(request));
    this.resumed.push(request.headers()["last-event-id"] ?? null);
  }

  /** The page that reads the stream for all others. */
  get leader() {
    const [request] = this.open;
    return request?.frame().page() ?? null;
  }
}
