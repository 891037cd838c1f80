import { analyzeMetafile } from 'esbuild';
import { describe, expect, test } from 'vitest';
import budget from '../../bench/budget.json' with { type: 'json' };
import { bundleEntry, readFunctions } from '../../bench/functions.ts';

const functions = readFunctions();
const budgets = new Map(Object.entries(budget));

/** The largest inputs of a bundle, a line each. */
async function largestOf(metafile: Parameters<typeof analyzeMetafile>[0]): Promise<string> {
  return (await analyzeMetafile(metafile, { color: false })).trim().split('\n').slice(1, 12).join('\n');
}

describe('the bundles of the functions, built as serverless.yml says', () => {
  test('have a budget each, and no budget is left of a function that is gone', () => {
    const late = [...budgets.keys()].filter((name) => name.includes('.'));
    const own = [...budgets.keys()].filter((name) => !name.includes('.'));
    expect(
      own.sort(),
      'bench/budget.json has a row for each function of serverless.yml, and no other',
    ).toEqual(functions.map(({ name }) => name).sort());
    // Which their functions' rows hold to their bundles.
    expect(late.sort()).toEqual([
      'administer.edge-copies',
      'authorize-call.grant-reader',
      'delete-upload.edge-copies',
      'delete-uploads.edge-copies',
      'expire-requests.edge-copies',
      'inspect-uploads.worker',
      'record-scans.edge-copies',
      'request-upload.store-multipart',
      'request-uploads.store-multipart',
    ]);
  });

  test.each(functions)(
    '$name is within its budget, and near enough for the budget to hold it',
    async ({ name, entry }) => {
      const { bytes: own, late, metafile } = await bundleEntry(name, entry);
      for (const [bundle, bytes] of [[name, own] as const, ...late]) {
        const most =
          budgets.get(bundle) ??
          expect.fail(
            `${bundle} has no budget: add a row to bench/budget.json, with a little more than its ${bytes} bytes.`,
          );
        if (bytes > most) {
          expect.fail(
            `${bundle} is ${bytes} bytes, its budget in bench/budget.json is ${most}. Its largest parts are:\n` +
              `${await largestOf(metafile)}\n` +
              `All of them, and what imports each: node bench/explain.ts ${name}\n` +
              'If the bytes are worth it, raise the budget in a commit of its own that says what they buy.',
          );
        }
        // A budget that nothing comes near holds nothing back: lower it with the change that earned it.
        expect(bytes, `lower the budget of ${bundle}, which is ${most}`).toBeGreaterThan(most * 0.85);
      }
    },
  );
});
