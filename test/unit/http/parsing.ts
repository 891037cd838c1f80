import { Refusal } from '@sluice/contract/refusals';

/** A call with a JSON body, as far as a parser looks at it. */
export function withBody(body: unknown) {
  return {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    isBase64Encoded: false,
  };
}

/** As what something is refused, and which field it names; undefined if it is not. */
export function refusalOf(parse: () => unknown) {
  try {
    parse();
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, field: error.extras.field };
    throw error;
  }
  return undefined;
}
