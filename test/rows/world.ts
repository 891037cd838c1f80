import { createHash, randomUUID } from 'node:crypto';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import type { Caller } from '@sluice/contract/caller';
import type { ScanResult } from '@sluice/contract/scan';
import type { Transport, Upload } from '@sluice/contract/upload';
import { createCounterTable } from '../../src/lib/aws/counter-table.ts';
import { createGrantTable } from '../../src/lib/aws/grant-table.ts';
import { createLedger } from '../../src/lib/aws/ledger.ts';
import { createMultipart } from '../../src/lib/aws/multipart.ts';
import { createObjects } from '../../src/lib/aws/objects.ts';
import { createOwnerLimits } from '../../src/lib/quota/owner-limits.ts';
import { completeUpload } from '../../src/lib/upload/multipart.ts';
import { takeRescan } from '../../src/lib/upload/recall.ts';
import { type RequestDeps, requestUpload } from '../../src/lib/upload/request.ts';
import { takeResult } from '../../src/lib/upload/scan.ts';
import { sweep } from '../../src/lib/upload/sweep.ts';
import { verify } from '../../src/lib/upload/verify.ts';
import { policies } from '../../src/policies.ts';
import { openEngine } from '../contract/faults/world.ts';
import { aGrant } from '../contract/grants.contract.ts';
import { createFakeScanners, scannedBy, toResult } from '../fakes/scanners.ts';
import { RAISED } from '../fakes/sweep-report.ts';

const OWNER = { tenant: 'acme', subject: 'ada' };
export const CALLER = { kind: 'user', ...OWNER } as Caller;
const CSV = Buffer.from('name,size\nphoto,3\n');
const DAY_MS = 86_400_000;
const LEASE_MS = 30_000;

/** Everything that happens to an upload, on buckets and tables of MiniStack's. */
export async function createRowsWorld(endpoint: string) {
  const engine = await openEngine(endpoint, { versioned: true });
  const { buckets } = engine;
  const { s3, dynamo } = engine.connect();
  let ahead = 0;
  const scanners = createFakeScanners('inspection', 'clamav');
  const grants = createGrantTable(dynamo, engine.grantsTable);
  const multipart = createMultipart(s3, buckets.incoming);
  const deps = {
    ledger: createLedger(dynamo, engine.table, engine.grantsTable),
    objects: createObjects(s3, buckets),
    multipart,
    policies,
    now: () => Date.now() + ahead,
    newId: randomUUID,
    rowRetentionInSeconds: 30 * 86_400,
    expiryGraceInSeconds: 3_600,
    announce: async () => {},
    limits: createOwnerLimits(
      { counted: ['owner', 'tenant'], owner: {}, tenant: {}, unfinished: 1_000 },
      createCounterTable(dynamo, engine.grantsTable),
      async () => {},
    ),
  };
  const scanned = { ...deps, policies: scannedBy('inspection', 'clamav'), scanners };
  const { signal } = new AbortController();
  // Nobody is handed an address here, and rows hold none.
  const sign: RequestDeps['sign'] = async (_request, seconds, signedAt) => ({
    signature: { post: { url: '', fields: {} } },
    expiresAt: new Date(signedAt.getTime() + seconds * 1_000),
  });
  return {
    deps,
    read: async (id: string) => {
      const { Item } = await dynamo.send(
        new GetItemCommand({ TableName: engine.table, Key: { id: { S: id } } }),
      );
      if (Item === undefined) throw new Error(`${id} has a row`);
      return Item;
    },
    request: async (
      transport: Transport,
      { size, checksum, grantId, ...more }: { size?: number | undefined } & Record<string, unknown> = {},
    ): Promise<Upload> => {
      const grant = typeof grantId === 'string' ? await grants.read(grantId) : undefined;
      const { upload } = await requestUpload(
        { ...deps, sign, multipart: async () => multipart },
        OWNER,
        {
          filename: 'rows.csv',
          contentType: 'text/csv',
          metadata: { album: 'spring' },
          transport,
          ...(size !== undefined && { size }),
          ...(checksum === true && {
            checksum: { algorithm: 'sha256', value: createHash('sha256').update(CSV).digest('base64') },
          }),
          ...more,
        },
        { correlationId: randomUUID(), ...(grant && { grant }) },
      );
      return upload;
    },
    send: async ({ id, key, transport, checksum, multipart: begun }: Upload, bytes: Buffer) => {
      const object = { Bucket: buckets.incoming, Key: key, Body: bytes };
      if (transport !== 'multipart') {
        const ChecksumSHA256 = checksum?.value;
        await s3.send(
          new PutObjectCommand({
            ...object,
            ContentType: 'text/csv',
            ...(ChecksumSHA256 && { ChecksumSHA256 }),
          }),
        );
        return;
      }
      await s3.send(new UploadPartCommand({ ...object, UploadId: begun?.uploadId, PartNumber: 1 }));
      await completeUpload(deps, CALLER, id);
    },
    verify: ({ key }: Upload) => verify(deps, { key }, LEASE_MS, signal),
    /** Verifies by a policy that demands scanners, of which `outcomes` are what they answer, in order. */
    scan: async ({ key }: Upload, ...outcomes: Partial<ScanResult>[]) => {
      scanners.asked.length = 0;
      await verify(scanned, { key }, LEASE_MS, signal);
      for (const outcome of outcomes) {
        const asked = scanners.asked.filter(({ scanner }) => scanner === outcome.scanner).at(-1);
        if (asked === undefined) throw new Error(`${outcome.scanner} was not asked`);
        await takeResult(scanned, toResult(asked, outcome));
      }
    },
    recall: async ({ id, key }: Upload) => {
      const stored = await deps.objects.facts('store', key);
      if (stored === undefined) throw new Error('the file is in the store');
      const finding = { scanner: 'clamav', outcome: 'infected', threats: ['Eicar-Test'] } as const;
      const result = { schema: 1, uploadId: id, bucket: buckets.store, key, etag: stored.etag } as const;
      await takeRescan(deps, { ...result, ...finding }, signal);
    },
    claim: async ({ id, key }: Upload) => {
      const now = deps.now();
      const facts = await deps.objects.facts('incoming', key);
      await deps.ledger.claim(id, {
        key,
        versionId: facts?.versionId,
        worker: randomUUID(),
        now,
        leaseEndsAt: now + LEASE_MS,
        dueAt: now + LEASE_MS + 15 * 60_000,
      });
    },
    /** Requests as if it were days ago, and has the sweep find that nothing came. */
    expire: async (request: () => Promise<Upload>) => {
      ahead = -20 * DAY_MS;
      const upload = await request();
      ahead = 0;
      await sweep({ ...deps, countArrivals: async () => 0 }, signal, RAISED);
      return upload;
    },
    grant: async () => {
      const now = deps.now();
      const grant = aGrant({
        ...OWNER,
        uploads: 9,
        bytes: 9_000,
        reference: 'order 7',
        createdAt: now,
        expiresAt: now + DAY_MS,
      });
      await grants.record(grant);
      return grant.id;
    },
  };
}

export type RowsWorld = Awaited<ReturnType<typeof createRowsWorld>>;
