// A hundred uploads requested and signed in one call, beside the same hundred in calls of their own, one
// after the other and six at a time, as a browser makes them. On the deployed local stack, warm.
import { startOwn } from '../test/setup/local-stack.ts';
import { medianOf, ratioOf } from './rounds.ts';
import { judge, printTable } from './verdict.ts';

const FILES = 100;
const BROWSER_AT_ONCE = 6;
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const WARM_UP = 3;
const EACH = '100 calls, one after the other';

const uploads = Array.from({ length: FILES }, (_, n) => ({
  filename: `${n}.csv`,
  contentType: 'text/csv',
  size: 1_024 + n,
}));

const { stack, stop } = await startOwn(`bench-${process.pid}`);
try {
  const call = async (path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${stack.apiUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.alice.idToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path} was answered by ${response.status}`);
    return answer;
  };
  const inOneCall = async () => {
    const { results } = (await call('/uploads/batch', { uploads })) as { results: { status: number }[] };
    if (results.filter(({ status }) => status === 201).length !== FILES)
      throw new Error('not all were taken');
  };
  const eachByItself = async () => {
    for (const upload of uploads) await call('/uploads', upload);
  };
  const sixAtATime = async () => {
    const waiting = uploads.values();
    await Promise.all(
      Array.from({ length: BROWSER_AT_ONCE }, async () => {
        for (const upload of waiting) await call('/uploads', upload);
      }),
    );
  };

  const subjects = [
    { name: 'one call', run: inOneCall },
    { name: EACH, run: eachByItself },
    { name: '100 calls, six at a time', run: sixAtATime },
  ];
  const samples = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  // The first rounds only warm up: a function's code is compiled by its use.
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    for (const { name, run } of subjects) {
      const since = performance.now();
      await run();
      if (round >= 0) samples.get(name)?.push(performance.now() - since);
    }
  }
  printTable('100 uploads requested and signed', 'ms', samples, EACH);
  judge([
    { id: 'G14', what: 'one call, in ms', value: medianOf(samples, 'one call'), atMost: 150 },
    {
      id: 'G14',
      what: 'one call beside 100 calls',
      value: ratioOf(samples, 'one call', EACH),
      atMost: 0.1,
    },
  ]);
} finally {
  await stop();
}
