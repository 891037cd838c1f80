import { CHECKSUM_ALGORITHMS, type Checksum } from '@sluice/contract/checksum';
import { type Owner, READERS, type Readers, TRANSPORTS, type Transport } from '@sluice/contract/upload';
import { UsageError } from './complaint.ts';
import { requireId } from './id.ts';

/** `sha256` or `crc64nvme`, to be computed, or `<algorithm>=<base64>`, known already. Throws UsageError. */
export function toChecksumOption(text: string | undefined): 'sha256' | 'crc64nvme' | Checksum | undefined {
  if (text === undefined || text === 'sha256' || text === 'crc64nvme') return text;
  // Base64 itself may end in `=`.
  const at = text.indexOf('=');
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === text.slice(0, at));
  if (algorithm !== undefined) return { algorithm, value: text.slice(at + 1) };
  throw new UsageError(
    `--checksum must be sha256, crc64nvme, or <algorithm>=<base64> with one of ${CHECKSUM_ALGORITHMS.join(', ')}.`,
  );
}

/** `key=value` texts as one object; undefined for none. Throws UsageError. */
export function toMetadata(texts: readonly string[] = []): Record<string, string> | undefined {
  const pairs = texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--metadata must be key=value, not "${text}".`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  const metadata = Object.fromEntries(pairs);
  if (Object.keys(metadata).length < pairs.length) throw new UsageError('--metadata names a key twice.');
  return pairs.length === 0 ? undefined : metadata;
}

/** Who may read a file. Throws UsageError. */
export function toReaders(text: string | undefined): Readers | undefined {
  const readers = READERS.find((known) => known === text);
  if (text === undefined || readers !== undefined) return readers;
  throw new UsageError(`--readers must be one of ${READERS.join(', ')}.`);
}

/** Whose an upload is to be, if a service says so. Throws UsageError. */
export function toOwner({
  owner,
  'owner-tenant': tenant,
}: {
  readonly owner?: string | undefined;
  readonly 'owner-tenant'?: string | undefined;
}): Owner | undefined {
  if (tenant === undefined && owner === undefined) return undefined;
  if (tenant === undefined || owner === undefined)
    throw new UsageError('--owner and --owner-tenant go together: the owner is a user of the tenant.');
  return { tenant, subject: owner };
}

/** How the bytes travel. Throws UsageError. */
export function toTransport(text: string | undefined): Transport | undefined {
  const transport = TRANSPORTS.find((known) => known === text);
  if (text === undefined || transport !== undefined) return transport;
  throw new UsageError(`--transport must be one of ${TRANSPORTS.join(', ')}.`);
}

/** What to go on with: an id, or false for nothing that was begun before. Throws UsageError. */
export function toResume(
  { resume, restart }: { readonly resume?: string | undefined; readonly restart?: boolean | undefined },
  paths: readonly string[],
): string | false | undefined {
  if (restart && resume !== undefined) throw new UsageError('--resume and --restart exclude each other.');
  if (resume === undefined) return restart ? false : undefined;
  if (paths.length > 1) throw new UsageError('--resume goes on with one file.');
  return requireId([resume]);
}
