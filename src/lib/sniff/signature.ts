import { type ContentType, familyOf, normaliseContentType } from '@sluice/contract/content-types';
import { fileTypeFromBuffer } from 'file-type';
import { probeCompound } from './compound.ts';
import { probeFont } from './fonts.ts';
import { probeIsoMedia } from './iso-media.ts';
import { probeMail } from './mail.ts';
import { probeBzip2, probeGzip, probeSevenZip, probeTar, probeXz, probeZstd } from './packed.ts';
import { probeParquet } from './parquet.ts';
import { findPdfHeader } from './pdf.ts';
import { probeBmp, probeGif, probeJpeg, probePng, probeTiff } from './pictures.ts';
import type { Probe, Signature } from './probe.ts';
import { probeRiff } from './riff.ts';
import { probeRtf } from './rtf.ts';
import { probeSound } from './sounds.ts';
import type { Source } from './source.ts';
import { probeZip } from './zip.ts';

/** Names the type of a buffer by its magic bytes. `file-type` in production; a test passes one that hangs. */
export type Detector = (bytes: Uint8Array) => Promise<{ readonly mime: string } | undefined>;

// file-type takes microseconds. If a detector takes this long, the bytes have made it hang.
const PATIENCE_IN_MS = 1_000;

/** The formats that are checked for more than their magic bytes. */
const PROBES: readonly Probe[] = [
  probeJpeg,
  probePng,
  probeGif,
  probeTiff,
  probeBmp,
  probeZip,
  probeParquet,
  probeGzip,
  probeBzip2,
  probeXz,
  probeZstd,
  probeSevenZip,
  probeRiff,
  probeIsoMedia,
  probeSound,
  probeCompound,
  probeFont,
  probeRtf,
  probeMail,
  probeTar,
];

/**
 * What else a file of a type really is. A container's first bytes do not show whether it holds sound or film.
 */
const ALSO: Readonly<Record<string, readonly ContentType[]>> = {
  'video/webm': ['audio/webm'],
  'audio/ogg': ['video/ogg'],
  'video/ogg': ['audio/ogg'],
  'application/ogg': ['audio/ogg', 'video/ogg'],
};

/** The formats that file-type decides. Others that it knows are only named, to say what is refused. */
const BY_DETECTOR: ReadonlySet<string> = new Set([...Object.keys(ALSO), 'video/matroska']);

const PDF = 'application/pdf';

/**
 * Says what a binary file is; no types if nothing is recognised. It also returns names of types that Sluice
 * cannot verify: they say what a refused file really is. Throws only what `read` throws, and always ends: a
 * detector that throws or hangs has recognised nothing.
 * @param declared the canonical name of the type that was declared: more than the prefix is read only for the
 * types that need it, and only if the prefix and the declaration agree on them
 */
export async function readSignature(
  source: Source,
  declared: string,
  detect: Detector = fileTypeFromBuffer,
  patienceInMs: number = PATIENCE_IN_MS,
): Promise<Signature> {
  const { prefix, size } = source;
  const bytes = { ...source, declared, isWhole: prefix.length === size };
  for (const probe of PROBES) {
    const signature = await probe(bytes);
    if (signature !== undefined) return signature;
  }
  const type = await detectPatiently(prefix, detect, patienceInMs);
  if (type !== undefined && type !== PDF) {
    // If the probe has not recognised the file, two or three bytes of magic are not enough.
    const family = familyOf(type);
    const isOwn = (family === 'media' || family === 'opaque') && !BY_DETECTOR.has(type);
    return { types: isOwn ? [] : [type, ...(ALSO[type] ?? [])] };
  }
  return { types: findPdfHeader(prefix) === undefined ? [] : [PDF] };
}

async function detectPatiently(
  prefix: Uint8Array,
  detect: Detector,
  patienceInMs: number,
): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const giveUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceInMs, undefined);
  });
  try {
    const mime = (await Promise.race([detect(prefix), giveUp]))?.mime;
    return mime && normaliseContentType(mime);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
