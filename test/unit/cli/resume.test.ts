import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problem } from '../../fakes/fault.ts';
import { openShell, readLines } from './shell.ts';

const PART = 64 * 1024;
const SIZE = 5 * PART + 10;

async function setup() {
  const shell = await openShell();
  const path = join(shell.folder, 'big.txt');
  await writeFile(path, 'x'.repeat(SIZE));
  const upload = ['upload', path, '--transport', 'multipart', '-c', '1'];
  const [server, parts] = [shell.server, /^PUT \/s3\/\{id\}\/\d+$/];
  return {
    ...shell,
    path,
    upload,
    /** Runs `sluice upload` until the third part, where Ctrl-C stops it. */
    stopHalfway: async (...more: string[]) => {
      server.fail('PUT /s3/{id}/3', { kind: 'silence' });
      const stop = new AbortController();
      const running = shell.sluice([...upload, ...more], { signal: stop.signal });
      await expect.poll(() => server.calls('PUT /s3/{id}/2').length).toBe(1);
      await expect.poll(server.isQuiet).toBe(true);
      stop.abort();
      return running;
    },
    sentBytes: () =>
      server.seen.filter(({ route }) => parts.test(route)).reduce((sum, { body }) => sum + body.length, 0),
    ids: () => [...server.uploads.keys()],
  };
}

describe('sluice upload of a file in parts', () => {
  test('exits 0 when it is accepted, and says no more than for any other', async () => {
    await using world = await setup();
    const { code, out, err } = await world.sluice(world.upload);
    expect(out).toContain('accepted as text/plain, 320 KiB');
    expect(err).toBe('big.txt: requested\nbig.txt: verifying\n');
    expect(code).toBe(0);
  });

  test('shows one bar for all of its parts', async () => {
    await using world = await setup();
    const { err } = await world.sluice(world.upload, { isTTY: true });
    expect(err).toContain('of 320 KiB');
    expect(err).toContain('verifying…');
  });

  test('declares its CRC-64 when asked to', async () => {
    await using world = await setup();
    const { code } = await world.sluice([...world.upload, '--checksum', 'crc64nvme']);
    expect(code).toBe(0);
    expect([...world.server.uploads.values()][0]?.checksum?.algorithm).toBe('crc64nvme');
  });
});

describe('sluice upload that is stopped', () => {
  test('exits 130, leaves the upload as it is, and says how to go on', async () => {
    await using world = await setup();
    const { code, err } = await world.stopHalfway();
    expect(code).toBe(130);
    expect(err).toContain('the same command goes on with it, and with --restart begins anew');
    expect([...world.server.uploads.values()][0]?.state).toBe('requested');
  });

  test('goes on with the missing bytes when the same command is given again', async () => {
    await using world = await setup();
    await world.stopHalfway();
    world.server.seen.length = 0;
    const { code, err } = await world.sluice(world.upload);
    expect(err).toContain('big.txt: resumed, 128 KiB of 320 KiB are there');
    expect(code).toBe(0);
    expect(world.ids()).toHaveLength(1);
    expect(world.sentBytes()).toBe(SIZE - 2 * PART);
  });

  test('begins anew with --restart, and gives up what was begun', async () => {
    await using world = await setup();
    await world.stopHalfway();
    const { code } = await world.sluice([...world.upload, '--restart']);
    expect(code).toBe(0);
    expect([...world.server.uploads.values()].map(({ state }) => state)).toEqual(['aborted', 'accepted']);
  });

  test('begins anew when the command is another one', async () => {
    await using world = await setup();
    await world.stopHalfway();
    await world.sluice([...world.upload, '-m', 'a=1']);
    expect(world.ids()).toHaveLength(2);
  });

  test('goes on elsewhere with --resume and its id', async () => {
    await using world = await setup();
    await world.stopHalfway();
    await using elsewhere = await openShell();
    const { out } = await elsewhere.sluice([...world.upload, '--json', '--resume', world.ids()[0] ?? ''], {
      env: { SLUICE_ENDPOINT: world.server.endpoint, SLUICE_TOKEN: 'token-1' },
    });
    expect(readLines(out)).toMatchObject([{ outcome: 'accepted', upload: { id: world.ids()[0] } }]);
    expect(world.ids()).toHaveLength(1);
  });
});

describe('sluice upload that fails among its parts', () => {
  test('says how to go on', async () => {
    await using world = await setup();
    world.server.fail('PUT /s3/{id}/2', {
      kind: 'answer',
      status: 400,
      body: '<Error><Code>Odd</Code></Error>',
    });
    const { code, err } = await world.sluice(world.upload);
    expect(err).toContain('s3_Odd');
    expect(err).toContain('the same command goes on with it');
    expect(code).toBe(3);
    expect((await world.sluice(world.upload)).code).toBe(0);
    expect(world.ids()).toHaveLength(1);
  });

  test('does not promise to go on with what is refused for good', async () => {
    await using world = await setup();
    world.server.fail('POST /uploads/{id}/complete', problem(409, 'multipart_checksum_mismatch'));
    const { err } = await world.sluice(world.upload);
    expect(err).toContain('multipart_checksum_mismatch');
    expect(err).not.toContain('the same command');
  });
});

describe('sluice upload, told wrongly how to go on', () => {
  test.each([
    [['--resume', 'a', '--restart']],
    [['--resume', '../a']],
    [['other.txt', '--resume', 'a']],
    [['-c', '0']],
    [['-c', 'many']],
  ])('exits 2 for %j', async (more) => {
    await using world = await setup();
    const { code } = await world.sluice([...world.upload.slice(0, 4), ...more]);
    expect(code).toBe(2);
    expect(world.server.seen).toEqual([]);
  });
});
