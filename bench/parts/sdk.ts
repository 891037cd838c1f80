import { createSdk } from '../peers/sdk.ts';
import { signEachPart } from './each.ts';

export function run() {
  return signEachPart(createSdk);
}

export { checkParts as toValue } from './each.ts';
