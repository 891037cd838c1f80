import { createAws4Fetch } from '../peers/aws4fetch.ts';
import { signEachPart } from './each.ts';

export function run() {
  return signEachPart(createAws4Fetch);
}

export { checkParts as toValue } from './each.ts';
