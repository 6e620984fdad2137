/** A proxy that passes everything on but live streams: it takes them and lets nothing of them through, as some do that buffer. */
import { createServer, request as send } from "node:http";
import { pipeline } from "node:stream";

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
    const { method, url: path, headers } = incoming;
    if (this.isBlocking && path === "/v1/events") {
      outgoing.writeHead(200, { "content-type": "text/event-stream" });
      return outgoing.flushHeaders();
    }
    const onward = send({ host: "127.0.0.1", port: this.daemonPort, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      pipeline(answer, outgoing, () => undefined);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
