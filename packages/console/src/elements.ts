type Kind<E extends Element> = { new (): E; readonly name: string };

/**
 * The first element below `root` that the selector finds.
 * @throws when there is none of this kind: page and script are of one build, so that is a mistake in one of
 * them
 */
export function find<E extends Element>(root: ParentNode, selector: string, kind: Kind<E>): E {
  const element = root.querySelector(selector);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} at ${selector}.`);
}

/** The marked part of a copy of a template. */
export function part<E extends Element>(root: ParentNode, name: string, kind: Kind<E>): E {
  return find(root, `[data-part="${name}"]`, kind);
}

/** A copy of the one element in a template of the page. */
export function copyTemplate(id: string): HTMLElement {
  const { content } = find(document, `#${id}`, HTMLTemplateElement);
  return find(document.importNode(content, true), '*', HTMLElement);
}

/**
 * A new element with a text in it. Text is all that is ever put into one: what users name their files is
 * never markup.
 */
export function create<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text = '',
  attributes: Readonly<Record<string, string>> = {},
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** Changes a text only when it is another, so that screen readers and selections are left in peace. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
