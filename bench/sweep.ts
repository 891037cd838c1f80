// G17: 100,000 due rows, swept by the function as it is deployed, beside a loop that makes the same calls one
// after the other. On the local stack's S3, DynamoDB and SQS.
//
//   node bench/sweep.ts [rows] [rows in the table at a time]
//
// The rows come in goes: MiniStack looks at every row of the table for each page of an index, so that all at
// once would measure that. The loop takes a sample in each go, with the same kinds of rows.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersIn, projectRoot } from '../local/folders.ts';
import { startMiniStack } from '../local/ministack.ts';
import { findFreePort } from '../local/port.ts';
import { prepareMiniStack } from '../local/prepare.ts';
import { bundleEntry } from './functions.ts';
import { medianOf } from './rounds.ts';
import { ENVIRONMENT } from './start-up/environment.ts';
import { sweepBare } from './sweep/bare.ts';
import type { Ran } from './sweep/function.ts';
import { toMillion } from './sweep/million.ts';
import { makePlaces } from './sweep/places.ts';
import { judge } from './verdict.ts';

const [ROWS = 100_000, AT_A_TIME = 5_000] = process.argv.slice(2).map(Number);
const SAMPLE = 0.02;

const folders = foldersIn(join(projectRoot, '.sluice', `bench-${process.pid}`));
const port = await findFreePort();
const { launch } = await prepareMiniStack(folders, port);
const env = { ...launch.env, PERSIST_STATE: '0', S3_PERSIST: '0' };
const ministack = await startMiniStack({ ...launch, env }, folders, port);
try {
  const places = await makePlaces(ministack.endpoint);
  const { file } = await bundleEntry('expire-requests', 'src/handlers/expire-requests.ts');
  const fn = fork(new URL('./sweep/function.ts', import.meta.url), [file], {
    env: {
      ...process.env,
      ...ENVIRONMENT,
      ...places.environment,
      AWS_ENDPOINT_URL: ministack.endpoint,
      LOG_LEVEL: 'ERROR',
    },
    silent: true, // its log is of no interest, and a full pipe would stop it
  });
  fn.stdout?.resume();
  fn.stderr?.resume();
  await once(fn, 'message');
  const invoke = async (): Promise<Ran> => {
    fn.send('sweep');
    const [ran] = (await once(fn, 'message')) as [Ran];
    return ran;
  };

  const ratios: number[] = [];
  const sum = { rows: 0, ms: 0, cpuMs: 0, runs: 0, bareRows: 0, bareMs: 0 };
  let peakMiB = 0;
  for (let done = 0; done < ROWS; done += AT_A_TIME) {
    const sample = await places.fill(Math.ceil(AT_A_TIME * SAMPLE));
    const bare = await sweepBare(places);
    await places.checkSwept(sample);
    const batch = await places.fill(Math.min(AT_A_TIME, ROWS - done));
    let own = { ms: 0, cpuMs: 0 };
    while ((await places.countDue()) > 0) {
      const ran = await invoke();
      if (ran.error !== undefined) throw new Error(ran.error);
      own = { ms: own.ms + ran.ms, cpuMs: own.cpuMs + ran.cpuMs };
      peakMiB = Math.max(peakMiB, ran.peakMiB);
      sum.runs += 1;
    }
    await places.checkSwept(batch);
    const ratio = own.ms / batch.length / (bare.ms / sample.length);
    ratios.push(ratio);
    sum.rows += batch.length;
    sum.ms += own.ms;
    sum.cpuMs += own.cpuMs;
    sum.bareRows += sample.length;
    sum.bareMs += bare.ms;
    console.log(
      `${sum.rows} rows: ${(own.ms / batch.length).toFixed(2)} ms a row, in the loop ` +
        `${(bare.ms / sample.length).toFixed(2)} (${bare.calls} calls for ${sample.length}), ${ratio.toFixed(2)}x`,
    );
    await places.empty([...sample, ...batch]);
  }
  fn.disconnect();

  const cpuMs = sum.cpuMs / sum.rows;
  console.log(
    `\n${sum.rows} rows swept in ${(sum.ms / 1_000).toFixed(0)} s and ${sum.runs} runs, ` +
      `${((sum.rows / sum.ms) * 1_000).toFixed(0)} a second; the loop ` +
      `${((sum.bareRows / sum.bareMs) * 1_000).toFixed(0)} a second, of ${sum.bareRows} rows; ` +
      `${cpuMs.toFixed(2)} ms of processor time a row; ${peakMiB.toFixed(0)} MiB at the peak`,
  );
  const minutes = toMillion(cpuMs);
  judge([
    {
      id: 'G17',
      what: 'time of a row, against the bare loop',
      value: medianOf(new Map([['r', ratios]]), 'r'),
      atMost: 0.6,
    },
    { id: 'G17', what: 'a million rows by arithmetic, minutes', value: minutes, atMost: 15 },
    { id: 'G17', what: 'memory of the function, MiB', value: peakMiB, atMost: 512, strict: true },
  ]);
} finally {
  await ministack.stop();
  await rm(folders.base, { recursive: true, force: true });
}
process.exit();
