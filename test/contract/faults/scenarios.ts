import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { State } from '@sluice/contract/state';
import type { Upload } from '@sluice/contract/upload';
import { toUser } from '../../../src/lib/upload/access.ts';
import { deleteUpload } from '../../../src/lib/upload/delete.ts';
import { completeUpload } from '../../../src/lib/upload/multipart.ts';
import { requestUpload } from '../../../src/lib/upload/request.ts';
import { sweep } from '../../../src/lib/upload/sweep.ts';
import { UNHEARD } from '../../fakes/sweep-report.ts';
import type { World } from './world.ts';

type Ports = World['ports'];

/** One step of an upload's path, of which every call is tampered with. */
export type Scenario = {
  readonly title: string;
  readonly bytes: Buffer;
  readonly changes?: Partial<Upload>;
  /** whether other uploads would be in its way */
  readonly isAlone?: boolean;
  /** whether it is told apart by versions what came when, and so is tried where there are none as well */
  readonly isAboutVersions?: boolean;
  readonly prepare?: (world: World) => Promise<unknown>;
  readonly act: (world: World, ports: Ports) => Promise<unknown>;
  /** how the upload may end once all faults are over; undefined: there is no row of it */
  readonly ends: readonly (State | undefined)[];
};

const HONEST = Buffer.from('a,b\n1,2\n'.repeat(64));
// A first half that would pass for CSV, and what gives it away behind that.
const DISHONEST = Buffer.concat([HONEST, Buffer.from('\0MZ\0'.repeat(128))]);
// The same, longer than what is read of it: another range of it than the first would pass.
const LONG_DISHONEST = Buffer.concat([HONEST, DISHONEST, Buffer.from('a,b\n1,2\n'.repeat(4_096))]);
function sha256(bytes: Buffer) {
  return {
    algorithm: 'sha256' as const,
    value: createHash('sha256').update(bytes).digest('base64'),
  };
}

function office(file: string) {
  return {
    bytes: readFileSync(new URL(`../../corpus/cases/${file}`, import.meta.url)),
    changes: {
      policy: 'documents',
      contentType: `application/vnd.openxmlformats-officedocument.${file.endsWith('xlsx') ? 'spreadsheetml.sheet' : 'wordprocessingml.document'}`,
      filename: file,
    },
  };
}

async function arrived(world: World) {
  await world.record();
  await world.put();
}

async function begun(world: World) {
  const uploadId = await world.ports.multipart.create({ key: world.key, contentType: 'text/csv' });
  await world.ports.ledger.record({ ...world.upload, transport: 'multipart', multipart: { uploadId } });
  await world.putPart(uploadId);
}

async function completed(world: World) {
  await begun(world);
  await completeUpload(world.ports, toUser(world.upload), world.upload.id);
  world.sent();
}

async function accepted(world: World) {
  await arrived(world);
  await world.verifyBy(world.ports);
}

/** A worker that copied the object and died before the ledger knew: the next one has a second epoch. */
async function halfDone(world: World) {
  await arrived(world);
  const ledger = {
    ...world.ports.ledger,
    move: () => Promise.reject(new Error('died before the ledger was told')),
  };
  await world.verifyBy({ ...world.ports, ledger }).catch(() => {});
  world.pass(10_000);
}

function verified(world: World, ports: Ports) {
  return world.verifyBy(ports);
}
function swept(world: World, ports: Ports) {
  return sweep(ports, world.signal, UNHEARD);
}

/** Asks for the upload and, where the answer allows it, sends the file. */
async function requested(world: World, ports: Ports, transport: 'put' | 'multipart') {
  const { filename, contentType, size = 0, metadata, tenant, subject, id } = world.upload;
  const { upload } = await requestUpload(
    {
      ...ports,
      newId: () => id,
      multipart: async () => ports.multipart,
      sign: async () => ({
        signature: { put: { url: '', method: 'PUT', headers: {} } },
        expiresAt: new Date(60_000),
      }),
    },
    { tenant, subject },
    { filename, contentType, size, metadata, transport },
    { correlationId: 'faults' },
  );
  if (upload.multipart === undefined) return world.put();
  await world.putPart(upload.multipart.uploadId);
  await completeUpload(world.ports, toUser(upload), id);
  return world.sent();
}

export const SCENARIOS: readonly Scenario[] = [
  {
    title: 'the request for a PUT',
    bytes: HONEST,
    act: (world, ports) => requested(world, ports, 'put'),
    ends: ['accepted', 'expired', undefined],
  },
  {
    title: 'the request for an upload in parts',
    bytes: HONEST,
    act: (world, ports) => requested(world, ports, 'multipart'),
    ends: ['accepted', 'requested', undefined],
  },
  {
    title: 'the completion of parts',
    bytes: HONEST,
    prepare: begun,
    act: (world, ports) => completeUpload(ports, toUser(world.upload), world.upload.id),
    ends: ['accepted', 'expired'], // what is not completed has not arrived
  },
  { title: 'an honest file', bytes: HONEST, prepare: arrived, act: verified, ends: ['accepted'] },
  { title: 'a dishonest file', bytes: DISHONEST, prepare: arrived, act: verified, ends: ['rejected'] },
  {
    title: 'a dishonest file of which only the start is read',
    bytes: LONG_DISHONEST,
    prepare: arrived,
    act: verified,
    ends: ['rejected'],
  },
  {
    title: 'an honest file in parts',
    isAboutVersions: true,
    bytes: HONEST,
    prepare: completed,
    act: verified,
    ends: ['accepted'],
  },
  {
    title: 'a dishonest file in parts',
    isAboutVersions: true,
    bytes: DISHONEST,
    prepare: completed,
    act: verified,
    ends: ['rejected'],
  },
  {
    title: 'an honest document, which is judged by its end as well',
    ...office('content-types-at-8100.xlsx'),
    prepare: arrived,
    act: verified,
    ends: ['accepted'],
  },
  {
    title: 'a dishonest document',
    ...office('any-zip.docx'),
    prepare: arrived,
    act: verified,
    ends: ['rejected'],
  },
  {
    title: 'a file whose checksum has to be computed',
    bytes: HONEST,
    changes: { checksum: sha256(HONEST) },
    prepare: arrived,
    act: verified,
    ends: ['accepted'],
  },
  {
    title: 'a file that has not the checksum that was declared',
    bytes: HONEST,
    changes: { checksum: sha256(DISHONEST) },
    prepare: arrived,
    act: verified,
    ends: ['rejected'],
  },
  {
    title: 'a file that another worker left half done',
    isAboutVersions: true,
    bytes: HONEST,
    prepare: halfDone,
    act: verified,
    ends: ['accepted'],
  },
  {
    title: 'a file that comes once more after it was accepted',
    isAboutVersions: true,
    bytes: HONEST,
    prepare: async (world) => {
      await accepted(world);
      await world.put();
    },
    act: verified,
    ends: ['accepted'],
  },
  {
    title: 'a file that nobody requested',
    bytes: HONEST,
    prepare: (world) => world.put(),
    act: verified,
    ends: [undefined],
  },
  {
    title: 'the deletion of an accepted file',
    isAboutVersions: true,
    bytes: HONEST,
    prepare: accepted,
    act: (world, ports) => deleteUpload(ports, toUser(world.upload), world.upload.id),
    ends: ['accepted', 'deleted'],
  },
  {
    title: 'the sweep of an arrival whose event was lost',
    bytes: HONEST,
    isAlone: true,
    prepare: async (world) => {
      await arrived(world);
      world.pass(1_000_000);
    },
    act: swept,
    ends: ['accepted'],
  },
  {
    title: 'the sweep of parts that were not completed',
    bytes: HONEST,
    isAlone: true,
    prepare: async (world) => {
      await begun(world);
      world.pass(1_000_000);
    },
    act: swept,
    ends: ['expired'],
  },
];
