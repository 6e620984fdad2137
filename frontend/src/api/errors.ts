/** The one error that API calls throw. It must not know about pages; texts for people live in messages/. */

export type FieldError = { field: string; message: string };

/** `status` 0 means that no answer came (network, DNS, refused, aborted by the browser). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: string | null;
  /** What the server adds for programs, such as the address it saw; empty if it adds nothing. */
  readonly facts: Record<string, unknown>;
  readonly hint: string | null;
  readonly fields: FieldError[];
  readonly requestId: string | null;

  constructor(init: {
    status: number;
    code: string;
    message: string;
    details?: string | null;
    facts?: Record<string, unknown>;
    hint?: string | null;
    fields?: FieldError[];
    requestId?: string | null;
  }) {
    super(init.message);
    this.name = "ApiError";
    this.status = init.status;
    this.code = init.code;
    this.details = init.details ?? null;
    this.facts = init.facts ?? {};
    this.hint = init.hint ?? null;
    this.fields = init.fields ?? [];
    this.requestId = init.requestId ?? null;
  }

  /** Worth trying again without any change: the network or the server failed, not the request. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function toApiError(cause: unknown): ApiError {
  if (cause instanceof ApiError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ApiError({ status: 0, code: "unexpected", message });
}

/** Reads an error answer; a body that is not ours (a proxy's page, say) still becomes an ApiError. */
export async function errorFromResponse(response: Response): Promise<ApiError> {
  const header = response.headers.get("x-request-id");
  const body = await response.json().catch(() => null);
  const known = isRecord(body) ? body : {};
  return new ApiError({
    status: response.status,
    code: text(known.code) ?? `http_${response.status}`,
    message: text(known.error) ?? (response.statusText || `HTTP ${response.status}`),
    details: text(known.details) ?? null,
    facts: isRecord(known.details) ? known.details : {},
    hint: text(known.hint) ?? null,
    fields: Array.isArray(known.fields) ? known.fields.filter(isFieldError) : [],
    requestId: text(known.request_id) ?? header,
  });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isFieldError(value: unknown): value is FieldError {
  return isRecord(value) && typeof value.field === "string" && typeof value.message === "string";
}
