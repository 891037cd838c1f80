import { createRequire } from 'node:module';
import { Obstacle } from './obstacle.ts';

type ReadPolicies = (file: string) => Promise<Readonly<Record<string, unknown>>>;

// Plugins of serverless are CommonJS.
const { readPolicies }: { readonly readPolicies: ReadPolicies } = createRequire(import.meta.url)(
  '../infra/own-policies.cjs',
);

/** The names of a file's policies. Throws an Obstacle that says why they cannot be deployed. */
export async function checkPolicies(file: string): Promise<readonly string[]> {
  try {
    return Object.keys(await readPolicies(file));
  } catch (error) {
    throw new Obstacle(error instanceof Error ? error.message : String(error));
  }
}
