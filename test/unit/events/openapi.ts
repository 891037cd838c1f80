import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { parse } from 'yaml';

type Content = Readonly<Record<string, { readonly schema?: object }>>;
type Response = {
  readonly $ref?: string;
  readonly content?: Content;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
};

const document = parse(readFileSync('docs/openapi.yaml', 'utf8'));

// Not strict: OpenAPI has words of its own in its schemas.
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ ...document, $id: 'openapi' });

/** Of an answer to a route, what docs/openapi.yaml does not say of it; nothing when it is as documented. */
export function flawsOf(routeKey: string, answer: APIGatewayProxyStructuredResultV2): string[] {
  const [method = '', path = ''] = routeKey.replace('+}', '}').split(' ');
  const at = ['paths', path, method.toLowerCase(), 'responses', String(answer.statusCode)];
  const response: Response | undefined = find(at);
  if (response === undefined) return [`${routeKey} has no ${answer.statusCode}`];
  const { $ref } = response;
  if ($ref !== undefined) return flawsAt($ref.replace('#/', '').split('/'), answer);
  return flawsAt(at, answer);
}

function flawsAt(at: readonly string[], answer: APIGatewayProxyStructuredResultV2): string[] {
  const { content, headers = {} }: Response = find(at) ?? {};
  const missing = Object.entries(headers)
    .filter(([name, { required }]) => required === true && answer.headers?.[name] === undefined)
    .map(([name]) => `no header ${name}`);
  if (content === undefined) return answer.body ? [...missing, 'a body that is not documented'] : missing;
  const named = String(answer.headers?.['content-type']);
  const type = Object.keys(content).find((known) => known === named || known === named.split(';')[0]);
  if (type === undefined) return [...missing, `the content type ${named}`];
  if (!type.endsWith('json')) return missing;
  const pointer = [...at, 'content', type, 'schema'].map(toToken).join('/');
  const isValid = ajv.compile({ $ref: `openapi#/${pointer}` });
  if (isValid(JSON.parse(textOf(answer)))) return missing;
  return [
    ...missing,
    ...(isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`),
  ];
}

function textOf({ body = 'null', headers, isBase64Encoded }: APIGatewayProxyStructuredResultV2): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return (headers?.['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

function find(path: readonly string[]): Response | undefined {
  return path.reduce((node, key) => node?.[key], document);
}

/** A part of a JSON pointer, as it stands in the fragment of a URI. */
function toToken(key: string): string {
  return encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'));
}
