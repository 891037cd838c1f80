import { toNetworkError } from '#unreachable';
import { either } from './abortable.ts';
import { ProblemError, type SluiceError, UnauthorizedError, UnexpectedAnswerError } from './errors.ts';
import { parseJson } from './fields.ts';
import { isProblem } from './problem.ts';
import { RETRY, type RetryPolicy, retry } from './retry.ts';
import { realTiming, type Timing } from './timing.ts';

/**
 * Gives the token of a call. After the API refused one, it is asked once more and told which, so that it can
 * renew it.
 */
export type TokenSource = (refused?: string) => Promise<string>;

/**
 * By what the API knows the caller: a token of their own, or a grant that a backend got for them. As a
 * function, a grant is asked for again when the API has refused the one before, as when that has ended.
 */
export type Credentials = { readonly token: string | TokenSource } | { readonly grant: string | TokenSource };

export type ApiOptions = Credentials & {
  /** the address of the API, as the deployment prints it */
  readonly endpoint: string;
  readonly retry?: Partial<RetryPolicy>;
  /** how long one attempt of an API call may take */
  readonly timeoutMs?: number;
  readonly timing?: Timing;
};

export type Call = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

/** Makes one API call, and repeats it where that is safe and promising. Resolves with the parsed body. */
export type Api = (call: Call) => Promise<unknown>;

/**
 * Every route is safe to repeat: GET, PATCH and DELETE by nature, POST by the Idempotency-Key that its caller
 * sends, or because it makes nothing.
 */
export function createApi(options: ApiOptions): Api {
  const { timeoutMs = 30_000, timing = realTiming } = options;
  const policy = { ...RETRY, ...options.retry };
  const bearer = toBearer(options);

  const attempt = async (call: Call): Promise<Answer> => {
    const first = await bearer();
    const answer = await exchange(options.endpoint, call, first, timeoutMs);
    if (answer.status !== 401) return answer;
    const second = await bearer(first);
    return second === first ? answer : exchange(options.endpoint, call, second, timeoutMs);
  };

  return (call) =>
    retry(
      async () => {
        const answer = await attempt(call);
        if (answer.status >= 200 && answer.status < 300) return answer.body;
        throw toError(answer);
      },
      policy,
      timing,
      call.signal,
    );
}

/** What stands behind `Bearer` in the header of every call. */
export function toBearer(credentials: Credentials): TokenSource {
  const source = 'token' in credentials ? credentials.token : hold(credentials.grant);
  return typeof source === 'string' ? async () => source : source;
}

/**
 * The grant that was got first, until the API refuses it. Whoever makes one for each call, as a backend that
 * is asked does, would look for an upload by another grant than it was requested with.
 */
function hold(grant: string | TokenSource): string | TokenSource {
  if (typeof grant === 'string') return grant;
  let held: Promise<string> | undefined;
  return async (refused) => {
    const before = held;
    // Calls that were refused at the same moment get one new grant together.
    if (before === undefined || ((await before) === refused && held === before)) {
      held = grant(refused);
      held.catch(() => {
        held = undefined;
      });
    }
    return held as Promise<string>;
  };
}

type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly retryAfterSeconds: number | undefined;
};

async function exchange(endpoint: string, call: Call, token: string, timeoutMs: number): Promise<Answer> {
  const { method, headers, body, signal } = call;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(toUrl(endpoint, call), {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: either(signal, timeout),
    });
    const text = await response.text();
    const asked = Number(response.headers.get('retry-after') ?? Number.NaN);
    return {
      status: response.status,
      body: parseJson(text),
      retryAfterSeconds: Number.isFinite(asked) ? asked : undefined,
    };
  } catch (cause) {
    signal?.throwIfAborted();
    throw toNetworkError(`There was no answer from ${new URL(endpoint).host}`, cause);
  }
}

// The endpoint may have a path of its own (an API's stage), which `new URL(path, endpoint)` would drop.
function toUrl(endpoint: string, { path, query = {} }: Call): URL {
  const url = new URL(endpoint.replace(/\/+$/, '') + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function toError({ status, body, retryAfterSeconds }: Answer): SluiceError {
  // API Gateway says it in its own words where there is no token, and Sluice in a problem's.
  if (status === 401 && isProblem(body)) return new UnauthorizedError(body.detail || body.title);
  if (isProblem(body)) return new ProblemError(body, { retryAfterSeconds });
  if (status === 401 || status === 403) return new UnauthorizedError('The API did not accept the token.');
  return new UnexpectedAnswerError(status, `The API answered ${status}, and not in Sluice's words.`, {
    retryAfterSeconds,
  });
}
