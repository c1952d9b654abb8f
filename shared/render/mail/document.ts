import type { Bar } from '../sparkline.ts';

/** What a part of a mail feels like: the colour of its edge. Its state is always said in words, too. */
export type Tone = 'bad' | 'warn' | 'good' | 'quiet';

/** One line of what is known: parts that belong together are lines in HTML, joined by commas in text. */
export interface Fact {
  readonly label: string;
  readonly parts: readonly string[];
}

/** A place to look further; the address is a web address. */
export interface Place {
  readonly label: string;
  readonly url: string;
}

/** A command to paste, and what it is good for. */
export interface Command {
  readonly what: string;
  readonly command: string;
}

/** One row of a long list. */
export interface ListRow {
  readonly tone: Tone;
  readonly state: string;
  readonly name: string;
  readonly headline: string;
  readonly small: string;
  readonly places: readonly Place[];
}

/** The picture of a series, and what stands for it where there is no picture. */
export interface ChartBlock {
  readonly kind: 'chart';
  readonly cid: string;
  /** What the picture says, for those who do not see it. */
  readonly alt: string;
  readonly bars: readonly Bar[];
  readonly caption: string;
}

/** What stands in a table; with a tone it is a word that says how things stand. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** A table with a heading for every column. */
export interface TableBlock {
  readonly kind: 'table';
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Rows that were left out. */
  readonly rest: number;
}

/** The text of a cell. */
export function cellText(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** One piece of a section. Texts in it are of one line, without control characters, and of bounded length. */
export type Block =
  | { readonly kind: 'sentence' | 'note'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | TableBlock
  | ChartBlock
  | { readonly kind: 'list'; readonly rows: readonly ListRow[]; readonly rest: number }
  | { readonly kind: 'places'; readonly places: readonly Place[] }
  | { readonly kind: 'commands'; readonly commands: readonly Command[] };

/** A box of a mail. */
export interface Section {
  readonly tone: Tone;
  /** `FIRING · critical`; null for a box that is about no state. */
  readonly state: string | null;
  readonly heading: string | null;
  readonly blocks: readonly Block[];
}

/** A whole mail, before it is text or HTML: because both are made of it, both say the same. */
export interface MailDocument {
  readonly subject: string;
  readonly title: string;
  /** The first line of the text, and what lists of mails show beside the subject. */
  readonly preheader: string;
  readonly date: number;
  readonly sections: readonly Section[];
  readonly footer: readonly string[];
}
