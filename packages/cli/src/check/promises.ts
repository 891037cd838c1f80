import { randomUUID } from 'node:crypto';
import { type Client, createClient } from '@sluice/client/client';
import type { Upload } from '@sluice/client/resource';
import { createUploader, type UploadOptions } from '@sluice/client/uploader';
import type { Target } from '../target.ts';
import type { World } from '../world.ts';
import { Broken, refused, Skipped, Untried } from './outcome.ts';
import type { Sample } from './sample.ts';
import { checkScanning } from './scanning.ts';
import { checkEvents, checkService, checkWebhooks } from './services.ts';
import { checkGrants, checkMany, checkReaders } from './sharing.ts';
import type { Visit } from './visit.ts';

/** What a deployed Sluice promises, in the order in which it is checked. */
export const PROMISES = [
  'health',
  'token-needed',
  'put',
  'form',
  'parts',
  'unverified',
  'dishonest',
  'scanned',
  'download',
  'signature-needed',
  'readers',
  'many',
  'grants',
  'service',
  'events',
  'webhooks',
  'deleted',
] as const;

export type PromiseName = (typeof PROMISES)[number];

/** Whether one was kept. */
export type Outcome = {
  readonly check: PromiseName;
  /** `skip`: what it builds on was not kept. `none`: it cannot be tried here, or not by this caller. */
  readonly verdict: 'ok' | 'fail' | 'skip' | 'none';
  readonly detail: string;
};

/**
 * Tries every promise on a deployed stack, as one caller with small files of its own, which it deletes in the
 * end. Yields each outcome as it is known. An abort throws; nothing else does.
 * @param service the same stack as a service, for what services alone may do; undefined without credentials
 */
export async function* checkPromises(
  target: Target,
  service: Target | undefined,
  sample: Sample,
  world: World,
): AsyncGenerator<Outcome> {
  const visit = openVisit(target, service, sample, world);
  let kept: Upload | undefined;
  const checks: Record<PromiseName, () => Promise<string>> = {
    health: visit.health,
    'token-needed': visit.withoutToken,
    put: async () => {
      const { upload, detail } = await visit.send({ transport: 'put' });
      kept = upload;
      return detail;
    },
    form: async () => (await visit.send({ transport: 'post', checksum: 'sha256' })).detail,
    parts: async () => (await visit.send({ transport: 'multipart' })).detail,
    unverified: visit.unverified,
    dishonest: visit.dishonest,
    scanned: () => checkScanning(visit.call),
    download: () => visit.download(needed(kept)),
    'signature-needed': () => visit.withoutSignature(needed(kept)),
    readers: () => checkReaders(visit.call, needed(kept)),
    many: () => checkMany(visit.call),
    grants: () => checkGrants(visit.call),
    service: () => checkService(visit.call, needed(kept)),
    events: () => checkEvents(visit.call, needed(kept)),
    webhooks: () => checkWebhooks(visit.call),
    deleted: () => visit.deleted(needed(kept)),
  };
  try {
    for (const check of PROMISES) {
      world.signal.throwIfAborted();
      yield await settle(check, checks[check], world);
    }
  } finally {
    await visit.clear();
  }
}

async function settle(check: PromiseName, run: () => Promise<string>, { signal }: World): Promise<Outcome> {
  try {
    return { check, verdict: 'ok', detail: await run() };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Skipped) return { check, verdict: 'skip', detail: error.message };
    if (error instanceof Untried) return { check, verdict: 'none', detail: error.message };
    return { check, verdict: 'fail', detail: error instanceof Error ? error.message : String(error) };
  }
}

function needed(upload: Upload | undefined): Upload {
  if (upload === undefined) throw new Skipped('nothing was accepted that it could be tried on');
  return upload;
}

function openVisit(target: Target, service: Target | undefined, sample: Sample, world: World) {
  const { endpoint, token } = target;
  const { timing, signal } = world;
  const client: Client = createClient({ endpoint, token, timing });
  const uploader = createUploader({ endpoint, token, timing });
  const made = new Set<string>();
  const { name: filename, type: contentType, policy } = sample;

  const sendAs = async (content: string, wishes: UploadOptions, by = uploader) => {
    const { transport } = wishes;
    const checksum = sample.needsChecksum
      ? transport === 'multipart'
        ? 'crc64nvme'
        : 'sha256'
      : wishes.checksum;
    const file = new Blob([content], { type: contentType });
    const sent = await by.send(file, { ...wishes, filename, contentType, policy, checksum, signal });
    made.add(sent.id);
    const sentAt = timing.now();
    const upload = await client.wait(sent.id, { signal });
    return { upload, seconds: (timing.now() - sentAt) / 1000 };
  };

  return {
    call: { target, service, sample, world, client, made, sendAs } satisfies Visit,

    health: async () => {
      const response = await fetch(`${endpoint}/health`, { signal });
      const body: unknown = await response.json().catch(() => undefined);
      if (!response.ok) throw new Broken(`answered ${response.status}`);
      const version =
        typeof body === 'object' && body !== null && 'version' in body ? body.version : 'unknown';
      return `version ${version}`;
    },

    withoutToken: async () => {
      const { status } = await fetch(`${endpoint}/uploads`, { signal });
      if (status !== 401) throw new Broken(`a call without a token was answered with ${status}, not 401`);
      return 'a call without a token is refused';
    },

    send: async (wishes: UploadOptions) => {
      const { upload, seconds } = await sendAs(sample.content, wishes);
      if (upload.state !== 'accepted') {
        throw new Broken(
          `an honest file was ${upload.state}: ${upload.detail ?? upload.reason ?? 'no reason'}`,
        );
      }
      return {
        upload,
        detail: `accepted as ${upload.servedType}, ${seconds.toFixed(1)} s after its last byte`,
      };
    },

    unverified: async () => {
      const request = { filename, contentType, policy, size: Buffer.byteLength(sample.content) };
      const checksum = sample.needsChecksum
        ? ({ algorithm: 'sha256', value: SHA256_OF_NOTHING } as const)
        : undefined;
      const { id } = await client.request(
        { ...request, ...(checksum && { checksum }) },
        { idempotencyKey: randomUUID(), signal },
      );
      made.add(id);
      await refused(client.download(id, { signal }), 'not_verified_yet');
      return 'nothing can be read before the verdict';
    },

    dishonest: async () => {
      const { upload } = await sendAs(`<!DOCTYPE html><script>1</script>${sample.content}`, {
        transport: 'put',
      });
      if (upload.state !== 'rejected')
        throw new Broken(`a page with a script passed for ${contentType}: ${upload.state}`);
      await refused(client.download(upload.id, { signal }), 'upload_rejected');
      return `a page with a script is rejected: ${upload.reason}`;
    },

    download: async ({ id }: Upload) => {
      const { url } = await client.download(id, { signal });
      const response = await fetch(url, { signal });
      const content = await response.text();
      if (!response.ok) throw new Broken(`S3 answered ${response.status}`);
      if (content !== sample.content) throw new Broken('other bytes came back than were sent');
      const disposition = response.headers.get('content-disposition') ?? '';
      if (!disposition.startsWith('attachment'))
        throw new Broken(`it would open in the page: "${disposition}"`);
      return 'the same bytes, as an attachment';
    },

    withoutSignature: async ({ id }: Upload) => {
      const { url } = await client.download(id, { signal });
      const { status } = await fetch(url.replace(/\?.*$/, ''), { signal });
      if (status !== 403)
        throw new Broken(`S3 answered ${status} to an address without its signature, not 403`);
      return 'S3 refuses the address without its signature';
    },

    deleted: async ({ id }: Upload) => {
      const { url } = await client.download(id, { signal });
      await client.delete(id, { signal });
      await refused(client.download(id, { signal }), 'upload_ended');
      const { status } = await fetch(url, { signal });
      if (status !== 404 && status !== 403)
        throw new Broken(`S3 still answers ${status} to an address made before`);
      return 'gone, for addresses made before as well';
    },

    /** Deletes what is left. What cannot be deleted was rejected, or ends by itself. */
    clear: async () => {
      for (const id of made)
        await client.delete(id, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    },
  };
}

/** Of no bytes: it is declared, and nothing is sent. */
const SHA256_OF_NOTHING = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
