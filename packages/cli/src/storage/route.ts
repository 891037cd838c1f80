import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Complaint, UsageError } from '../complaint.ts';
import { toPath } from '../path.ts';
import { printable } from '../text.ts';
import type { End, S3Place } from './place.ts';

/** From where to where, with names filled in. */
export type Route = {
  /** what the progress is told under */
  readonly name: string;
  /** the target in full, as it is written */
  readonly shown: string;
} & (
  | {
      readonly kind: 'upload';
      readonly from: { readonly kind: 'pipe' } | { readonly kind: 'file' | 'stream'; readonly path: string };
      readonly to: S3Place;
    }
  | {
      readonly kind: 'download';
      readonly from: S3Place;
      readonly to: { readonly kind: 'pipe' } | { readonly kind: 'file'; readonly path: string };
    }
  | { readonly kind: 'copy'; readonly from: S3Place; readonly to: S3Place }
);

/** Settles what is copied where. Throws UsageError, and Complaint for a file that is not there. */
export async function toRoute(from: End, to: End, folder: string): Promise<Route> {
  if (from.kind === 's3') return fromS3(from, to, folder);
  if (to.kind !== 's3') throw new UsageError('One of the two must be in S3: s3://bucket/key.');
  if (from.kind === 'pipe') {
    const target = withName(to, undefined);
    return { kind: 'upload', from, to: target, name: basename(target.key), shown: write(target) };
  }
  const target = withName(to, basename(from.path));
  const source = { kind: await kindOf(resolve(folder, from.path)), path: resolve(folder, from.path) };
  return { kind: 'upload', from: source, to: target, name: basename(from.path), shown: write(target) };
}

async function fromS3(from: S3Place, to: End, folder: string): Promise<Route> {
  if (from.key === '' || from.key.endsWith('/'))
    throw new UsageError('One object at a time: s3://bucket/key.');
  const name = basename(from.key);
  if (to.kind === 's3') {
    const target = withName(to, name);
    return { kind: 'copy', from, to: target, name, shown: write(target) };
  }
  if (to.kind === 'pipe') return { kind: 'download', from, to, name, shown: '-' };
  const path = await toPath(folder, to.path, name, true);
  return { kind: 'download', from, to: { kind: 'file', path }, name, shown: path };
}

function withName({ bucket, key }: S3Place, name: string | undefined): S3Place {
  if (key !== '' && !key.endsWith('/')) return { bucket, key };
  if (name !== undefined) return { bucket, key: key + name };
  throw new UsageError('Standard input has no name: write the whole key.');
}

/** Pipes and devices that have a path (`<(command)`, /dev/stdin) tell no size and are read once, in order. */
async function kindOf(path: string): Promise<'file' | 'stream'> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Complaint(`There is no file ${printable(path)}.`);
  if (found.isDirectory()) throw new Complaint(`${printable(path)} is a folder.`, 'One file at a time.');
  return found.isFile() ? 'file' : 'stream';
}

function write({ bucket, key }: S3Place): string {
  return `s3://${bucket}/${key}`;
}
