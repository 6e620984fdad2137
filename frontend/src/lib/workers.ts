/** Addresses of the worker scripts, filled in by build/workers.ts: log.worker.ts becomes OORE_WORKER_LOG. */
export const workerUrls = { log: process.env.OORE_WORKER_LOG ?? "" };
