// Requests that nobody thought of, to every route: no answer is a 5xx, and none is other than
// docs/openapi.yaml says.
import { beforeAll, expect, inject, test } from 'vitest';
import { fuzz, installSchemathesis } from '../fuzz/schemathesis.ts';
import { toFuzzSpec } from '../fuzz/spec.ts';
import { apiOf } from './api.ts';

// A minute's worth in the suite; `npm run fuzz` takes more of them, and another seed each time.
const { SLUICE_FUZZ_EXAMPLES, SLUICE_FUZZ_SEED } = process.env;
const examples = Number(SLUICE_FUZZ_EXAMPLES ?? 10);
const otherwise = SLUICE_FUZZ_EXAMPLES === undefined ? 1 : Math.floor(Math.random() * 2 ** 31);
const seed = Number(SLUICE_FUZZ_SEED ?? otherwise);

async function setup() {
  const { alice: user, apiUrl } = inject('stack');
  const alice = apiOf(user);
  const csv = { filename: 'a.csv', contentType: 'text/csv' };
  const uploads = [
    await alice.request(csv, 3),
    await alice.request({ ...csv, transport: 'post' }, 3),
    await alice.request({ ...csv, transport: 'multipart' }, 3),
  ];
  const begin = async () =>
    (await (await alice.call('POST', '/s3/multipart', { filename: 'a.csv', type: 'text/csv' })).json()) as {
      key: string;
      uploadId: string;
    };
  const { token } = (await (await alice.call('POST', '/uppy-sessions', {})).json()) as { token: string };
  return {
    alice,
    target: { url: apiUrl, token: user.idToken },
    known: { token, ids: uploads.map(({ id }) => id), begun: [await begin(), await begin(), await begin()] },
  };
}

beforeAll(installSchemathesis);

test('is answered as the OpenAPI file says, and never by a fault, whatever is asked', {
  timeout: 1_800_000,
}, async () => {
  const { alice, target, known } = await setup();
  const { requests, findings } = await fuzz(toFuzzSpec(known), { ...target, examples, seed });
  if (findings !== '') expect.fail(`${requests} requests with seed ${seed}:\n${findings}`);
  expect(requests).toBeGreaterThan(1_000);
  expect((await alice.call('GET', '/policies')).status).toBe(200);
});
