import { createSmithy } from '../peers/smithy.ts';
import { checkParts, signEachPart } from './each.ts';

export function run() {
  return signEachPart(createSmithy);
}

export const toValue = checkParts;
