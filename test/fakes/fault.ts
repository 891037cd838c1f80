/** What happens to a call in place of, or after, what should. Each is used up by one call. */
export type Fault =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
    }
  /** the connection is cut before anything is done */
  | { readonly kind: 'cut' }
  /** the connection is cut after so many bytes of the body */
  | { readonly kind: 'cut-in-body'; readonly afterBytes: number }
  /** everything is done, and the answer is lost */
  | { readonly kind: 'lose-answer' }
  /** nothing is answered, ever */
  | { readonly kind: 'silence' };

/** The body of a problem as the API sends it. */
export function problemBody(status: number, code: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    type: `about:${code}`,
    title: code,
    status,
    detail: `detail of ${code}`,
    code,
    requestId: 'r-1',
    retryable: false,
    ...more,
  };
}

/** An answer that is a problem. */
export function problem(status: number, code: string, more: Readonly<Record<string, unknown>> = {}) {
  return { kind: 'answer', status, body: problemBody(status, code, more) } as const satisfies Fault;
}
