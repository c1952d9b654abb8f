import { describe, expect, test } from 'vitest';
import { sight } from '../../../test/support/sights.ts';
import { type Firing, incidentsOf } from './incidents.ts';
import { openedBy } from './opening.ts';
import { EPISODE_SETTINGS } from './settings.ts';

const firing = (name: string, labels: Record<string, string>, changed: Partial<Firing> = {}): Firing => {
  const bad = { ...sight(3, { says: 'bad' }), testName: name, labels };
  const episode = openedBy(
    { ...bad, run: { ...bad.run, facts: { ...labels, attempt: '1' } } },
    EPISODE_SETTINGS,
  );
  return { kind: 'firing', episode, ...changed };
};
const many = (n: number, labels: (index: number) => Record<string, string>) =>
  Array.from({ length: n }, (_, index) => firing(`test-${index}`, labels(index)));

test('five tests that share a label have a common cause, four have none', () => {
  const labels = (index: number) => ({ image: 'jax:1118', team: `team-${index}` });
  expect(incidentsOf(many(4, labels))).toEqual([]);
  const [incident, ...more] = incidentsOf(many(5, labels));
  expect(more).toEqual([]);
  expect(incident).toMatchObject({ label: 'image', value: 'jax:1118', tests: 5 });
  expect(incident!.episodeIds).toHaveLength(5);
});

test('five signals of one test are one test', () => {
  const one = many(1, () => ({ image: 'a' }))[0]!;
  const signals = Array.from({ length: 8 }, (_, index) => ({
    ...one,
    episode: { ...one.episode, episodeId: `episode-${index}` },
  }));
  expect(incidentsOf(signals)).toEqual([]);
});

test('what most of them share comes first, and the rest may share something else', () => {
  const labels = (index: number) => ({ cluster: index < 6 ? 'a' : 'b', zone: index < 12 ? 'z' : 'y' });
  const incidents = incidentsOf(many(17, labels));
  expect(incidents.map(({ label, value, tests }) => [label, value, tests])).toEqual([
    ['zone', 'z', 12],
    ['cluster', 'b', 5],
  ]);
});

test('of two that all share a label says more than the accelerator, and an attempt says nothing', () => {
  expect(incidentsOf(many(5, () => ({ accelerator: 'v5e', cluster: 'a' })))[0]!.label).toBe('cluster');
  expect(incidentsOf(many(5, () => ({})))).toEqual([]);
});

test('the order does not matter, nor do improvements, reminders and recoveries', () => {
  const notices = many(6, () => ({ image: 'a' }));
  const others = notices.flatMap((notice): Firing[] => [
    {
      ...notice,
      kind: 'recovered',
      episode: { ...notice.episode, episodeId: `other ${notice.episode.episodeId}` },
    },
    {
      ...notice,
      episode: { ...notice.episode, episodeId: `good ${notice.episode.episodeId}`, polarity: 'good' },
    },
  ]);
  expect(incidentsOf([...others, ...notices].reverse())).toEqual(incidentsOf(notices));
  expect(incidentsOf(others)).toEqual([]);
});

describe('what a pass that died has recorded', () => {
  const notices = many(9, (index) => ({ image: index < 6 ? 'a' : 'b', zone: 'z' }));
  const [first, rest] = [notices.slice(0, 6), notices.slice(6)];
  const [died] = incidentsOf(first);
  const recorded = (episodeId: string) => (died!.episodeIds.includes(episodeId) ? died!.incidentId : null);

  test('is told as it was found, whatever fires beside it by now', () => {
    expect(incidentsOf([...notices].reverse(), recorded)).toEqual([died]);
    // Without that all nine would be something else.
    expect(incidentsOf(notices)[0]).toMatchObject({ tests: 9 });
  });

  test('leaves the rest to an incident of its own', () => {
    const more = Array.from({ length: 5 }, (_, index) => firing(`new-${index}`, { zone: 'z' }));
    const found = incidentsOf([...notices, ...more], recorded);
    expect(found.map(({ tests }) => tests)).toEqual([6, 8]);
    expect(found[0]).toEqual(died);
  });

  test('is found anew where an episode of it is told already', () => {
    const found = incidentsOf([...first.slice(1), ...rest], recorded);
    expect(found.map(({ tests, incidentId }) => [tests, incidentId === died!.incidentId])).toEqual([
      [8, false],
    ]);
  });

  test('is another incident than the one that an episode was of when it fired before', () => {
    const again = first.map((one) => ({ ...one, episode: { ...one.episode, incidentId: 'before' } }));
    expect(incidentsOf(again, () => 'before')).toEqual([died]);
  });
});
