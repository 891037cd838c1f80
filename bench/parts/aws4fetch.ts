import { createAws4Fetch } from '../peers/aws4fetch.ts';
import { checkParts, signEachPart } from './each.ts';

export function run() {
  return signEachPart(createAws4Fetch);
}

export const toValue = checkParts;
