/** Passes a request on to the daemon and its answer back, byte by byte: what proxies of tests have in common. */
import { request as send } from "node:http";
import { pipeline } from "node:stream";

export function passOn(daemonPort, incoming, outgoing, headers = incoming.headers) {
  const { method, url: path } = incoming;
  const onward = send({ host: "127.0.0.1", port: daemonPort, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    // What breaks off on one side breaks off on the other.
    pipeline(answer, outgoing, () => undefined);
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  incoming.pipe(onward);
}
