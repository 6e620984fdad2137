/** What answers of the fake daemon are made of: pages of lists, things by their id, refusals. It must know no operation. */

export type Failure = {
  status: number;
  code: string;
  error?: string;
  hint?: string;
  details?: unknown;
  fields?: { field: string; message: string }[];
};

export function pageOf<T>(list: readonly T[], query: URLSearchParams): T[] {
  const offset = Number(query.get("offset") ?? 0);
  return list.slice(offset, offset + Number(query.get("limit") ?? 50));
}

export function found<T extends { id: string }>(
  list: T[],
  id: string | undefined,
  show: (item: T) => unknown,
): unknown {
  const item = list.find((entry) => entry.id === id);
  return item && show(item);
}

export function fail(failure: Failure): Response {
  const { status, code, error = `failed with ${code}`, hint, details, fields } = failure;
  return Response.json(
    { error, code, hint, details, fields, request_id: "req-test-1" },
    { status, headers: { "x-request-id": "req-test-1" } },
  );
}
