import type { Owner } from '@sluice/contract/upload';
import { type ApiOptions, createApi } from './api.ts';
import type { Abortable } from './client.ts';
import { UnexpectedAnswerError } from './errors.ts';
import { isFields } from './fields.ts';

/** What a grant is to allow. What is left out has the policies' own limits. */
export type GrantWish = {
  /** whose the uploads are to be; a service has to say it, and nobody else may */
  readonly owner?: Owner;
  readonly policy?: string;
  readonly types?: readonly string[];
  /** the limit for each file, in bytes */
  readonly maxBytes?: number;
  /** how many files in all */
  readonly uploads?: number;
  /** how many bytes in all */
  readonly bytes?: number;
  /** goes into every upload, and no client can change it */
  readonly metadata?: Readonly<Record<string, string>>;
  /** your own id of what the files are for; goes into every upload */
  readonly reference?: string;
  /** 60 to 86,400; an hour if absent */
  readonly expiresInSeconds?: number;
};

/** A grant as the API tells of it. Times are ISO 8601. */
export type Grant = Omit<GrantWish, 'owner' | 'expiresInSeconds'> & {
  readonly id: string;
  readonly owner: Owner;
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt?: string;
  /** of its uploads, and of what is set aside for those that go on */
  readonly taken: { readonly uploads: number; readonly bytes: number };
  /** of each limit that it has */
  readonly left: { readonly uploads?: number; readonly bytes?: number };
};

/** A grant that was just made, and what stands for it. The API tells the token this once. */
export type NewGrant = Grant & {
  /** for `grant` of an uploader, or as a bearer token */
  readonly token: string;
  /** for `companionEndpoint` of Uppy */
  readonly companionUrl: string;
};

/** The grants of one API, as a service or as a person. Each rejects with one of the errors of errors.ts. */
export type Grants = {
  create(wish?: GrantWish, options?: Abortable): Promise<NewGrant>;
  /** What is left of a grant. */
  read(id: string, options?: Abortable): Promise<Grant>;
  /** Ends a grant at once. Safe to repeat. */
  revoke(id: string, options?: Abortable): Promise<void>;
};

/** Makes, shows and revokes grants. Opens nothing and holds nothing. */
export function createGrants(options: ApiOptions): Grants {
  const api = createApi(options);
  return {
    create: async (wish = {}, { signal } = {}) => {
      const answer = await api({ method: 'POST', path: '/grants', body: wish, signal });
      if (isGrant(answer) && 'token' in answer) return answer as NewGrant;
      throw unexpected();
    },
    read: async (id, { signal } = {}) => {
      const answer = await api({ method: 'GET', path: pathOf(id), signal });
      if (isGrant(answer)) return answer;
      throw unexpected();
    },
    revoke: async (id, { signal } = {}) => {
      await api({ method: 'DELETE', path: pathOf(id), signal });
    },
  };
}

function pathOf(id: string): string {
  // Anything else could lead to another route.
  if (!/^[\w-]{1,128}$/.test(id)) throw new TypeError('That is not the id of a grant.');
  return `/grants/${id}`;
}

function isGrant(value: unknown): value is Grant {
  return isFields(value) && typeof value.id === 'string' && isFields(value.taken) && isFields(value.left);
}

function unexpected(): UnexpectedAnswerError {
  return new UnexpectedAnswerError(
    200,
    "The address answered, but not in Sluice's words. Is it the address of the API?",
  );
}
