/** The worker that a log lives in: hands messages to the engine and back. Nothing else belongs here. */
import { LogEngine } from "./engine";
import type { FromWorker, ToWorker } from "./messages";

interface WorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
const engine = new LogEngine((message) => scope.postMessage(message));
scope.onmessage = (event) => engine.handle(event.data);
