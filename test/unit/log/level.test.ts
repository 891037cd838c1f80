import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const SCRIPT = `
  const { logger } = await import('./src/lib/log/logger.ts');
  const { tally } = await import('./src/lib/log/tally.ts');
  const { tell } = await import('./src/lib/log/deeds.ts');
  logger.info('told');
  logger.warn('warned');
  tally('Downloads');
  tell('upload requested', { requestContext: { requestId: 'r' } }, {});
`;

// Lambda's filter lets INFO through for the metrics' sake, and Powertools takes its level for the log's.
test('the log has the level of the deployment, and metrics and records of the trail have none', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    encoding: 'utf8',
    env: {
      AWS_LAMBDA_LOG_LEVEL: 'INFO',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      LOG_LEVEL: 'WARN',
      AUDIT_RETENTION_DAYS: '365',
    },
  });
  const lines = `${stderr}${stdout}`
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ message, Downloads }) => message ?? Downloads)).toEqual([
    'warned',
    1,
    'upload requested',
  ]);
});
