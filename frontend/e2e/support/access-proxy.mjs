/** An access proxy on this machine: passes everything on and says who the person is. It must not know the product's pages. */
import { createServer, request as send } from "node:http";
import { pipeline } from "node:stream";

/** What a visitor must not be able to say themselves. */
const OWN_HEADERS = ["x-warpgate-username", "x-oore-trusted-proxy-secret"];

export class AccessProxy {
  constructor(daemonPort) {
    this.daemonPort = daemonPort;
    this.user = null;
    this.secret = null;
    this.server = createServer((incoming, outgoing) => this.pass(incoming, outgoing));
  }

  static async start(daemonPort) {
    const proxy = new AccessProxy(daemonPort);
    await new Promise((resolve, reject) => {
      proxy.server.once("error", reject);
      proxy.server.listen(0, "127.0.0.1", resolve);
    });
    proxy.port = proxy.server.address().port;
    proxy.origin = `http://localhost:${proxy.port}`;
    return proxy;
  }

  owns(port) {
    return port === this.port;
  }

  pass(incoming, outgoing) {
    const headers = { ...incoming.headers, "x-forwarded-for": incoming.socket.remoteAddress };
    for (const name of OWN_HEADERS) delete headers[name];
    if (this.user) headers["x-warpgate-username"] = this.user;
    if (this.secret) headers["x-oore-trusted-proxy-secret"] = this.secret;
    const { method, url: path } = incoming;
    const onward = send({ host: "127.0.0.1", port: this.daemonPort, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      // What breaks off on one side breaks off on the other.
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
