import { expect, test } from 'vitest';
import { openShell } from './shell.ts';

test.each(['admin', 'events'])(
  'sluice %s names its commands to whoever names another, or none',
  async (name) => {
    await using shell = await openShell();
    // The last one is a property of every object.
    for (const argv of [[name], [name, 'nothing'], [name, 'constructor']]) {
      const { code, err } = await shell.sluice(argv);
      expect([code, err]).toEqual([2, expect.stringContaining(`\`${name}\` is followed by one of `)]);
    }
  },
);
