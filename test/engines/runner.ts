import { type RunnerTask, type RunnerTestSuite, TestRunner } from 'vitest';
import { differenceOf } from './differences.ts';

/**
 * Runs the contract suites against an engine. A case in which the engine is known to differ from AWS runs as
 * well, and does not count while it fails: it neither passed nor is it a fault of ours. Should it pass, it
 * fails, so that the list of differences stays true.
 */
export default class EngineRunner extends TestRunner {
  override onAfterRunTask(test: RunnerTask): void {
    super.onAfterRunTask(test);
    const { result } = test;
    if (test.type !== 'test' || (result?.state !== 'pass' && result?.state !== 'fail')) return;
    const difference = differenceOf(this.config.name ?? '', test.file.name, titleOf(test));
    if (difference === undefined) return;
    if (result.state === 'fail') {
      test.mode = 'skip';
      test.result = { ...result, state: 'skip', errors: [] };
      return;
    }
    const message = `${this.config.name} does here what AWS does: take this case off the list in test/engines/differences.ts`;
    test.result = { ...result, state: 'fail', errors: [{ name: 'Error', message, stacks: [] }] };
  }
}

function titleOf(task: RunnerTask | RunnerTestSuite): string {
  return task.suite === undefined ? task.name : `${titleOf(task.suite)} > ${task.name}`;
}
