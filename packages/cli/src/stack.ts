import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The local stack, as `npm start` describes it in `.sluice/stack.json`. */
export type LocalStack = {
  /** the folder that the file is in */
  readonly folder: string;
  readonly apiUrl: string;
  readonly userPoolClientId: string;
  /** where Cognito answers */
  readonly endpoint: string;
  readonly demo: { readonly email: string; readonly password: string };
};

/** The stack of this folder or the nearest one above it; undefined when there is none, or its file is not readable as one. */
export async function findStack(folder: string): Promise<LocalStack | undefined> {
  const text = await readFile(join(folder, '.sluice', 'stack.json'), 'utf8').catch(() => undefined);
  if (text !== undefined) return parseStack(join(folder, '.sluice'), text);
  const above = dirname(folder);
  return above === folder ? undefined : findStack(above);
}

function parseStack(folder: string, text: string): LocalStack | undefined {
  try {
    const file: unknown = JSON.parse(text);
    return isStackFile(file) ? { ...file, folder } : undefined;
  } catch {
    return undefined;
  }
}

function isStackFile(value: unknown): value is Omit<LocalStack, 'folder'> {
  return (
    hasTexts(value, 'apiUrl', 'userPoolClientId', 'endpoint') && hasTexts(value.demo, 'email', 'password')
  );
}

function hasTexts(value: unknown, ...keys: readonly string[]): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && keys.every((key) => typeof Object(value)[key] === 'string')
  );
}
