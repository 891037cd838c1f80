import { CONTENT_TYPES_PART, hasMacros, toOfficeType } from '../sniff/office.ts';
import type { ZipEntry } from '../sniff/zip-directory.ts';
import type { Findings, Inspector } from './file.ts';
import { addHost, type OfficeSightings } from './office-sightings.ts';
import { readOpenDocumentPart } from './open-document.ts';
import { Damage, type Reader } from './reader.ts';
import { toShowableList } from './showable.ts';
import { createTally, LimitReached, Unreadable } from './tally.ts';
import { readXml } from './xml-tags.ts';
import { walkZip } from './zip-walk.ts';

const CONTENT_TYPES_BYTES = 4 * 1024 * 1024;
const RELATIONS = /(?:^|\/)_rels\/[^/]*\.rels$/i;
const EXTERNAL_LINK = /(?:^|\/)externalLinks\/[^/]*\.xml$/i;
// Where Word has fields.
const FIELDS =
  /(?:^|\/)word\/(?:document|header|footer|footnotes|endnotes|comments|glossary\/document)[^/]*\.xml$/i;
const MACRO_PART = /(?:^|\/)(?:vbaproject[^/]*\.bin|vbadata\.xml)$|(?:^|\/)macrosheets\//i;
const EMBEDDED = /(?:^|\/)(?:embeddings|activeX)\/[^/]+$/i;
const DDE_FIELD = /^\s*DDE(?:AUTO)?\b/i;

/** Looks into an Office Open XML package or an OpenDocument file: all of its parts, each to its end. */
export const inspectOffice: Inspector = async (file, limits, signal) => {
  const isOpenDocument = file.type.startsWith('application/vnd.oasis.');
  const seen: OfficeSightings = {
    macros: false,
    encrypted: false,
    dde: false,
    embedded: new Set(),
    hosts: new Set(),
  };
  const entries: ZipEntry[] = [];
  let contentTypes: Uint8Array | undefined;
  let malformed: string | undefined;
  let unsupported: string | undefined;
  let exceeded: Findings['exceeded'];
  const mark = (entry: ZipEntry, what: string) => {
    malformed ??= `${entry.name} ${what}`;
  };

  try {
    await walkZip(file, createTally(file.size, limits), signal, {
      entry(entry) {
        entries.push(entry);
        seen.encrypted ||= entry.isEncrypted;
        const name = entry.name.replaceAll('\\', '/');
        if (MACRO_PART.test(name)) seen.macros = true;
        if (EMBEDDED.test(name)) seen.embedded.add(name);
      },
      async visit({ name }, content) {
        if (isOpenDocument) return readOpenDocumentPart(name, content, seen);
        if (name === CONTENT_TYPES_PART) contentTypes = await content.take(CONTENT_TYPES_BYTES);
        else await readPart(name.replaceAll('\\', '/'), content, seen);
      },
      unseen: (entry, why) => {
        unsupported ??= `${entry.name} ${why}`;
      },
      inconsistent: mark,
      overlaps: (entry) => mark(entry, 'overlaps another part'),
    });
  } catch (error) {
    if (error instanceof LimitReached) exceeded = error.exceeded;
    else if (error instanceof Damage) malformed ??= `it ${error.message}`;
    else if (error instanceof Unreadable) unsupported ??= `it ${error.message}`;
    else throw error;
  }
  if (contentTypes !== undefined) {
    const type = toOfficeType({ entries, isWhole: true }, contentTypes);
    seen.macros ||= type !== undefined && hasMacros(type);
  }
  return {
    facts: { ...toFacts(seen), ...(malformed !== undefined && { malformed }) },
    ...(exceeded && { exceeded }),
    ...(seen.encrypted
      ? { unsupported: 'it opens only with a password' }
      : unsupported !== undefined && { unsupported }),
  };
};

function toFacts(seen: OfficeSightings): Findings['facts'] {
  return {
    encrypted: seen.encrypted,
    macros: seen.macros,
    external: toShowableList([...seen.hosts].sort()),
    embedded: seen.embedded.size,
    dde: seen.dde,
  };
}

async function readPart(name: string, content: Reader, seen: OfficeSightings): Promise<void> {
  if (RELATIONS.test(name)) await readRelations(content, seen);
  else if (EXTERNAL_LINK.test(name)) {
    for await (const piece of readXml(content.chunks())) {
      if (piece.is === 'tag' && piece.name === 'ddeLink') seen.dde = true;
    }
  } else if (FIELDS.test(name)) await readFields(content, seen);
}

/** All that leads out of the package is in its relationships. Links wait for somebody to follow them. */
async function readRelations(content: Reader, seen: OfficeSightings): Promise<void> {
  for await (const piece of readXml(content.chunks())) {
    if (piece.is !== 'tag' || piece.name !== 'Relationship') continue;
    const { attributes } = piece;
    const kind = attributes.get('Type') ?? '';
    if (/vbaProject$|xlMacrosheet$|xlIntlMacrosheet$/i.test(kind)) seen.macros = true;
    const isOut = attributes.get('TargetMode')?.trim().toLowerCase() === 'external';
    if (isOut && !/\/hyperlink$/i.test(kind)) addHost(seen, attributes.get('Target') ?? '');
  }
}

/** A field can be split between any number of runs. */
async function readFields(content: Reader, seen: OfficeSightings): Promise<void> {
  let field = '';
  let isIn = false;
  for await (const piece of readXml(content.chunks())) {
    if (piece.is === 'text') {
      if (isIn && field.length < 1024) field += piece.text;
      continue;
    }
    isIn = piece.name === 'instrText';
    if (piece.name === 'fldChar') {
      if (DDE_FIELD.test(field)) seen.dde = true;
      field = '';
    }
    if (piece.name === 'fldSimple' && DDE_FIELD.test(piece.attributes.get('instr') ?? '')) seen.dde = true;
  }
  if (DDE_FIELD.test(field)) seen.dde = true;
}
