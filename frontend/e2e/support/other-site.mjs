/** A web page of somebody else: a real server with an origin of its own, and what scripts on its page can do. */
import { createServer } from "node:http";

const PAGE = `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Another site</title></html>`;

export class OtherSite {
  constructor(server) {
    this.server = server;
    this.port = server.address().port;
    this.origin = `http://localhost:${this.port}`;
  }

  static start() {
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html").end(PAGE);
    });
    return new Promise((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve(new OtherSite(server)));
    });
  }

  owns(port) {
    return port === this.port;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** A request by a script on the page: `200`, `403 code`, or `refused by the browser`. */
export function fromPage(page, url, options) {
  return page.evaluate(
    async ({ url, options }) => {
      try {
        const response = await fetch(url, options);
        if (response.type === "opaque") return "sent blindly";
        return response.ok ? `${response.status}` : `${response.status} ${(await response.json()).code}`;
      } catch {
        return "refused by the browser";
      }
    },
    { url, options },
  );
}

/** The same by a script without an origin: in a frame that is locked away. */
export function fromNowhere(page, url, options) {
  return page.evaluate(
    ({ url, options }) => {
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts";
      const call = `fetch(${JSON.stringify(url)}, ${JSON.stringify(options)})`;
      frame.srcdoc = `<script>
        ${call}.then((answer) => String(answer.status), () => "refused by the browser")
          .then((told) => parent.postMessage(told + " as " + origin, "*"));
      </script>`;
      const told = new Promise((resolve) =>
        addEventListener("message", ({ data }) => resolve(data), { once: true }),
      );
      document.documentElement.append(frame);
      return told.finally(() => frame.remove());
    },
    { url, options },
  );
}

/** Opens the live stream from the page; answers the first event's name, or that the browser refused. */
export function streamFromPage(page, url, options) {
  return page.evaluate(
    async ({ url, options }) => {
      try {
        const reader = (await fetch(url, options)).body.getReader();
        const { value } = await reader.read();
        await reader.cancel();
        return /^event: (\w+)/m.exec(new TextDecoder().decode(value))?.[1];
      } catch {
        return "refused by the browser";
      }
    },
    { url, options },
  );
}
