// An engine other than MiniStack for the contract suites, with buckets and a table but without a deployment.
import type { TestProject } from 'vitest/node';
import { Obstacle } from '../../local/obstacle.ts';
import { openEngine } from '../contract/faults/world.ts';
import { startEngine } from '../engines/engine.ts';
import { ENGINES } from '../engines/engines.ts';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = ENGINES.find(({ name }) => name === project.name);
  if (engine === undefined) throw new Error(`no engine is called ${project.name}`);
  if (!(await engine.isInstalled())) throw new Obstacle(`${engine.name} is not installed: npm run engines`);
  const { endpoint, stop } = await startEngine(engine);
  try {
    const { buckets, table, grantsTable } = await openEngine(endpoint, {
      versioned: false,
      hasTable: engine.speaksDynamoDB,
    });
    project.provide('endpoint', endpoint);
    project.provide('aws', { endpoint, region: 'us-east-1', buckets, table, grantsTable });
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
