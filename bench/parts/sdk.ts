import { createSdk } from '../peers/sdk.ts';
import { checkParts, signEachPart } from './each.ts';

export function run() {
  return signEachPart(createSdk);
}

export const toValue = checkParts;
