import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Scanner } from '@sluice/contract/scan';
import { type Folders, projectRoot } from './folders.ts';

/**
 * Writes a file of policies that are those of another, each with these scanners demanded besides. It is for
 * trying scanners: in a deployment, the policies themselves say which they demand.
 * @param given the file with the policies; src/policies.ts if absent
 * @returns its path
 */
export async function writeScannedPolicies(
  folders: Pick<Folders, 'base'>,
  given: string | undefined,
  scanners: readonly Scanner[],
): Promise<string> {
  const source = JSON.stringify(resolve(projectRoot, given ?? join('src', 'policies.ts')));
  const file = join(folders.base, 'scanned-policies.ts');
  await mkdir(folders.base, { recursive: true });
  await writeFile(
    file,
    `// Written by npm start -- --scan ${scanners.join(',')}
import { policies as own } from ${source};
export * from ${source};
const SCANNERS = ${JSON.stringify(scanners)};
export const policies = Object.fromEntries(
  Object.entries(own).map(([name, policy]) => [
    name,
    { ...policy, scanners: [...new Set([...(policy.scanners ?? []), ...SCANNERS])] },
  ]),
);
`,
  );
  return file;
}
