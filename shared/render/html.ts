import { plain } from './plain.ts';

/**
 * Markup that is safe to send. Only `html` and `link` make it, so that text which was never escaped, or was
 * escaped twice, is a type error.
 */
export class Safe {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  /** Only for this module: what comes in is not looked at. */
  static trusted(markup: string): Safe {
    return new Safe(markup);
  }

  toString(): string {
    return this.#markup;
  }
}

/** What may stand in a template: text and numbers are escaped, markup stays, null and false are nothing. */
export type Slot = Safe | string | number | null | false | readonly Slot[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text for between tags and for attributes in double quotes, without control and bidi characters. */
export function escapeHtml(text: string): string {
  return plain(text).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/** HTML whose slots are escaped; attributes with slots must be written in double quotes. */
export function html(strings: TemplateStringsArray, ...slots: readonly Slot[]): Safe {
  let markup = strings[0] ?? '';
  slots.forEach((slot, index) => {
    markup += markupOf(slot) + (strings[index + 1] ?? '');
  });
  return Safe.trusted(markup);
}

function markupOf(slot: Slot): string {
  if (slot === null || slot === false) return '';
  if (slot instanceof Safe) return slot.toString();
  if (typeof slot === 'string') return escapeHtml(slot);
  return typeof slot === 'number' ? String(slot) : slot.map(markupOf).join('');
}

/** http or https, a host without `user@` in front (it hides the real host), printable ASCII. */
const WEB_ADDRESS = /^https?:\/\/[^/?#@\\]+(?:[/?#][!-~]*)?$/i;
const UNFIT = /[^!-~]|["'<>\\^`{|}]/;
const LONGEST = 1000;

/** The address if a mail may link to it, else null: no `javascript:`, `data:`, `file:` or disguised host. */
export function webAddress(url: string): string | null {
  return url.length <= LONGEST && !UNFIT.test(url) && WEB_ADDRESS.test(url) ? url : null;
}

/** A link, or its label alone where the address is not one that a mail may link to. */
export function link(url: string, label: Slot, options: { readonly style?: string } = {}): Safe {
  const address = webAddress(url);
  if (address === null) return html`${label}`;
  return html`<a class="link" href="${address}" style="${options.style ?? ''}">${label}</a>`;
}

/** Pieces of markup, each on a line of its own; null and false leave no line. */
export function lines(pieces: readonly (Safe | null | false)[]): Safe {
  return Safe.trusted(pieces.filter((piece) => piece instanceof Safe).join('\n'));
}
