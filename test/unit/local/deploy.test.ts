import { describe, expect, test } from 'vitest';
import { withoutNoise } from '../../../local/deploy.ts';

describe('what is quoted of a failed deployment', () => {
  test('keeps the reason and leaves out the spinner and the call stack', () => {
    const output = [
      '',
      'Deploying sluice to stage local (us-east-1)',
      '⠋ Packaging (0s)',
      '\u001b[1A\u001b[2K',
      '\u001b[31mError:\u001b[39m',
      'Error: Build failed with 1 error',
      '    at failureErrorWithLog (main.js:1752:15)',
    ].join('\n');
    expect(withoutNoise(output)).toBe(
      ['Deploying sluice to stage local (us-east-1)', 'Error:', 'Error: Build failed with 1 error'].join(
        '\n',
      ),
    );
  });
});
