// GET /health: the functions are deployed and run. Asks nothing of AWS, so that it cannot be used to load
// anything.

import { withEveryHeader } from '../lib/http/every-answer.ts';
import { json } from '../lib/http/json.ts';
import { VERSION } from '../lib/version.ts';

export async function handler() {
  return withEveryHeader(json(200, { status: 'ok', version: VERSION }));
}
