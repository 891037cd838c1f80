// What CloudFormation publishes of its types, as cfn-lint brings it along.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linterFolder } from './lint.ts';

type Schema = {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly definitions?: Readonly<
    Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>
  >;
  readonly handlers?: Readonly<Record<string, { readonly permissions?: readonly string[] }>>;
};

function readJson<T>(...path: readonly string[]): T {
  const [file] = globSync(
    join(linterFolder, 'lib', 'python3*', 'site-packages', 'cfnlint', 'data', 'schemas', ...path),
  );
  if (file === undefined) throw new Error(`cfn-lint has no ${path.join('/')}`);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** The types that a region has, and where each one's schema is. */
function readTypes(region: string): Readonly<Record<string, string>> {
  return readJson('providers', `${region}.json`);
}

function readSchema(type: string): Schema {
  return readJson('resources', `${readTypes('us-east-1')[type]}.json`);
}

/** Whether a region has a type. */
export function hasType(region: string, type: string): boolean {
  return Object.hasOwn(readTypes(region), type);
}

/** Whether a resource of this type can be told by which key of KMS it is encrypted. */
export function canHoldKey(type: string): boolean {
  const { properties = {}, definitions = {} } = readSchema(type);
  const names = [
    properties,
    ...Object.values(definitions).map(({ properties: inner = {} }) => inner),
  ].flatMap(Object.keys);
  return names.some((name) => /kms/i.test(name));
}

/** The actions that CloudFormation takes to make, change, read or remove a resource of this type. */
export function actionsOf(type: string): readonly string[] {
  const { handlers = {} } = readSchema(type);
  const { list: _list, ...others } = handlers;
  return [...new Set(Object.values(others).flatMap(({ permissions = [] }) => permissions))].toSorted();
}
