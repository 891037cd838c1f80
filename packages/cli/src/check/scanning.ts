import { NotSettledError } from '@sluice/client/errors';
import type { NamedPolicy } from '@sluice/client/resource';
import { createUploader } from '@sluice/client/uploader';
import { eicar } from './eicar.ts';
import { Broken, refused, Untried } from './outcome.ts';
import type { Visit } from './visit.ts';

/** The scanners that know malware, and texts in which they find it. */
const SCANNERS: readonly string[] = ['clamav', 'guardduty', 'function'];
const TYPES: readonly (readonly [type: string, extension: string])[] = [
  ['text/plain', 'txt'],
  ['text/markdown', 'md'],
  ['text/csv', 'csv'],
];

const PATIENCE_MS = 5 * 60_000;

/** A scanner that a policy demands finds the test file of all scanners. */
export async function checkScanning({ target, client, made, world }: Visit): Promise<string> {
  const { timing, signal } = world;
  const { policies } = await client.policies({ signal });
  const scanned = policies.filter(({ scanners = [] }) => scanners.some((one) => SCANNERS.includes(one)));
  if (scanned.length === 0) throw new Untried('not tried: no policy demands a scanner that knows malware');
  const chosen = choose(scanned);
  if (chosen === undefined) throw new Untried('not tried: no policy that demands a scanner takes a text');
  const { policy, type, extension } = chosen;
  const uploader = createUploader({ ...target, timing });
  const { id } = await uploader.send(new Blob([eicar()], { type }), {
    filename: `sluice-check.${extension}`,
    contentType: type,
    policy: policy.name,
    ...(policy.checksum === 'required' && { checksum: 'sha256' }),
    signal,
  });
  made.add(id);
  const sentAt = timing.now();
  const { state, reason, detail } = await client
    .wait(id, { signal, patienceMs: PATIENCE_MS })
    .catch((error: unknown) => {
      if (error instanceof NotSettledError) throw new Broken(`the test file is still ${error.upload.state}`);
      throw error;
    });
  if (state !== 'rejected' || reason !== 'infected') {
    throw new Broken(`the test file was ${state}, not infected: ${detail ?? reason ?? 'no reason'}`);
  }
  await refused(client.download(id, { signal }), 'upload_rejected');
  const seconds = ((timing.now() - sentAt) / 1000).toFixed(1);
  return `the test file is found, ${seconds} s after its last byte: ${detail ?? reason}`;
}

function choose(policies: readonly NamedPolicy[]) {
  const { length } = eicar();
  for (const [type, extension] of TYPES) {
    const policy = policies.find(
      ({ types, minBytes, maxBytes }) => types.includes(type) && minBytes <= length && maxBytes >= length,
    );
    if (policy !== undefined) return { policy, type, extension };
  }
  return undefined;
}
