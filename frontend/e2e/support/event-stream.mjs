/** The live stream as a program reads it, without a browser. */
import assert from "node:assert/strict";

const LIMIT_MS = 15_000;

export class EventStream {
  constructor(reader) {
    this.reader = reader;
    this.text = "";
  }

  static async open(origin, token) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${origin}/v1/events`, { headers, signal: AbortSignal.timeout(LIMIT_MS) });
    assert.equal(response.status, 200);
    return new EventStream(response.body.pipeThrough(new TextDecoderStream()).getReader());
  }

  /** Reads on until `word` has come. */
  async until(word) {
    while (!this.text.includes(word)) {
      const { value, done } = await this.reader.read();
      if (done) throw new Error(`the stream ended before “${word}”: ${this.text}`);
      this.text += value;
    }
  }

  close() {
    return this.reader.cancel();
  }
}
