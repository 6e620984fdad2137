/** A log's worker in the same thread, whose words reach the page only when a test lets them. For tests only. */
import type { WorkerLike } from "@/lib/log/client";
import { LogEngine } from "@/lib/log/engine";
import type { FromWorker, ToWorker } from "@/lib/log/messages";

export class HeldWorker implements WorkerLike {
  onmessage: WorkerLike["onmessage"] = null;
  readonly heard: ToWorker[] = [];
  /** What is on its way to the page. */
  held: FromWorker[] = [];
  private readonly engine: LogEngine;

  constructor(private readonly answers: "held" | "at once" | "never" = "held") {
    this.engine = new LogEngine((message) => {
      this.held.push(message);
      if (this.answers === "at once") this.deliver();
    });
  }

  postMessage(message: ToWorker): void {
    this.heard.push(message);
    if (this.answers !== "never") this.engine.handle(message);
  }

  deliver(): void {
    for (const data of this.held.splice(0)) this.onmessage?.(new MessageEvent("message", { data }));
  }

  terminate(): void {}
}
