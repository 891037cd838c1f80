import { join } from 'node:path';
import { projectRoot } from '../../local/folders.ts';
import { Obstacle } from '../../local/obstacle.ts';
import { hasPackages, installPackages } from '../../local/packages.ts';
import { choosePython, explainNoPython, findPythons } from '../../local/python.ts';
import type { Engine } from './engine.ts';

const environment = {
  name: 'moto',
  folder: join(projectRoot, '.sluice', 'moto'),
  requirements: join(import.meta.dirname, 'requirements.txt'),
};

/** moto, a simulation of AWS in Python: S3, DynamoDB, SQS, STS and IAM in one process. */
export const moto: Engine = {
  name: 'moto',
  speaksDynamoDB: true,
  isInstalled: () => hasPackages(environment, ['moto', 'flask']),
  install: async () => {
    const pythons = await findPythons();
    const python = choosePython(pythons);
    if (python === undefined) throw new Obstacle(explainNoPython(pythons));
    await installPackages(environment, python);
  },
  launch: async (port, folder) => ({
    command: join(environment.folder, 'bin', 'moto_server'),
    args: ['-H', '127.0.0.1', '-p', String(port)],
    env: { PATH: process.env.PATH, HOME: folder },
  }),
};
