import * as v from 'valibot';
import { isName } from '../caller/claims.ts';
import { toServedTenant } from './parse-whose.ts';
import { refusedAs } from './refused-as.ts';

const Name = v.custom<string>(isName);

/** Whose an upload is to be, as a service names them: the tenant as its users' tokens do. */
export const OwnerField = refusedAs(
  'owner_invalid',
  v.pipe(
    v.strictObject({ tenant: Name, subject: Name }),
    v.transform(({ tenant, subject }) => ({ tenant: toServedTenant(tenant), subject })),
  ),
);
