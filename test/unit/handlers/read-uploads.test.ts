// POST /uploads/batch/status: many uploads in one look.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createHandler } from '../../../src/handlers/read-uploads.ts';
import { aRequest } from '../../contract/ledger.contract.ts';
import { captureLog } from '../../fakes/log-lines.ts';
import { context, createWorld, OWNER, readEvent } from '../events/world.ts';

beforeEach(() => void captureLog());
afterEach(() => void vi.restoreAllMocks());

async function setup() {
  const { ledger, grants } = await createWorld();
  const reads: (readonly string[])[] = [];
  const handler = createHandler({
    grants,
    ledger: {
      readMany: (ids) => {
        reads.push(ids);
        return ledger.readMany(ids);
      },
    },
  });
  const own = { tenant: OWNER, subject: OWNER };
  const look = async (ids: readonly string[]) => {
    const event = { ...readEvent('read-uploads.several.json'), body: JSON.stringify({ ids }) };
    const answer = await handler(event as never, context);
    return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}') };
  };
  return { ledger, own, look, reads };
}

describe('a look at many uploads', () => {
  test('reads all of them together, and gives each at its position', async () => {
    const { ledger, own, look, reads } = await setup();
    const uploads = Array.from({ length: 100 }, (_, n) => aRequest({ ...own, filename: `${n}.jpg` }));
    for (const upload of uploads) await ledger.record(upload);
    const { body } = await look(uploads.map(({ id }) => id));
    expect(body.results.map(({ upload }: { upload: { filename: string } }) => upload.filename)).toEqual(
      uploads.map(({ filename }) => filename),
    );
    expect(reads).toHaveLength(1);
  });

  test("does not tell another caller's upload from one that never was, nor from what is no id", async () => {
    const { ledger, own, look } = await setup();
    const [mine, theirs] = [aRequest(own), aRequest({ tenant: `${OWNER}0`, subject: OWNER })];
    for (const upload of [mine, theirs]) await ledger.record(upload);
    const { body } = await look([theirs.id, mine.id, aRequest().id, '']);
    const [first, second, ...others] = body.results;
    expect(second).toMatchObject({ status: 200, upload: { id: mine.id } });
    expect(first).toMatchObject({ status: 404, problem: { code: 'upload_not_found' } });
    expect(others).toEqual([first, first]);
  });

  test('says of a row that it cannot read that it failed, and of the others where they stand', async () => {
    const { ledger, own, look } = await setup();
    const [good, strange] = [aRequest(own), aRequest(own)];
    for (const upload of [good, strange]) await ledger.record(upload);
    ledger.rows.set(strange.id, { upload: strange, schema: 99 });
    const { status, body } = await look([strange.id, good.id]);
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { status: 500, problem: { code: 'internal' } },
      { status: 200, upload: { id: good.id } },
    ]);
  });

  test.each([0, 101])('is not taken at %i of them', async (length) => {
    const ids = Array.from({ length }, () => aRequest().id);
    const { look, reads } = await setup();
    expect(await look(ids)).toMatchObject({ status: 422, body: { code: 'batch_invalid', field: 'ids' } });
    expect(reads).toEqual([]);
  });
});
