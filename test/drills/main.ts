// npm run drills [-- name …]: docs/drills.md.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopGroups } from '../../local/group.ts';
import { Obstacle } from '../../local/obstacle.ts';
import { type OwnStack, startOwn, type TestStack } from '../setup/local-stack.ts';
import type { Ran } from './command.ts';
import type { Drill } from './drill.ts';
import { DRILLS } from './drills.ts';
import { parseWish, usage, type Wish } from './options.ts';
import { type Result, toTable } from './result.ts';
import { openScene } from './scene.ts';

// What was started is a group of its own, and would outlive this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    await stopGroups();
    process.exit(130);
  });
}

async function main(): Promise<number> {
  try {
    const wish = parseWish(process.argv.slice(2), DRILLS);
    if (wish.help) console.log(usage);
    else if (wish.list) list(wish);
    else return await makeAll(wish);
    return 0;
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    console.error(error.message);
    return 2;
  } finally {
    await stopGroups();
  }
}

function list({ drills, json }: Wish): void {
  for (const { name, title, symptom, commands } of drills) {
    if (json) console.log(JSON.stringify({ name, title, symptom, commands }));
    else
      console.log([`${name}: ${title}`, `  ${symptom}`, ...commands.map((one) => `  $ ${one}`)].join('\n'));
  }
}

/** Makes those that share a stack, then the others, each on one of its own. */
async function makeAll({ drills, json }: Wish): Promise<number> {
  const say = json ? console.error : console.log;
  const shared = drills.filter(({ wishes }) => wishes === undefined);
  const groups = [shared, ...drills.filter(({ wishes }) => wishes !== undefined).map((drill) => [drill])];
  const results: Result[] = [];
  for (const group of groups) {
    // One that failed may have left its trouble behind: those after it get another stack.
    for (let left = group; left.length > 0; ) {
      const made = await makeUntilFailure(left, say);
      if (json) for (const result of made) console.log(JSON.stringify(result));
      results.push(...made);
      left = left.slice(made.length);
    }
  }
  say(`\n${toTable(results)}`);
  return results.every(({ failure }) => failure === undefined) ? 0 : 1;
}

/** Makes drills on one stack, until one has failed. */
async function makeUntilFailure(
  drills: readonly Drill[],
  say: (text: string) => void,
): Promise<readonly Result[]> {
  say(`A stack for ${drills.map(({ name }) => name).join(', ')} …`);
  const [first] = drills;
  let running: OwnStack<TestStack>;
  try {
    running = await startOwn(`drills-${process.pid}`, async () => first?.wishes ?? {});
  } catch (error) {
    if (first === undefined || !(error instanceof Obstacle)) throw error;
    say(`  FAILED: ${error.message}`);
    return [{ name: first.name, symptom: first.symptom, commands: [], failure: error.message }];
  }
  try {
    const results: Result[] = [];
    for (const drill of drills) {
      results.push(await makeOne(drill, running, say));
      if (results.at(-1)?.failure !== undefined) break;
    }
    return results;
  } finally {
    await running.stop();
  }
}

async function makeOne(
  drill: Drill,
  running: OwnStack<TestStack>,
  say: (text: string) => void,
): Promise<Result> {
  const { name, title, symptom } = drill;
  say(`\n${name}: ${title}\n  seen: ${symptom}`);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-drill-'));
  const commands: Result['commands'][number][] = [];
  const onRun = ({ command, seconds, out }: Ran) => {
    commands.push({ command, seconds });
    say(`  $ ${command}   (${seconds.toFixed(1)} s)\n${lastOf(out)}`);
  };
  const began = performance.now();
  try {
    const scene = await openScene(running, drill, { folder, say: (text) => say(`    ${text}`), onRun });
    const seconds = await drill.make(scene, (act) => say(`  ${act} … ${secondsSince(began)} s`));
    say(`  ended well, ${seconds.toFixed(1)} s after the first command`);
    return { name, symptom, commands, seconds };
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`  FAILED: ${failure}`);
    return { name, symptom, commands, failure };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function secondsSince(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(0);
}

const SHOWN_LINES = 6;

/** The end of what a command wrote. */
function lastOf(out: string): string {
  const lines = out.trimEnd().split('\n');
  const shown = lines.length > SHOWN_LINES ? ['…', ...lines.slice(-SHOWN_LINES)] : lines;
  return shown.map((line) => `    ${line}`).join('\n');
}

process.exit(await main());
