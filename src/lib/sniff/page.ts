// Elements that make a document a page, or that run or fetch as soon as they are read. Whoever writes Markdown begins
// with headings, paragraphs, links and pictures; whoever writes down a chat, with names.
const PAGE_ELEMENTS =
  'html|head|body|meta|link|base|style|script|noscript|frameset|frame|iframe|object|embed|applet|svg|hta:application|xsl:stylesheet';

// As a browser ends a comment: `<!-->` and `--!>` do too. An XML declaration says how the text is written, not what it
// is: many fragments of documents, kept as text, begin with one.
const SKIPPED = /[\s\ufeff]+|<!--(?:-?>|[\s\S]*?(?:--!?>|$))|<\?xml\s[^>]*\?>/iy;
const DOCUMENT = /<(?:\?[\w-]*|![\w[]*|[a-z][\w-]*:(?:html|svg|script)\b)/iy;
const PAGE_TAG = new RegExp(`<(?:${PAGE_ELEMENTS})(?=[\\s/>]|$)`, 'iy');
const TAG = /<\/?[a-z][^\s/>]*((?:"[^"]*"|'[^']*'|[^"'>])*)>/iy;
const QUOTED = /"[^"]*"|'[^']*'/g;
const SCRIPT_ATTRIBUTE = /[\s/"](?:on[a-z]+|srcdoc)\s*=/i;
const SCRIPT_ADDRESS = /=\s*["']?\s*(?:javascript|vbscript):/i;

function carriesScript(attributes: string): boolean {
  return SCRIPT_ADDRESS.test(attributes) || SCRIPT_ATTRIBUTE.test(attributes.replace(QUOTED, '""'));
}

/**
 * What makes a page of a text, fit to show; undefined when it is text. Looked at is what stands before its first word:
 * a document says there what it is (`<!doctype`, `<?php`, `<?xml-stylesheet`), or has an element that pages have, or one that
 * carries a script. Comments, closing tags, the elements of prose and those of XML that no browser knows are passed over, as a browser does.
 */
export function findPage(text: string): string | undefined {
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  for (;;) {
    const skipped = match(SKIPPED);
    if (skipped !== null) {
      at += skipped[0].length;
      continue;
    }
    const document = match(DOCUMENT) ?? match(PAGE_TAG);
    if (document !== null) return `${document[0].toLowerCase()} …> before any text`;
    const tag = match(TAG);
    if (tag === null) return undefined;
    if (carriesScript(tag[1] ?? '')) return 'an element with a script before any text';
    at += tag[0].length;
  }
}
