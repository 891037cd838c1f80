import { Refusal } from '@sluice/contract/refusals';
import type { Declaration } from '@sluice/contract/upload';

/** A multipart upload by Uppy's names for it. Both come from the client, so neither proves whose it is. */
export type NamedUpload = { readonly key: string; readonly uploadId: string };

/** What Uppy can ask of a Companion server's S3 routes. */
export type UppyCall =
  | { readonly kind: 'params' | 'create'; readonly declaration: Declaration }
  | { readonly kind: 'list' | 'repeat' | 'abort'; readonly named: NamedUpload }
  | { readonly kind: 'sign'; readonly named: NamedUpload; readonly partNumber: number }
  | { readonly kind: 'batch'; readonly named: NamedUpload; readonly partNumbers: readonly number[] }
  | {
      readonly kind: 'complete';
      readonly named: NamedUpload;
      readonly parts: readonly { readonly partNumber: number; readonly etag: string }[];
    };

// `repeat` is not Companion's: it returns again which upload was begun, in S3's form (see xml.ts).
const ROUTES = [
  ['params', 'GET', /^params$/],
  ['credentials', 'GET', /^sts$/],
  ['create', 'POST', /^multipart$/],
  ['list', 'GET', /^multipart\/([^/]+)$/],
  ['repeat', 'POST', /^multipart\/([^/]+)$/],
  ['abort', 'DELETE', /^multipart\/([^/]+)$/],
  ['batch', 'GET', /^multipart\/([^/]+)\/batch$/],
  ['complete', 'POST', /^multipart\/([^/]+)\/complete$/],
  ['sign', 'GET', /^multipart\/([^/]+)\/([^/]+)$/],
] as const;

export type UppyRoute = {
  readonly kind: UppyCall['kind'];
  readonly uploadId: string;
  readonly partNumber: string;
};

/**
 * The route of a path. Uppy 6 does not trim a slash from the end of its base, so slashes may be double.
 * @param path below the base that Uppy was given; it begins with `s3`, or with the name of a remote provider
 * Refuses `remote_files_unsupported`, `credentials_not_offered`, `route_not_found`.
 */
export function toRoute(method: string, path: string): UppyRoute {
  const [service, ...segments] = path.split('/').filter((segment) => segment !== '');
  if (service !== 's3') throw new Refusal('remote_files_unsupported');
  const rest = segments.join('/');
  for (const [kind, wanted, pattern] of ROUTES) {
    const match = method === wanted ? pattern.exec(rest) : null;
    if (match === null) continue;
    if (kind === 'credentials') throw new Refusal('credentials_not_offered');
    return { kind, uploadId: match[1] ?? '', partNumber: match[2] ?? '' };
  }
  throw new Refusal('route_not_found');
}
