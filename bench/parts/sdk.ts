import { createSdk } from '../peers/sdk.ts';
import { signEachPart } from './each.ts';

export const run = () => signEachPart(createSdk);

export { checkParts as toValue } from './each.ts';
