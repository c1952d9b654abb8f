/** Wraps a text so that a terminal shows it in one style. */
export type Paint = (text: string) => string;

/** The styles of the terminal output; without colour every one of them gives the text back. */
export interface Colors {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
}

/** Whether to colour is an argument: only the command line knows its terminal and `NO_COLOR`. */
export function colors(enabled: boolean): Colors {
  const style = (on: number, off: number): Paint =>
    enabled ? (text) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`) : (text) => text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    blue: style(34, 39),
  };
}
