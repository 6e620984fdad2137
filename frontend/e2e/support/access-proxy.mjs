/** An access proxy on this machine: passes everything on and says who the person is. It must not know the product's pages. */
import { createServer } from "node:http";
import { passOn } from "./pass-on.mjs";

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
    passOn(this.daemonPort, incoming, outgoing, headers);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
