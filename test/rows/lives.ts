import { randomUUID } from 'node:crypto';
import { TRANSPORTS, type Transport, type Upload } from '@sluice/contract/upload';
import { deleteUpload } from '../../src/lib/upload/delete.ts';
import { shareUpload } from '../../src/lib/upload/readers.ts';
import { CALLER, type RowsWorld } from './world.ts';

const CSV = Buffer.from('name,size\nphoto,3\n');
const PAGE = Buffer.from('<!doctype html><p>hello</p>');

type Lives = Readonly<Record<string, (world: RowsWorld) => Promise<Upload>>>;

/** By each transport: what may become of an upload. */
function livesBy(transport: Transport): Lives {
  const wish = { size: CSV.length, checksum: transport === 'put' };
  const sent = async ({ request, send }: RowsWorld, bytes = CSV) => {
    const upload = await request(transport, {
      ...wish,
      size: bytes.length,
      checksum: wish.checksum && bytes === CSV,
    });
    await send(upload, bytes);
    return upload;
  };
  const judged = async (world: RowsWorld, bytes = CSV) => {
    const upload = await sent(world, bytes);
    await world.verify(upload);
    return upload;
  };
  const after = async (upload: Upload, change: Promise<unknown>) => {
    await change;
    return upload;
  };
  return {
    requested: ({ request }) => request(transport, wish),
    verifying: async (world) => {
      const upload = await sent(world);
      return after(upload, world.claim(upload));
    },
    scanning: async (world) => {
      const upload = await sent(world);
      return after(
        upload,
        world.scan(upload, { scanner: 'inspection', inspection: { columns: 2, formulas: false } }),
      );
    },
    held: async (world) => {
      const upload = await sent(world);
      const failed = Array.from({ length: 5 }, (_, n) => ({
        scanner: 'clamav' as const,
        outcome: 'failed' as const,
        attempt: n + 1,
        detail: 'It is away.',
      }));
      return after(upload, world.scan(upload, ...failed));
    },
    accepted: judged,
    rejected: (world) => judged(world, PAGE),
    expired: ({ expire, request }) => expire(() => request(transport, wish)),
    aborted: async ({ request, deps }) => {
      const upload = await request(transport, wish);
      return after(upload, deleteUpload(deps, CALLER, upload.id));
    },
    deleted: async (world) => {
      const upload = await judged(world);
      return after(upload, deleteUpload(world.deps, CALLER, upload.id));
    },
    recalled: async (world) => {
      const upload = await judged(world);
      return after(upload, world.recall(upload));
    },
  };
}

/** What a row has in no state of its own. */
const OTHER_LIVES: Lives = {
  'requested, of no declared size': ({ request }) => request('post'),
  'requested in parts, of no declared size': ({ request }) => request('multipart'),
  'requested in parts, and not begun': async ({ request, deps }) => {
    const { multipart: _begun, ...upload } = await request('multipart', { size: CSV.length });
    const row: Upload = { ...upload, id: randomUUID(), beginsAt: deps.now() };
    await deps.ledger.record({ ...row, key: `${row.tenant}/${row.id}` });
    return row;
  },
  'requested under a grant': async ({ request, grant }) =>
    request('put', { size: CSV.length, grantId: await grant() }),
  'accepted, and shared': async ({ request, send, verify: judge, deps }) => {
    const upload = await request('put', { size: CSV.length });
    await send(upload, CSV);
    await judge(upload);
    await shareUpload(deps, CALLER, upload.id, 'tenant');
    return upload;
  },
};

/** What may become of uploads, by what is special about them. */
export const LIVES: Lives = {
  ...Object.fromEntries(
    TRANSPORTS.flatMap((transport) =>
      Object.entries(livesBy(transport)).map(([state, live]) => [`${state}, by ${transport}`, live] as const),
    ),
  ),
  ...OTHER_LIVES,
};
