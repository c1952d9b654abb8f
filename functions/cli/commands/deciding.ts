import type { Command } from 'commander';
import type { EpisodeActionKind } from '../../../shared/core/episodes/actions.ts';
import type { ActingFlags } from '../acting.ts';
import type { EpisodesFlags } from '../episodes.ts';
import type { Terminal } from '../io.ts';
import type { Adder, Flags } from './adder.ts';

const signed = (command: Command) =>
  command
    .option('--note <text>', 'why; kept with what was done')
    .option('--by <name>', 'who does it (default: whoever is logged in)');

/** Incidents, and what people do about them. */
export function addDeciding(add: Adder, terminal: Terminal): void {
  add({
    usage: 'episodes [test]',
    description: 'incidents: what got worse, since when, and how it ended',
    examples: ['tidemark episodes --open', 'tidemark episodes mnist --json'],
    options: (command) =>
      command.option('--open', 'only those that are not closed').option('--json', 'one JSON document'),
    act: async (test: string | undefined, flags: Flags<EpisodesFlags>) =>
      (await import('../episodes.ts')).episodesCommand(test, flags, terminal),
  });
  add({
    usage: 'episode <id>',
    description: 'one incident, step by step, with what people did and said',
    examples: ['tidemark episode 3f9a12'],
    options: (command) => command.option('--json', 'one JSON document'),
    act: async (id: string, flags: Flags<{ json?: boolean }>) =>
      (await import('../episode.ts')).episodeCommand(id, flags, terminal),
  });
  const addAction = actionAdder(add, terminal);
  addAction('ack', {
    description: 'say that somebody looks at an episode: no reminders for a while',
    example: 'tidemark ack 3f9a12 --for 7d --note "new data set, see the ticket"',
    options: (command) => command.option('--for <duration>', 'how long, at most 30d (default 7d)'),
  });
  addAction('unack', {
    description: 'take an ack back',
    example: 'tidemark unack 3f9a12',
  });
  addAction('accept', {
    description: 'take the level since the first bad run for the new normal, and close the episode',
    example: 'tidemark accept 3f9a12 --note "larger model since Monday"',
  });
  addAction('close', {
    description: 'close an episode that is none',
    example: 'tidemark close 3f9a12 --note "the data was wrong, not the training"',
  });
  addAction('comment', {
    description: 'keep a note with an episode',
    example: 'tidemark comment 3f9a12 --note "bisected to 4f2a1c9"',
  });
  addExclusions(add, terminal);
  addSilences(add, terminal);
}

interface ActionSpec {
  readonly description: string;
  readonly example: string;
  readonly options?: (command: Command) => Command;
}

function actionAdder(add: Adder, terminal: Terminal) {
  return (kind: EpisodeActionKind, { description, example, options = (command) => command }: ActionSpec) =>
    add({
      usage: `${kind} <episode>`,
      description,
      examples: [example],
      options: (command) => options(signed(command)),
      act: async (id: string, flags: Flags<ActingFlags>) =>
        (await import('../episode-actions.ts')).episodeActionCommand(kind, id, { flags, terminal }),
    });
}

function addExclusions(add: Adder, terminal: Terminal): void {
  const run = async (
    kind: 'exclude' | 'include',
    names: readonly [string, string],
    flags: Flags<ActingFlags>,
  ) => (await import('../exclude.ts')).excludeCommand(kind, names, { flags, terminal });
  add({
    usage: 'exclude <test> <run>',
    description: 'leave a run out of the baselines of the runs to come',
    examples: ['tidemark exclude mnist mnist-7 --note "on a broken machine"'],
    options: signed,
    act: async (test: string, id: string, flags: Flags<ActingFlags>) => run('exclude', [test, id], flags),
  });
  add({
    usage: 'include <test> <run>',
    description: 'take an exclusion back',
    examples: ['tidemark include mnist mnist-7 --note "the machine was fine"'],
    options: signed,
    act: async (test: string, id: string, flags: Flags<ActingFlags>) => run('include', [test, id], flags),
  });
}

function addSilences(add: Adder, terminal: Terminal): void {
  add({
    usage: 'silence <matchers...>',
    description: 'send no mails about what meets all of these, for a while; it is judged all the same',
    examples: [
      'tidemark silence test="bert-*" --for 7d --note "cluster moves"',
      'tidemark silence label.team=perf severity=warning --for 12h --note "release"',
    ],
    options: (command) => signed(command).option('--for <duration>', 'how long, at most 30d'),
    act: async (matchers: string[], flags: Flags<ActingFlags>) =>
      (await import('../silence.ts')).silenceCommand(matchers, flags, terminal),
  });
  add({
    usage: 'unsilence <silence>',
    description: 'end a silence before its time',
    examples: ['tidemark unsilence 9c01de'],
    options: signed,
    act: async (id: string, flags: Flags<ActingFlags>) =>
      (await import('../silence.ts')).unsilenceCommand(id, flags, terminal),
  });
}
