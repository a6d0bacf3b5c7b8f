/**
 * XML as cameras write it: any prefix, also undeclared ones, broken entities, missing end tags.
 * Elements are found by local name without regard to case; namespaces are ignored on purpose
 * (one camera sends `<wsa:Address>` with no `xmlns:wsa`; home-assistant.io#40942).
 * Pure, total: never throws, linear in the length of the text, nesting limited.
 */
import { XMLParser } from 'fast-xml-parser';

export interface XmlElement {
  /** Local name, lower case. */
  readonly name: string;
  /** Local names, lower case. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The element's own character data, entities decoded, outer blanks removed. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Deeper documents are refused: no camera needs half of it, and recursion stays bounded. */
const MAX_NESTING = 64;

/** Parses a document. Returns a nameless root holding the top elements, or undefined when it is not XML at all. */
export function parseXml(text: string): XmlElement | undefined {
  // A parser keeps state between documents when one of them failed: take a new one each time.
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    parseTagValue: false,
    cdataPropName: '#cdata',
    // Own DTD entities are never expanded ("billion laughs"); the five of XML are decoded below.
    processEntities: false,
    allowBooleanAttributes: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    strictReservedNames: false,
    maxNestedTags: MAX_NESTING,
  });
  try {
    const root = elementOf('', parser.parse(text), undefined);
    return root.children.length > 0 ? root : undefined;
  } catch {
    return undefined;
  }
}

/** All elements of that local name anywhere below, in document order. */
export function descendants(element: XmlElement | undefined, name: string): XmlElement[] {
  const wanted = name.toLowerCase();
  const found: XmlElement[] = [];
  const visit = (parent: XmlElement): void => {
    for (const child of parent.children) {
      if (child.name === wanted) found.push(child);
      visit(child);
    }
  };
  if (element) visit(element);
  return found;
}

/** First element of that local name anywhere below. */
export function descendant(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return descendants(element, name)[0];
}

/** First direct child of that local name. */
export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const wanted = name.toLowerCase();
  return element?.children.find((candidate) => candidate.name === wanted);
}

function elementOf(name: string, nodes: unknown, attributes: unknown): XmlElement {
  const children: XmlElement[] = [];
  let text = '';
  for (const node of Array.isArray(nodes) ? nodes : []) {
    if (typeof node !== 'object' || node === null) continue;
    const { ':@': nodeAttributes, ...content } = node as Record<string, unknown>;
    for (const [tag, value] of Object.entries(content)) {
      if (tag === '#text') text += decodeEntities(String(value));
      else if (tag === '#cdata') text += cdataText(value);
      else children.push(elementOf(tag.toLowerCase(), value, nodeAttributes));
    }
  }
  const map = new Map<string, string>();
  if (typeof attributes === 'object' && attributes !== null)
    for (const [key, value] of Object.entries(attributes))
      map.set(key.toLowerCase(), decodeEntities(String(value)));
  return { name, attributes: map, text: text.trim(), children };
}

function cdataText(value: unknown): string {
  const nodes: unknown[] = Array.isArray(value) ? value : [];
  return nodes.map((node) => String((node as Record<string, unknown>)['#text'] ?? '')).join('');
}

const NAMED = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Decodes the five entities of XML and character references; anything else stays as it was written. */
export function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED.get(name.toLowerCase()) ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
