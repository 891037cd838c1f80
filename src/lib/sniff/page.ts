// Elements that make a document a page, or that run or fetch as soon as they are read. Markdown begins with
// headings, paragraphs, links and pictures; a chat log begins with names.
const PAGE_ELEMENTS =
  'html|head|body|meta|link|base|style|script|noscript|frameset|frame|iframe|object|embed|applet|svg|hta:application|xsl:stylesheet';

// Comments end as in a browser: `<!-->` and `--!>` end one too. An XML declaration says how the text is
// written, not what it is: many fragments of documents, kept as text, begin with one.
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
 * What makes a text a page, fit to show; undefined if it is text. It checks what comes before the first word:
 * there, a page names itself (`<!doctype`, `<?php`, `<?xml-stylesheet`), or has an element of pages, or one
 * that carries a script. Comments, closing tags, the elements of prose and XML elements that no browser knows
 * are skipped, as in a browser.
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
