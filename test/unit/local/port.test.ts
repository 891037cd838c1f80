import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { Obstacle } from '../../../local/obstacle.ts';
import { explainTakenPort, findFreePort, parseHolder, requireFreePort } from '../../../local/port.ts';

describe('a taken port', () => {
  test('is named together with its holder and a free neighbour', () => {
    expect(explainTakenPort(4566, { command: 'java', pid: 77 })).toBe(
      'Port 4566 is taken by java (process 77).\n' +
        'Stop it (kill 77), or choose another port: npm start -- --port 4567',
    );
  });

  test('is named when its holder is unknown', () => {
    expect(explainTakenPort(4566, undefined)).toMatch(/^Port 4566 is taken\.\n/);
  });

  test('proposes a port that exists when the last one is taken', () => {
    expect(explainTakenPort(65_535, undefined)).toContain('--port 65534');
  });

  test('stops the start while someone listens, and no longer', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(requireFreePort(port)).rejects.toThrow(Obstacle);
    await expect(requireFreePort(port)).rejects.toThrow(`Port ${port} is taken`);
    await new Promise((resolve) => server.close(resolve));
    await expect(requireFreePort(port)).resolves.toBeUndefined();
  });
});

describe('parseHolder', () => {
  test('reads the process and its command from lsof’s fields', () => {
    expect(parseHolder('p16002\ncpython3\nf7\n')).toEqual({ pid: 16002, command: 'python3' });
  });

  test('knows no holder when lsof printed nothing', () => {
    expect(parseHolder('')).toBeUndefined();
  });
});

describe('findFreePort', () => {
  test('finds one that can be listened on', async () => {
    await expect(requireFreePort(await findFreePort())).resolves.toBeUndefined();
  });
});
