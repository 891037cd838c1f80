import { createS3mini } from '../peers/s3mini.ts';
import { signEachPart } from './each.ts';

export const run = () => signEachPart(createS3mini);

export { checkParts as toValue } from './each.ts';
