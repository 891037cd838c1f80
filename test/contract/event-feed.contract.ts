import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { EventFeed } from '../../src/lib/event/ports.ts';
import { toPosition } from '../../src/lib/event/position.ts';
import { anEvent } from '../unit/event/an-event.ts';

/** What a feed has to do, whatever it is built on. */
export function eventFeedContract(name: string, create: () => Promise<EventFeed>): void {
  /** Events at the times 1 to 9, in one partition of their own. */
  async function setup() {
    const feed = await create();
    const bucket = randomUUID();
    for (let time = 1; time <= 9; time += 1) {
      const type = time % 3 === 0 ? 'upload.rejected' : 'upload.accepted';
      const event = anEvent({ id: `e${time}`, type, tenant: time > 6 ? 'globex' : 'acme' });
      await feed.write(bucket, { position: toPosition(time, '5'), event });
    }
    const read = async (after: string, until: string, filter = {}, limit = 100) => {
      const { entries, end } = await feed.read({ bucket, after, until }, filter, limit);
      return { ids: entries.map(({ event }) => event.id).join(' '), end };
    };
    return { feed, bucket, read };
  }

  describe(name, () => {
    test('reads what was written after one position and up to another, in order', async () => {
      const { read } = await setup();
      expect(await read(toPosition(0), toPosition(10))).toEqual({
        ids: 'e1 e2 e3 e4 e5 e6 e7 e8 e9',
        end: undefined,
      });
      expect((await read(toPosition(3, '5'), toPosition(6, '5'))).ids).toBe('e4 e5 e6');
      // A time alone stands before all events of that time.
      expect((await read(toPosition(3), toPosition(6))).ids).toBe('e3 e4 e5');
      expect((await read(toPosition(9, '5'), toPosition(99))).ids).toBe('');
    });

    test('says where it ended when more may follow', async () => {
      const { read } = await setup();
      expect(await read(toPosition(0), toPosition(10), {}, 4)).toEqual({
        ids: 'e1 e2 e3 e4',
        end: toPosition(4, '5'),
      });
      expect(await read(toPosition(4, '5'), toPosition(10), {}, 100)).toMatchObject({ end: undefined });
    });

    test('filters by type and tenant, and says how far it has looked for them', async () => {
      const { read } = await setup();
      expect((await read(toPosition(0), toPosition(10), { types: ['upload.rejected'] })).ids).toBe(
        'e3 e6 e9',
      );
      expect(
        (
          await read(toPosition(0), toPosition(10), {
            types: ['upload.rejected', 'upload.accepted'],
            tenant: 'globex',
          })
        ).ids,
      ).toBe('e7 e8 e9');
      expect(await read(toPosition(0), toPosition(10), { tenant: 'globex' }, 5)).toEqual({
        ids: '',
        end: toPosition(5, '5'),
      });
    });

    test('gives back an event as it was written, and holds one position once', async () => {
      const { feed, bucket } = await setup();
      const event = anEvent({ id: '\u0000💾"\\', time: '2026-11-20T09:15:00.123Z' });
      const entry = { position: toPosition(20, '5'), event };
      await feed.write(bucket, entry);
      await feed.write(bucket, entry);
      const { entries } = await feed.read({ bucket, after: toPosition(20), until: toPosition(21) }, {}, 10);
      expect(entries).toEqual([entry]);
    });

    test('finds nothing in a partition that nobody has written to', async () => {
      const { feed } = await setup();
      const range = { bucket: randomUUID(), after: toPosition(0), until: toPosition(10) };
      expect(await feed.read(range, {}, 10)).toEqual({ entries: [] });
    });
  });
}
