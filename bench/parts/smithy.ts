import { createSmithy } from '../peers/smithy.ts';
import { signEachPart } from './each.ts';

export const run = () => signEachPart(createSmithy);

export { checkParts as toValue } from './each.ts';
