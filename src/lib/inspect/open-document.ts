import { addHost, type OfficeSightings } from './office-sightings.ts';
import type { Reader } from './reader.ts';
import { readXml } from './xml-tags.ts';

const MANIFEST = 'META-INF/manifest.xml';
// The lists of libraries are there without any library, too.
const MACRO =
  /^(?:Basic|Dialogs|Scripts)\/(?!script-lc\.xml$|dialog-lc\.xml$)(?!.*\/(?:script|dialog)-lb\.xml$).*[^/]$/;
// A drawing or a chart of its own, as a folder or as a file of another program.
const OBJECT = /^(?!ObjectReplacements)(Object[^/]*)(?:\/|$)/;
const CONTENT = /(?:^|\/)(?:content|styles)\.xml$/;
// What an address belongs to that is followed by whoever reads, and by nobody else.
const LINKS = new Set(['a', 'user-index-source', 'bibliography-mark', 'text-a']);

/** Reads one part of an OpenDocument file (ISO/IEC 26300). */
export async function readOpenDocumentPart(
  name: string,
  content: Reader,
  seen: OfficeSightings,
): Promise<void> {
  if (MACRO.test(name)) seen.macros = true;
  const object = OBJECT.exec(name)?.[1];
  if (object !== undefined) seen.embedded.add(object);
  if (name === MANIFEST) {
    for await (const piece of readXml(content.chunks())) {
      if (piece.is === 'tag' && piece.name === 'encryption-data') seen.encrypted = true;
    }
  } else if (CONTENT.test(name)) {
    for await (const piece of readXml(content.chunks())) {
      if (piece.is !== 'tag') continue;
      const address = piece.attributes.get('href');
      if (piece.name === 'event-listener' || address?.startsWith('vnd.sun.star.script:')) {
        seen.macros ||= address?.startsWith('vnd.sun.star.script:') === true;
      } else if (address !== undefined && !LINKS.has(piece.name)) addHost(seen, address);
      if (piece.name === 'dde-source') seen.dde = true;
    }
  }
}
