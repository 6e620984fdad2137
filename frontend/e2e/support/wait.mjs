/** Waits for something to become true by asking again; never by sleeping and hoping. */

const PAUSE_MS = 50;

/** Answers the first truthy result of `check`; throws with `what` and the last error when the time is over. */
export async function waitFor(what, check, limitMs = 20_000) {
  const deadline = Date.now() + limitMs;
  let last = "";
  while (Date.now() < deadline) {
    const result = await check();
    if (result) return result;
    last = JSON.stringify(result) ?? "";
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`waited ${limitMs / 1000} s for ${what} (last: ${last})`);
}
