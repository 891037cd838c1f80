import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../local/folders.ts';
import { DIFFERENCES, differenceOf } from '../engines/differences.ts';
import { explainNoGo } from '../engines/versitygw.ts';

describe('what the contract suites are held against besides MiniStack', () => {
  test.each([
    [undefined, 'There is no Go on the PATH; it takes 1.25 or newer to build it.'],
    ['1.19', 'Go 1.19 is too old; it takes 1.25 or newer to build it.'],
    ['1.25', undefined],
    ['1.26', undefined],
    ['2.0', undefined],
  ])('is left out with the reason where Go is %s', (version, reason) => {
    expect(explainNoGo(version)).toBe(reason);
  });

  test('has its differences from AWS listed for suites that there are, each with what both do', () => {
    for (const { file, engineDoes, awsDoes } of DIFFERENCES) {
      expect(existsSync(join(projectRoot, 'test', 'contract', file)), file).toBe(true);
      expect(engineDoes).not.toBe('');
      expect(awsDoes).not.toBe('');
    }
    const config = readFileSync(join(projectRoot, 'vitest.config.ts'), 'utf8');
    for (const { engine } of DIFFERENCES) expect(config).toContain(`onEngine('${engine}'`);
  });

  test('differs only where a suite, an engine and a case are named', () => {
    const [first] = DIFFERENCES;
    const title = 'a presigned PUT > is refused once it has expired';
    expect(differenceOf('moto', 'test/contract/sign.test.ts', title)).toBe(first);
    expect(differenceOf('versitygw', 'test/contract/sign.test.ts', title)).toBeUndefined();
    expect(differenceOf('moto', 'test/contract/ledger.test.ts', title)).toBeUndefined();
  });
});
