import { createAws4 } from '../peers/aws4.ts';
import { signEachPart } from './each.ts';

export function run() {
  return signEachPart(createAws4);
}

export { checkParts as toValue } from './each.ts';
