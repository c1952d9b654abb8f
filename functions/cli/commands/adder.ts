import type { Command } from 'commander';
import type { GlobalFlags } from '../../config.ts';

/** What a command's options give, with those that every command takes. */
export type Flags<T = object> = T & GlobalFlags;

/** One command: what it is called and takes, what its help shows, and what it does. */
export interface CommandSpec {
  readonly usage: string;
  readonly description: string;
  readonly examples: readonly string[];
  /** Adds its options. */
  readonly options?: (command: Command) => Command;
  /** Gets the arguments in order, then all flags; answers with the exit code. */
  readonly act: (...args: never[]) => Promise<number>;
}

/** Adds one command. */
export type Adder = (spec: CommandSpec) => void;

/** Adds commands to `top`; `done` hears the exit code of the one that was called. */
export function commandAdder(top: Command, done: (code: number, command: string) => void): Adder {
  return ({ usage, description, examples, options = asIs, act }) => {
    const command = options(top.command(usage).description(description));
    const shown = examples.map((example) => `  $ ${example}`).join('\n');
    command.addHelpText('after', `\nExample${examples.length > 1 ? 's' : ''}:\n${shown}\n`);
    command.action(async (...args: unknown[]) => {
      const positional = args.slice(0, -2);
      done(await act(...([...positional, command.optsWithGlobals()] as never[])), command.name());
    });
  };
}

const asIs = (command: Command) => command;
