// Configs as people get them wrong: every mistake at once, with its line, its path and what was meant.
import { describe, expect, test } from 'vitest';
import { finished, workspaces } from '../support/cli.ts';

const workspace = workspaces();
const at = workspace();

const TEN_MISTAKES = `alerting:
  from: nobody
  falback: [a@example.com]
tests:
  mnist:
    owner: [ml infra]
    metric_collection_config:
      default_aggregation_strategies: [finl]
      tags_to_ignore: epoch_lr
      use_run_name_prefix: maybe
    regression_test_config:
      metric_success_conditions:
        loss_final: {comparision: less, success_threshold: {fixed_value: 1}}
        acc_final: {comparison: greater, success_threshold: {fixed_value: 1, stddevs_from_mean: 2}}
        wall: {comparison: equal, success_threshold: {stddevs_from_mean: 2}}
      required_metric: [loss_final]
`;

/** Line, path, and what was meant where something was. */
const EXPECTED = [
  ['2', 'alerting.from', 'nobody'],
  ['3', 'alerting.falback', 'did you mean "fallback"?'],
  ['6', 'tests.mnist.owner', ''],
  ['8', 'tests.mnist.metric_collection_config.default_aggregation_strategies.0', 'did you mean "final"?'],
  ['9', 'tests.mnist.metric_collection_config.tags_to_ignore', 'current value is "epoch_lr"'],
  ['10', 'tests.mnist.metric_collection_config.use_run_name_prefix', 'current value is "maybe"'],
  [
    '13',
    'tests.mnist.regression_test_config.metric_success_conditions.loss_final.comparision',
    'did you mean "comparison"?',
  ],
  [
    '14',
    'tests.mnist.regression_test_config.metric_success_conditions.acc_final.success_threshold',
    'exactly one of',
  ],
  [
    '15',
    'tests.mnist.regression_test_config.metric_success_conditions.wall.comparison',
    '"equal" goes only with fixed_value',
  ],
  ['16', 'tests.mnist.regression_test_config.required_metric', 'did you mean "required_metrics"?'],
] as const;

describe('ten mistakes in one file', () => {
  const path = at.write('ten.yaml', TEN_MISTAKES);

  test('validate tells all ten in the order of their lines and exits 2', async () => {
    const answer = await at.run(['validate', path]);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    const lines = answer.stderr.trim().split('\n');
    expect(lines).toHaveLength(11);
    for (const [index, [line, where, hint]] of EXPECTED.entries()) {
      expect(lines[index]).toMatch(new RegExp(`^${path}:${line}: `));
      expect(lines[index]).toContain(`${where}`);
      expect(lines[index]).toContain(hint);
    }
    expect(lines[10]).toBe(`${path} has 10 problems.`);
  });

  test('every command that needs the config says the same and does nothing', async () => {
    const answer = await at.run(['tick', '--config', path]);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr.match(/^ {2}.*ten\.yaml:\d+: /gm)).toHaveLength(10);
    expect(at.list('state')).toEqual([]);
  });
});

const LAUGHS = ['a: &a [x,x,x,x,x,x,x,x,x]', 'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]']
  .concat(['c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]', 'd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]', 'tests: *d'])
  .join('\n');

test.each([
  ['a bracket left open', 'tests:\n  a: {owner: [b\n', /:3: is not YAML or JSON/],
  ['a tab for indentation', 'tests:\n  a:\n\t  b: 1\n', /:3: is not YAML or JSON: Tabs/],
  ['a key twice', 'tests: {}\ntests: {}\n', /:2: is not YAML or JSON: Map keys must be unique/],
  ['an alias without an anchor', 'tests: *nope\n', /is not YAML or JSON: Unresolved alias/],
  ['a billion laughs', LAUGHS, /is not YAML or JSON: Excessive alias count/],
  ['a list', '- a\n', /must be object: current value is \["a"\]/],
  ['a number', '42\n', /must be object: current value is 42/],
  ['brackets without end', '['.repeat(20_000), /is not YAML or JSON/],
  ['no text', new Uint8Array([0xff, 0xfe, 0x00]), /Cannot read .*not valid/],
  [
    'a bound that is no number',
    '{"tests":{"t":{"regression_test_config":{"metric_success_conditions":{"m":{"comparison":"less","success_threshold":{"fixed_value":1e999}}}}}}}',
    /fixed_value: must be number: current value is Infinity/,
  ],
])('%s is a mistake of the config, told in a sentence', async (_, content, sentence) => {
  const path = at.write('bad.yaml', content);
  const answer = await at.run(['validate', path]);
  expect(answer).toMatchObject({ status: 2, stdout: '' });
  expect(answer.stderr).toMatch(sentence);
  expect(answer.stderr).not.toContain('internal error');
  expect(await at.run(['status', '--config', path])).toMatchObject({ status: 2 });
});

test('an empty file is a config without tests', async () => {
  expect(await at.run(['validate', at.write('empty.yaml', '')])).toMatchObject({ status: 0 });
});

describe('a message with a bad config', () => {
  const own = workspace();
  const loss_final = { comparision: 'less', success_threshold: { fixed_value: 1 } };
  const config = { regression_test_config: { metric_success_conditions: { loss_final } } };

  test.each([
    ['an event', finished('r1', { config, started_at: '2026-08-01T00:00:00Z' })],
    [
      'a v1 message',
      {
        ...config,
        test_name: 'mnist',
        job_name: 'r2',
        model_dir: '/nowhere',
        job_info: { status: 'success', stop_time: '2026-08-01T03:00:00Z' },
      },
    ],
    [
      'a v1 message with a key nobody knows',
      {
        test_name: 'mnist',
        job_name: 'r3',
        model_dir: '/nowhere',
        colour: 'red',
        job_info: { status: 'success', stop_time: '2026-08-01T04:00:00Z' },
      },
    ],
  ])('%s: its run is recorded, inconclusive, reason config; the log names the path', async (_, message) => {
    own.message(message);
    const tick = await own.run(['tick', '--json']);
    expect(tick.status).toBe(0);
    const [run] = JSON.parse(tick.stdout).runs;
    expect(run).toMatchObject({ outcome: 'success', verdict: 'inconclusive' });
    expect(run.conditions.length).toBeGreaterThan(0);
    for (const condition of run.conditions) expect(condition.reason).toBe('config');
    expect(tick.stderr).toMatch(/config: (regression_test_config\.\S+\.comparision|colour): unknown key/);
    expect((await own.run(['verdict', 'mnist', '--run', run.run_id])).status).toBe(3);
  });
});
