import { createS3mini } from '../peers/s3mini.ts';
import { checkParts, signEachPart } from './each.ts';

export function run() {
  return signEachPart(createS3mini);
}

export const toValue = checkParts;
