// Calls of the JSON gateway. Every error becomes an ApiError with a reason that the page can word.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

let actingAs = '';

// Calls from now on are made as this person; '' is the caller without one.
export function actAs(person: string): void {
  actingAs = person;
}

export function callerHeaders(): Record<string, string> {
  return actingAs ? { 'X-Spm-As': actingAs } : {};
}

const kTimeoutMs = 15_000;

type Params = Record<string, string | number | boolean | undefined>;

export function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') query.set(key, String(value));
  }
  const text = query.toString();
  return call<T>(text ? `${path}?${text}` : path, { method: 'GET' }, signal);
}

export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { 'Content-Type': 'application/json' };
  return call<T>(path, { method: 'POST', headers, body: JSON.stringify(body) }, signal);
}

async function call<T>(path: string, init: RequestInit, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(kTimeoutMs);
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      headers: { Accept: 'application/json', ...init.headers, ...callerHeaders() },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    if (response.ok) return (await response.json()) as T;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, limit.aborted ? 'TIMEOUT' : 'UNREACHABLE', String(error));
  }
  throw await refusal(response);
}

interface Refusal {
  message?: string;
  details?: { reason?: string }[];
}

export async function refusal(response: Response): Promise<ApiError> {
  let body: Refusal & { error?: Refusal } = {};
  try {
    body = await response.json();
  } catch {
    // Not every refusal is JSON: a proxy in between answers with its own page.
  }
  const status = body.error ?? body;
  const reason = status.details?.find((detail) => detail.reason)?.reason ?? '';
  return new ApiError(response.status, reason, status.message ?? response.statusText);
}
