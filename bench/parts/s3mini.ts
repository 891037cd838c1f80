import { createS3mini } from '../peers/s3mini.ts';
import { signEachPart } from './each.ts';

export function run() {
  return signEachPart(createS3mini);
}

export { checkParts as toValue } from './each.ts';
