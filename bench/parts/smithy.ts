import { createSmithy } from '../peers/smithy.ts';
import { signEachPart } from './each.ts';

export function run() {
  return signEachPart(createSmithy);
}

export { checkParts as toValue } from './each.ts';
