import { randomUUID } from 'node:crypto';
import { createBatchClient } from '@sluice/client/batch';
import { createClient } from '@sluice/client/client';
import { fileUrl } from '@sluice/client/file-url';
import { createGrants } from '@sluice/client/grants';
import type { Upload } from '@sluice/client/resource';
import { createUploader } from '@sluice/client/uploader';
import { Broken, isProblem, refused, Untried } from './outcome.ts';
import type { Visit } from './visit.ts';

/**
 * The address that stays: of nothing for strangers while a file is its owner's, and of the file once anyone
 * may read it.
 */
export async function checkReaders(visit: Visit, { id, servedName, filename }: Upload): Promise<string> {
  const { target, client, sample, world } = visit;
  const { signal } = world;
  const url = fileUrl(target.endpoint, id, servedName ?? filename);
  const look = () => fetch(url, { signal });
  const beOwners = async () => {
    const { status } = await look();
    if (status !== 404)
      throw new Broken(`a stranger was answered ${status} of a file that is its owner's, not 404`);
  };
  await beOwners();
  try {
    await client.share(id, 'anyone', { signal });
  } catch (error) {
    if (!isProblem(error, 'readers_not_allowed')) throw error;
    return "404 to strangers; the policy has no readers 'anyone', so an address for all was not tried";
  }
  try {
    const response = await look();
    const content = await response.text();
    if (!response.ok) throw new Broken(`a file for anyone was answered with ${response.status}`);
    if (content !== sample.content) throw new Broken('a file for anyone had other bytes');
  } finally {
    await client.share(id, 'owner', { signal });
  }
  await beOwners();
  return "the same bytes for anyone, and 404 to strangers while it is its owner's";
}

/** Several uploads in one call each: requested, read, given up. */
export async function checkMany({ target, sample, world, made }: Visit): Promise<string> {
  const { endpoint, token } = target;
  const { signal, timing } = world;
  const client = createBatchClient({ endpoint, token, timing });
  const { name: filename, type: contentType, policy } = sample;
  const request = {
    filename,
    contentType,
    policy,
    size: Buffer.byteLength(sample.content),
    ...(sample.needsChecksum && { checksum: { algorithm: 'sha256', value: SHA256_OF_NOTHING } as const }),
  };
  const requested = await Promise.all(MANY.map(() => client.request(request, { signal })));
  const ids = requested.map(({ id }) => id);
  for (const id of ids) made.add(id);
  const read = await Promise.all(ids.map((id) => client.status(id, { signal })));
  if (read.some((upload, index) => upload.id !== ids[index])) {
    throw new Broken('uploads that were read together came in another order');
  }
  await Promise.all(ids.map((id) => client.delete(id, { signal })));
  return `${ids.length} were requested, read and given up, each with one call for all`;
}

const MANY = [1, 2, 3];

/** Of no bytes: it is declared, and nothing is sent. */
const SHA256_OF_NOTHING = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/**
 * A grant for one file: it is sent with the grant alone, one more is refused, and nothing goes once it is
 * revoked.
 */
export async function checkGrants(visit: Visit): Promise<string> {
  const { target, sample, world, made } = visit;
  const { endpoint, token } = target;
  const { signal, timing } = world;
  const grants = createGrants({ endpoint, token, timing });
  const wish = { policy: sample.policy, uploads: 1, expiresInSeconds: 300 };
  const grant = await grants.create(wish, { signal }).catch((error: unknown) => {
    if (!isProblem(error, 'caller_kind_refused')) throw error;
    throw new Untried('this caller may make no grants');
  });
  try {
    const by = { endpoint, grant: grant.token, timing };
    const { upload } = await visit.sendAs(sample.content, { transport: 'put' }, createUploader(by));
    if (upload.state !== 'accepted') throw new Broken(`a file sent with a grant was ${upload.state}`);
    const { name: filename, type: contentType, policy } = sample;
    const one = {
      filename,
      contentType,
      policy,
      size: Buffer.byteLength(sample.content),
      ...(sample.needsChecksum && { checksum: { algorithm: 'sha256', value: SHA256_OF_NOTHING } as const }),
    };
    const ask = async () => {
      const { id } = await createClient(by).request(one, { idempotencyKey: randomUUID(), signal });
      made.add(id);
    };
    await refused(ask(), 'grant_uploads_used_up', 'one file more than the grant allows was let in');
    await grants.revoke(grant.id, { signal });
    await refused(ask(), 'grant_revoked', 'a revoked grant let a file in');
  } finally {
    await grants.revoke(grant.id, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  }
  return 'one file was let in, a second one refused, and none once it was revoked';
}
