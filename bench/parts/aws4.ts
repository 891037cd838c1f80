import { createAws4 } from '../peers/aws4.ts';
import { checkParts, signEachPart } from './each.ts';

export function run() {
  return signEachPart(createAws4);
}

export const toValue = checkParts;
