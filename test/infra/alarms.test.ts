import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { program } from '../../functions/cli/program.ts';
import { anchors, readPage, relativeLinks } from '../support/markdown.ts';
import { filesUnder, readText } from '../support/repository.ts';
import { makeStage, type Stage } from '../support/stage.ts';
import { entries, type Json, readTerraform, texts } from './terraform.ts';

const files = await readTerraform('infra/terraform');
const locals = Object.assign(
  {},
  ...files.flatMap(({ blocks }) => (blocks.locals ?? []) as object[]),
) as Readonly<Record<string, Json>>;
const pages = filesUnder('infra/playbooks').filter((path) => !path.endsWith('README.md'));
const nameOf = (path: string) => path.replace(/^.*\/|\.md$/g, '');

/** Cloud Monitoring takes 8 KiB of documentation. */
const MOST_BYTES = 8 * 1024;

const policies = files.flatMap(({ things }) =>
  things.filter(({ type }) => type === 'google_monitoring_alert_policy'),
);

/** The pages that alarms send along; those of `alarms` by its table. */
function attached(): string[] {
  const contents = policies.map(({ body }) =>
    String((body.documentation as { content: string }[])[0]!.content),
  );
  const named = contents.flatMap((content) =>
    [...content.matchAll(/\/([\w-]+)\.md/g)].map((match) => match[1]!),
  );
  const tabled = entries(locals.alarms).map(([, alarm]) => (alarm as { playbook: string }).playbook);
  expect(contents).toHaveLength(policies.length);
  return [...named, ...tabled].sort();
}

describe('alarms', () => {
  test('send a page along each, and every page belongs to an alarm or to the budget', () => {
    expect(attached()).toEqual(
      pages
        .map(nameOf)
        .filter((name) => name !== 'budget')
        .sort(),
    );
    expect(files.find(({ path }) => path.endsWith('budget.tf'))!.text).toContain('playbooks/budget.md');
  });

  test('watch metrics that are counted, and every metric is watched', () => {
    const counted = entries(locals.counted).map(([name]) => name);
    const alarms = entries(locals.alarms).map(([name]) => name);
    expect([...alarms, 'tick_completed'].sort()).toEqual(counted.sort());
  });

  test('each reach the same people', () => {
    const channels = new Set(policies.map(({ body }) => body.notification_channels));
    expect([...channels]).toEqual([expect.stringMatching(/^\$\{local\.channels\}$/)]);
  });

  test('count events and fields that the function logs', () => {
    const filters = files.flatMap(({ things, blocks }) => [
      ...things.flatMap(({ body }) => texts(body)),
      ...texts(blocks),
    ]);
    const events = filters.flatMap((text) =>
      [...text.matchAll(/jsonPayload\.event="(\w+)"/g)].map((one) => one[1]!),
    );
    const fields = filters.flatMap((text) => [...text.matchAll(/jsonPayload\.(\w+)/g)].map((one) => one[1]!));
    const logging = [
      'functions/tick/handler.ts',
      'shared/adapters/log/structured.ts',
      'shared/pipeline/send-mails.ts',
    ];
    const source = logging.map(readText).join('\n');
    const documented = readText('docs/cloud.md');
    expect(events).toContain('tick_completed');
    expect(fields).toContain('oldest_waiting_hours');
    expect(events.filter((event) => !source.includes(`event: '${event}'`))).toEqual([]);
    expect(events.filter((event) => !documented.includes(`| \`${event}\` |`))).toEqual([]);
    expect(fields.filter((field) => !new RegExp(`\\b${field}:`).test(source))).toEqual([]);
  });
});

let stage: Stage;
beforeAll(async () => {
  stage = makeStage();
  expect((await stage.tidemark('tick')).code).toBe(0);
}, 60_000);
afterAll(() => stage.remove());

describe.each(pages)('%s', (path) => {
  const text = readText(path);
  const { prose, fences } = readPage(text);

  test('says what it means, how to see it, what to do and when it is harmless', () => {
    expect(anchors(prose).slice(1)).toEqual(['see-it', 'do', 'harmless-when']);
  });

  test('fits into a notification, which would replace what looks like a variable', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(MOST_BYTES);
    expect(text).not.toContain('${');
  });

  test('names commands that there are, and has what to copy', () => {
    const commands = program({} as never, () => {}).commands.map((command) => command.name());
    const named = [...text.matchAll(/\btidemark ([a-z]+)\b(?! is)/g)].map((match) => match[1]!);
    expect(fences.length).toBeGreaterThan(0);
    expect(named.filter((name) => !commands.includes(name))).toEqual([]);
  });

  // On the embedded store, which has the same tables; the statements keep to what both understand.
  const statements = [...text.matchAll(/tidemark query "([^"]+)"/g)].map((match) => match[1]!);
  test.each(statements)('asks what can be answered: %s', async (sql) => {
    const { code, output } = await stage.tidemark('query', sql);
    expect(output, sql).not.toContain('Cannot');
    expect(code).toBe(0);
  });
});

test('the list of pages leads to all of them', () => {
  const { prose } = readPage(readText('infra/playbooks/README.md'));
  const links = relativeLinks(prose).map(({ target }) => `infra/playbooks/${target}`);
  expect(links.sort()).toEqual(pages);
});
