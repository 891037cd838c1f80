// npm run engines: installs what the contract suites are held against besides MiniStack. One that this
// machine cannot have is named, and no failure.
import { Obstacle } from '../../local/obstacle.ts';
import { ENGINES } from './engines.ts';

for (const engine of ENGINES) {
  if (await engine.isInstalled()) {
    console.log(`${engine.name}: is installed`);
    continue;
  }
  try {
    await engine.install();
    console.log(`${engine.name}: installed`);
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error;
    console.log(`${engine.name}: left out. ${error.message}`);
  }
}
