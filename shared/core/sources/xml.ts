import { lineAt } from './text.ts';

/** The start of an element. */
export interface XmlElement {
  readonly name: string;
  /** Without the entities that every XML text knows; any other stands as it is written. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Hears of elements in the order of the text; an empty element is opened and closed. */
export interface XmlListener {
  open(element: XmlElement): void;
  close(name: string): void;
}

/**
 * Reads the elements and attributes of an XML text in one pass; texts between them are skipped. A document type is
 * refused, since that is where entities, external files and endless expansions come from: nothing is ever looked up,
 * and no value is longer than it is written. Gives null, or in one sentence the first place that is not well-formed.
 */
export function readXml(text: string, listener: XmlListener): string | null {
  const state: State = { text, at: 0, open: [], roots: 0, listener };
  for (let next = text.indexOf('<'); next >= 0; next = text.indexOf('<', state.at)) {
    state.at = next;
    const problem = markup(state);
    if (problem !== null) return `line ${lineAt(text, state.at)} ${problem}`;
  }
  const [last] = state.open.slice(-1);
  if (last !== undefined)
    return `ends before </${shortened(last.name)}> of line ${lineAt(text, last.at)}: it is cut short`;
  return state.roots === 0 ? 'has no element; wanted XML' : null;
}

interface State {
  readonly text: string;
  at: number;
  /** Elements that are not closed yet, and where they begin. */
  readonly open: { readonly name: string; readonly at: number }[];
  roots: number;
  readonly listener: XmlListener;
}

/** What is skipped as a whole, from its first to its last mark. */
const SKIPPED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

/** Reads what begins with the `<` at `state.at` and goes behind it; gives what is wrong with it. */
function markup(state: State): string | null {
  const { text, at } = state;
  for (const [from, to] of SKIPPED) {
    if (!text.startsWith(from, at)) continue;
    const end = text.indexOf(to, at + from.length);
    if (end < 0) return `has ${from} without ${to}: the text is cut short`;
    state.at = end + to.length;
    return null;
  }
  if (text.startsWith('<!', at)) return 'declares a document type; such a file is not read, leave it out';
  return text.startsWith('</', at) ? closing(state) : opening(state);
}

const NAME = /[^\s<>/="'&]+/y;
const CLOSE = /<\/([^\s<>/="'&]+)\s*>/y;
const ATTRIBUTE = /\s+([^\s<>/="'&]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const END = /\s*(\/?)>/y;

function closing(state: State): string | null {
  const name = match(CLOSE, state)?.[1];
  const last = state.open.at(-1);
  if (name === undefined) return 'has an end of an element that is none';
  if (last?.name !== name)
    return `closes <${shortened(name)}>, wanted ${last === undefined ? 'nothing' : `</${shortened(last.name)}>`}`;
  state.open.pop();
  state.listener.close(name);
  return null;
}

function opening(state: State): string | null {
  const from = state.at;
  state.at++;
  const name = match(NAME, state)?.[0];
  if (name === undefined) return 'has a < that begins nothing';
  const attributes = new Map<string, string>();
  for (let found = match(ATTRIBUTE, state); found !== null; found = match(ATTRIBUTE, state)) {
    const [, key, double, single] = found;
    if (attributes.has(key!)) return `has the attribute ${shortened(key!)} twice`;
    attributes.set(key!, withoutEntities(double ?? single ?? ''));
  }
  const end = match(END, state);
  if (end === null) return `has <${shortened(name)} with something that is no attribute, or it is cut short`;
  if (state.open.length === 0 && ++state.roots > 1)
    return `begins a second document with <${shortened(name)}>`;
  state.listener.open({ name, attributes });
  if (end[1] === '/') state.listener.close(name);
  else state.open.push({ name, at: from });
  return null;
}

/** What matches here and nowhere further on; goes behind it. */
function match(pattern: RegExp, state: State): RegExpExecArray | null {
  pattern.lastIndex = state.at;
  const found = pattern.exec(state.text);
  if (found !== null) state.at += found[0].length;
  return found;
}

const KNOWN: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const ENTITY = /&(?:[a-z]{2,4}|#\d{1,7}|#x[\da-fA-F]{1,6});/g;

function withoutEntities(text: string): string {
  return text.includes('&')
    ? text.replaceAll(ENTITY, (entity) => characterOf(entity.slice(1, -1)) ?? entity)
    : text;
}

function characterOf(name: string): string | null {
  if (!name.startsWith('#')) return KNOWN[name] ?? null;
  const point = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  const isText = point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
  return isText ? String.fromCodePoint(point) : null;
}

function shortened(name: string): string {
  return name.length > 40 ? `${name.slice(0, 40)}…` : name;
}
