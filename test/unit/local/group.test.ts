import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Interrupted, runGroup, startGroup, stopGroups } from '../../../local/group.ts';

const run = promisify(execFile);

async function setup(script: string) {
  const cwd = await mkdtemp(join(tmpdir(), 'sluice-group-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  const log = join(cwd, 'log');
  const command = { command: 'sh', args: ['-c', script], env: process.env, cwd, log };
  const written = (text: string) =>
    vi.waitFor(async () => {
      const output = await readFile(log, 'utf8');
      expect(output).toContain(text);
      return output;
    });
  return { command, written };
}

/** Gone, or dead and not yet collected by its new parent. */
async function isGone(pid: number): Promise<boolean> {
  const { stdout } = await run('ps', ['-p', String(pid), '-o', 'stat=']).catch(() => ({ stdout: '' }));
  return stdout === '' || stdout.startsWith('Z');
}

describe('a process group', () => {
  test('takes the children along when it is stopped', async () => {
    const { command, written } = await setup('sleep 60 & echo "child $!."; wait');
    const group = startGroup(command);
    const child = Number(/child (\d+)\./.exec(await written('.'))?.[1]);
    await group.stop();
    await vi.waitFor(async () => expect(await isGone(child)).toBe(true));
  });

  test('tidies up before its end is told', async () => {
    const { command } = await setup('exit 0');
    const told: string[] = [];
    const afterwards = async () => {
      await delay(5);
      told.push('tidied');
    };
    await startGroup({ ...command, afterwards }).ended.then(() => told.push('ended'));
    expect(told).toEqual(['tidied', 'ended']);
  });

  test('tells that a command is not there', async () => {
    const { command } = await setup('');
    const { error } = await startGroup({ ...command, command: 'no-such-command' }).ended;
    expect(error?.message).toContain('ENOENT');
  });
});

describe('running a command to its end', () => {
  const explain = (output: string) => new Error(`explained: ${output}`);

  test('returns what the command wrote, on either stream', async () => {
    const { command } = await setup('echo out; echo err >&2');
    await expect(runGroup(command, explain)).resolves.toBe('out\nerr\n');
  });

  test('throws the explanation when the command fails', async () => {
    const { command } = await setup('echo why; exit 3');
    await expect(runGroup(command, explain)).rejects.toThrow('explained: why');
  });

  test('takes a printed failure for the end when the command lingers', async () => {
    const { command } = await setup('echo Error:; sleep 60');
    await expect(runGroup({ ...command, failure: /^Error:$/m }, explain)).rejects.toThrow(
      'explained: Error:',
    );
  });

  test('is interrupted, and not failed, when it is stopped', async () => {
    const { command, written } = await setup('echo up; sleep 60');
    const running = runGroup(command, explain);
    await written('up');
    await Promise.all([expect(running).rejects.toThrow(Interrupted), stopGroups()]);
  });
});
