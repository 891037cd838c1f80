import { describe, expect, test } from 'vitest';
import { Obstacle } from '../../../local/obstacle.ts';
import { parseOptions, usage } from '../../../local/options.ts';

describe('the command line of npm start', () => {
  test('begins on port 4566 with the data kept when nothing is said', () => {
    expect(parseOptions([])).toEqual({ port: 4566, fresh: false, verbose: false, help: false });
  });

  test('takes every option that the usage names', () => {
    expect(parseOptions(['--port', '5000', '--fresh', '--verbose', '--help'])).toEqual({
      port: 5000,
      fresh: true,
      verbose: true,
      help: true,
    });
    for (const option of ['--port', '--fresh', '--verbose', '--help']) expect(usage).toContain(option);
  });

  test.each(['--prot', '-x', 'now'])('names %s and shows the usage when it does not know it', (argument) => {
    const parse = () => parseOptions([argument]);
    expect(parse).toThrow(Obstacle);
    expect(parse).toThrow(`'${argument}'`);
    expect(parse).toThrow(usage);
  });

  test.each(['0', '65536', '-1', '4566.5', '0x10', 'http', ''])(
    'refuses "%s" as a port and quotes it',
    (port) => {
      expect(() => parseOptions([`--port=${port}`])).toThrow(`not "${port}"`);
    },
  );
});
