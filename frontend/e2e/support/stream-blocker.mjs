/** A proxy that passes everything on but live streams: it takes them and lets nothing of them through, as some do that buffer. */
import { createServer } from "node:http";
import { passOn } from "./pass-on.mjs";

export class StreamBlocker {
  constructor(daemonPort) {
    this.daemonPort = daemonPort;
    this.isBlocking = true;
    this.server = createServer((incoming, outgoing) => this.pass(incoming, outgoing));
  }

  static async start(daemonPort) {
    const blocker = new StreamBlocker(daemonPort);
    await new Promise((resolve) => blocker.server.listen(0, "127.0.0.1", resolve));
    blocker.port = blocker.server.address().port;
    blocker.origin = `http://localhost:${blocker.port}`;
    return blocker;
  }

  owns(port) {
    return port === this.port;
  }

  pass(incoming, outgoing) {
    if (this.isBlocking && incoming.url === "/v1/events") {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      return outgoing.flushHeaders();
    }
    passOn(this.daemonPort, incoming, outgoing);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
