import * as v from 'valibot';
import { isReference } from './reference.ts';
import { refusedAs } from './refused-as.ts';

/** The app's own id of what a file is for. */
export const ReferenceField = refusedAs('reference_invalid', v.pipe(v.string(), v.check(isReference)));
