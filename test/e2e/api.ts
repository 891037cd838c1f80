import { inject } from 'vitest';
import type { TestStack, TestUser } from '../setup/local-stack.ts';

export type Resource = {
  readonly id: string;
  readonly state: string;
  readonly filename?: string;
  readonly size?: number;
  readonly reason?: string;
  readonly servedType?: string;
  readonly expiresAt: string;
  readonly put?: { readonly url: string; readonly headers: Record<string, string> };
  readonly post?: { readonly url: string; readonly fields: Record<string, string> };
  readonly multipart?: {
    readonly partSize: number;
    readonly partCount: number;
    readonly parts: readonly { readonly partNumber: number; readonly size: number; readonly url: string }[];
  };
};

export type Problem = {
  readonly code: string;
  readonly field?: string;
  readonly status: number;
  readonly requestId: string;
};

export type Intent = Readonly<Record<string, unknown>> & { readonly contentType: string };

/** The deployed API as one caller sees it: that of the shared stack, or of one that is given. */
export function apiOf(
  user: Pick<TestUser, 'idToken'>,
  { apiUrl }: Pick<TestStack, 'apiUrl'> = inject('stack'),
) {
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${apiUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${user.idToken}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const request = async (
    intent: Intent,
    bytes: number,
    headers?: Record<string, string>,
  ): Promise<Resource> => {
    const response = await call('POST', '/uploads', { filename: 'a-file', size: bytes, ...intent }, headers);
    if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Resource;
  };
  const read = async (id: string): Promise<Resource> =>
    (await (await call('GET', `/uploads/${id}`)).json()) as Resource;
  /** The upload once its verdict is in. */
  const settled = async (id: string, withinMs = 60_000): Promise<Resource> => {
    const until = Date.now() + withinMs;
    for (;;) {
      const upload = await read(id);
      if (upload.state !== 'requested' && upload.state !== 'verifying') return upload;
      if (Date.now() > until) throw new Error(`upload ${id} is still ${upload.state}`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const problem = async (response: Response): Promise<Problem> => {
    const type = response.headers.get('content-type');
    if (type !== 'application/problem+json')
      throw new Error(`${response.status} ${type}: ${await response.text()}`);
    return (await response.json()) as Problem;
  };
  return { call, request, read, settled, problem };
}

/** Sends the bytes by the PUT that an upload came with, with some of its headers changed. */
export function put({ put: grant }: Resource, bytes: Uint8Array, changed: Record<string, string> = {}) {
  if (!grant) throw new Error('the upload came without a PUT');
  // fetch sets the length itself, from the body.
  const { 'content-length': _length, ...headers } = grant.headers;
  return fetch(grant.url, {
    method: 'PUT',
    headers: { ...headers, ...changed },
    body: new Uint8Array(bytes),
  });
}

/** Sends the bytes by the form that an upload came with, with some of its fields changed. */
export function post({ post: grant }: Resource, bytes: Uint8Array, changed: Record<string, string> = {}) {
  if (!grant) throw new Error('the upload came without a form');
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...grant.fields, ...changed })) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(bytes)]));
  return fetch(grant.url, { method: 'POST', body: form });
}
