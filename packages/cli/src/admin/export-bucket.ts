import { createS3Client } from '@sluice/connection/clients/s3';
import { AccessDeniedError, NotFoundError } from '@sluice/connection/errors/service';
import { copyObject } from '@sluice/connection/transfers/copy';
import { describeSource } from '@sluice/connection/transfers/source-object';
import { uploadBytes } from '@sluice/connection/transfers/upload';
import { forEach } from '@sluice/connection/transfers/workers';
import type { AdminItem, AdminPage } from '@sluice/contract/admin';
import { Complaint } from '../complaint.ts';
import { ALGORITHMS } from '../download.ts';
import { parsePlace, toUrl } from '../storage/place.ts';
import type { World } from '../world.ts';
import { AT_ONCE, type Exported, toExported } from './exported.ts';
import { openOperator } from './invoke.ts';
import type { StackValues } from './options.ts';

/**
 * Opens a bucket for an export: `<prefix>/files/<id>/<name>` for each file, and `<prefix>/rows/<id>.json` for
 * each row. S3 copies by the operator's own keys, which have to read the store; no byte passes through here.
 * A repeat copies only what is not there.
 */
export async function openBucketExport(to: string, values: StackValues, world: World) {
  const { bucket, key } = parsePlace(to);
  const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
  const operator = await openOperator(values, world);
  const client = operator.session.client(createS3Client);

  const copy = async (item: AdminItem, signal: AbortSignal) => {
    const exported = toExported(item);
    const { id, name } = exported;
    const { store } = item;
    if (store === undefined) {
      throw new Complaint(
        'The deployment does not say where its files are.',
        'Deploy this version, or export into a folder.',
      );
    }
    const target = { bucket, key: `${prefix}files/${id}/${name}` };
    if (await isThere(target, exported, signal)) return;
    try {
      await copyObject({ client, source: store, target, signal });
    } catch (error) {
      const { cause } = error as Error;
      if (!(cause instanceof AccessDeniedError)) throw error;
      throw new Complaint(
        `S3 does not let your keys copy ${toUrl(store)} to ${toUrl(target)}.`,
        'They need s3:GetObject on the one and s3:PutObject on the other. Or export into a folder, which needs neither.',
      );
    }
    if (!(await isThere(target, exported, signal))) {
      throw new Complaint(`The copy of ${id} at ${toUrl(target)} has not the bytes that were verified.`);
    }
  };

  /** True for an object that has the bytes that were verified, as far as row and S3 tell. */
  const isThere = async (
    target: { readonly bucket: string; readonly key: string },
    { size, checksum }: Exported,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const found = await describeSource(client, target, signal).catch((error: unknown) => {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
    if (found === undefined || found.bytes !== size) return false;
    const isComparable =
      checksum !== undefined &&
      found.checksum?.over === 'bytes' &&
      found.checksum.algorithm === ALGORITHMS[checksum.algorithm];
    return !isComparable || found.checksum?.value === checksum.value;
  };

  return {
    save: async ({ items }: AdminPage): Promise<void> => {
      await forEach(items, AT_ONCE, world.signal, async (item, signal) => {
        if (item.url !== undefined) await copy(item, signal);
        if (item.row === undefined) return;
        await uploadBytes({
          client,
          bucket,
          key: `${prefix}rows/${toExported(item).id}.json`,
          bytes: Buffer.from(`${JSON.stringify(item.row)}\n`),
          params: { ContentType: 'application/json' },
          signal,
        });
      });
    },
    [Symbol.dispose]: () => operator[Symbol.dispose](),
  };
}
