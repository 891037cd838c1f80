import { REFUSALS, type RefusalCode } from '@sluice/contract/refusals';
import * as v from 'valibot';

/** A schema that names the refusal of whatever is not as it describes. */
export type Refusing<Schema extends v.GenericSchema = v.GenericSchema> = Schema & {
  readonly refusal: RefusalCode;
};

/** A field of a body, which may be left out where that is said. */
type Field = Refusing | v.ExactOptionalSchema<Refusing, undefined>;

/**
 * The schema with one refusal for all that is wrong with a value: whichever of its checks fails, and however
 * deep. What names a refusal of its own within it keeps that.
 */
export function refusedAs<const Schema extends v.GenericSchema>(
  refusal: Exclude<RefusalCode, 'body_malformed'>,
  schema: Schema,
): Refusing<Schema> {
  return refusing(refusal, schema);
}

/**
 * The body of a request: an object of these fields and no others. Each field says as what it is refused, so
 * that none is refused as a body that is no JSON object.
 */
export function bodyOf<const Fields extends Readonly<Record<string, Field>>>(fields: Fields) {
  return refusing('body_malformed', v.pipe(v.custom<object>(isPlainObject), v.strictObject(fields)));
}

/** The same for a client that may send more than is read of it. */
export function looseBodyOf<const Fields extends Readonly<Record<string, Field>>>(fields: Fields) {
  return refusing('body_malformed', v.pipe(v.custom<object>(isPlainObject), v.object(fields)));
}

/** The refusal of one check, where it is another than that of the schema around it. */
export function code(refusal: RefusalCode): RefusalCode {
  return refusal;
}

/** True for what JSON calls an object. Valibot's own schemas take a list for one. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(REFUSALS, text);
}

function refusing<const Schema extends v.GenericSchema>(
  refusal: RefusalCode,
  schema: Schema,
): Refusing<Schema> {
  const run: Schema['~run'] = (dataset, config) => {
    const result = schema['~run'](dataset, config);
    for (const issue of result.issues ?? []) {
      // The message is all of an issue that reaches whoever asked; valibot's own are English, and no
      // refusal's code.
      if (!isRefusalCode(issue.message)) Object.assign(issue, { message: refusal });
    }
    return result;
  };
  return { ...schema, refusal, '~run': run };
}
