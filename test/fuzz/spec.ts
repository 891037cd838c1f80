import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '../../local/folders.ts';

type Tree = { readonly [key: string]: unknown };

/** What a fuzzer is to name: things that are there, so that it comes further than a 404. */
export type Known = {
  /** the token of an upload session */
  readonly token: string;
  /** ids of uploads, in whatever state, and some that are none */
  readonly ids: readonly string[];
  /** multipart uploads that Uppy began */
  readonly begun: readonly { readonly key: string; readonly uploadId: string }[];
};

const KEY = 'key';

function text(values: readonly string[]) {
  return {
    anyOf: [{ enum: values }, { type: 'string', maxLength: 300 }],
  };
}

function parameter(name: string, where: 'path' | 'query', schema: unknown, required = where === 'path') {
  return {
    name,
    in: where,
    required,
    schema,
  };
}

// A path cannot hold a slash of its own, or nothing, and still lead to the same route.
function segment(values: readonly string[]) {
  return {
    anyOf: [{ enum: values }, { type: 'string', pattern: '^[^/\\\\?#%\\x00-\\x1f.]{1,60}$' }],
  };
}

/**
 * docs/openapi.yaml for a fuzzer: the same answers, for the same routes. What stands behind `{proxy}`, which
 * API Gateway takes for any path, is written out as Uppy asks for it, and parameters name what is there
 * beside anything else.
 */
export function toFuzzSpec({ token, ids, begun }: Known): Tree {
  const openapi = parse(readFileSync(join(projectRoot, 'docs', 'openapi.yaml'), 'utf8')) as {
    paths: Record<string, Record<string, Tree>>;
    components: { parameters: Record<string, Tree>; schemas: Record<string, Tree> };
  };
  const paths: Record<string, Record<string, unknown>> = {};
  const uploadId = parameter('uploadId', 'path', segment(begun.map((upload) => upload.uploadId)));
  const key = parameter(KEY, 'query', text(begun.map((upload) => upload.key)));
  const file = [
    parameter('filename', 'query', text(['a.jpg', 'b.csv', ''])),
    parameter('type', 'query', text(['image/jpeg', 'text/csv', 'null'])),
    parameter('metadata[size]', 'query', text(['3', '0', '0x64', '99999999999999999999'])),
    parameter('metadata[album]', 'query', text(['spring'])),
  ];
  const numbers = parameter('partNumbers', 'query', text(['1', '1,2', '0', '10001', '1,,2']));
  const number = parameter('partNumber', 'path', segment(['1', '2', '0', '00001', '10000', '1e3']));

  for (const [path, item] of Object.entries(openapi.paths)) {
    if (!path.endsWith('{proxy}')) {
      paths[path] = item;
      continue;
    }
    const { get, post, delete: remove } = item;
    const base = path.replace('{proxy}', path.startsWith('/uppy/') ? 's3/' : '');
    const shared = path.startsWith('/uppy/')
      ? [parameter('token', 'path', segment([token, 'slu1.a.b.c']))]
      : [];
    const on = (tail: string, operations: Record<string, unknown>, parameters: readonly unknown[]) => {
      paths[`${base}${tail}`] = { parameters: [...shared, ...parameters], ...operations };
    };
    /** The operation as one of its routes has it, with the answer of that route alone. */
    const as = (operation: Tree = {}, name: string, schema?: string) => {
      const { '200': good, ...refused } = operation.responses as Record<string, Tree>;
      const content = good?.content as Record<string, Tree>;
      const json = schema
        ? { schema: { $ref: `#/components/schemas/${schema}` } }
        : content['application/json'];
      return {
        ...operation,
        operationId: `${operation.operationId}${name}`,
        responses: { '200': { ...good, content: { ...content, 'application/json': json } }, ...refused },
      };
    };
    on('params', { get: as(get, 'Params', 'CompanionForm') }, file);
    on('sts', { get: as(get, 'Sts') }, []);
    on('multipart', { post: as(post, 'Create', 'CompanionBegun') }, []);
    on(
      'multipart/{uploadId}',
      {
        get: as(get, 'List', 'CompanionParts'),
        post: as(post, 'Repeat', 'CompanionBegun'),
        delete: as(remove, 'Abort'),
      },
      [uploadId, key],
    );
    on('multipart/{uploadId}/batch', { get: as(get, 'Batch', 'CompanionBatch') }, [uploadId, key, numbers]);
    on('multipart/{uploadId}/complete', { post: as(post, 'Complete', 'CompanionCompleted') }, [
      uploadId,
      key,
    ]);
    on('multipart/{uploadId}/{partNumber}', { get: as(get, 'Sign', 'CompanionSigned') }, [
      uploadId,
      key,
      number,
    ]);
  }
  return {
    ...openapi,
    paths,
    components: {
      ...openapi.components,
      schemas: {
        ...openapi.components.schemas,
        UploadIds: idsOf(openapi.components.schemas.UploadIds, ids),
      },
      parameters: {
        ...openapi.components.parameters,
        UploadId: { ...openapi.components.parameters.UploadId, schema: segment(ids) },
      },
    },
  };
}

/** The list of ids that a body holds, with ids among them of uploads that are there. */
function idsOf(schema: Tree = {}, known: readonly string[]): Tree {
  const { ids } = schema.properties as Record<string, Tree>;
  return { ...schema, properties: { ids: { ...ids, items: text(known) } } };
}
