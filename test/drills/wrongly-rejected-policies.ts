// What a mistake makes of src/policies.ts: `data` has lost its encodings, and what Excel for Windows writes
// is rejected.

import type { Policies } from '../../src/lib/upload/policy.ts';
import { policies as right } from '../../src/policies.ts';

const { encodings: _lost, ...data } = right.data ?? {};

export const policies = { ...right, data } as Policies;
