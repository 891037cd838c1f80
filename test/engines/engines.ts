import type { Engine } from './engine.ts';
import { moto } from './moto.ts';
import { versitygw } from './versitygw.ts';

/** The second opinions on S3, DynamoDB and SQS. MiniStack is the first. */
export const ENGINES: readonly Engine[] = [moto, versitygw];
