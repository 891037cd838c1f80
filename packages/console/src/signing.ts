import { createApi, type TokenSource } from '@sluice/client/api';
import { UnexpectedAnswerError } from '@sluice/client/errors';
import { isFields } from '@sluice/client/fields';
import { createSignRequest, type RequestToSign, type SignedRequest } from '@sluice/client/uppy';

/** A file that Uppy holds. */
export type Held = { readonly id: string; readonly name: string; readonly policy: string | undefined };

export type SigningDeps = {
  readonly endpoint: string;
  readonly token: TokenSource;
  readonly now: () => number;
  /** Called with an upload that no byte will be sent to any more. */
  readonly onAbandoned: (uploadId: string) => void;
};

/** What Uppy is told of where to send a file's bytes, and what is remembered of it. */
export type Signing = {
  /** A key that stands for the file until the server has made its own. */
  readonly toKey: (file: Held) => string;
  readonly sign: (request: RequestToSign) => Promise<SignedRequest>;
  /** Gives up what the file was sent to so far, if anything. */
  readonly abandon: (fileId: string) => void;
  /** The file has arrived, or Uppy itself ends its upload: nothing is to be given up. */
  readonly forget: (fileId: string) => void;
};

type Signer = (request: RequestToSign) => Promise<SignedRequest>;

// Another session is asked for this long before the end of one, so that no part is refused on its way.
const RESERVE_MS = 60_000;

/**
 * Signs Uppy's requests with the bearer token. Uppy has no field for a policy: a file whose policy was chosen
 * goes by an upload session that is bound to it.
 */
export function createSigning({ endpoint, token, now, onAbandoned }: SigningDeps): Signing {
  const api = createApi({ endpoint, token });
  const direct = createSignRequest({ endpoint, token });
  const files = new Map<string, Held>(); // by key: Uppy's own, then the server's
  const uploads = new Map<string, string>(); // ids of uploads, by file
  const sessions = new Map<string, { readonly signer: Promise<Signer>; until: number }>();

  const begin = async (policy: string, session: { until: number }): Promise<Signer> => {
    const answer = await api({ method: 'POST', path: '/uppy-sessions', body: { policy } });
    if (!isFields(answer) || typeof answer.token !== 'string' || typeof answer.expiresAt !== 'string') {
      throw new UnexpectedAnswerError(200, 'The API answered without an upload session.');
    }
    session.until = Date.parse(answer.expiresAt) - RESERVE_MS;
    // At the page's own address, whatever name the deployment has besides: its security policy allows no
    // other.
    return createSignRequest({ endpoint: `${endpoint.replace(/\/$/, '')}/uppy/${answer.token}`, token });
  };

  const signerOf = (policy: string | undefined): Signer | Promise<Signer> => {
    if (policy === undefined) return direct;
    const known = sessions.get(policy);
    if (known && known.until > now()) return known.signer;
    const session = { until: Number.POSITIVE_INFINITY };
    const signer = begin(policy, session);
    sessions.set(policy, Object.assign(session, { signer }));
    signer.catch(() => sessions.delete(policy)); // the next file may have more luck
    return signer;
  };

  const abandon = (fileId: string): void => {
    const uploadId = uploads.get(fileId);
    uploads.delete(fileId);
    if (uploadId !== undefined) onAbandoned(uploadId);
  };

  return {
    toKey: (file) => {
      const key = `${crypto.randomUUID()}-${file.name}`;
      files.set(key, file);
      return key;
    },
    sign: async (request) => {
      const file = files.get(request.key);
      const sign = await signerOf(file?.policy);
      const signed = await sign(request);
      const key = signed.key ?? signed.fields?.key;
      if (file === undefined || key === undefined) return signed;
      const uploadId = key.slice(key.lastIndexOf('/') + 1);
      // What Uppy sends whole it begins anew after a pause, as another upload.
      if (uploads.get(file.id) !== uploadId) abandon(file.id);
      files.set(key, file);
      uploads.set(file.id, uploadId);
      return signed;
    },
    abandon,
    forget: (fileId) => {
      uploads.delete(fileId);
    },
  };
}
