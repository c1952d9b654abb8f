// What story S2 leaves to ask about runs of any job system: words, links, wrong input, and ends that others tell.
import { describe, expect, test } from 'vitest';
import { tidemark, workspaces } from '../support/cli.ts';

const workspace = workspaces();

describe('how a run ended', () => {
  test('is written out for people', async () => {
    const at = workspace();
    await at.run(['run', '--test-name', 'm', '--run-id', 'r1', '--', 'sh', '-c', 'exit 3']);
    await at.run(['tick']);
    const { status, stdout } = await at.run(['status', 'm']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^m r1: failure, exit code 3\n {2}started {3}20/);
    expect(stdout).toMatch(/\n {2}took .*\n {2}host .*\n {2}why +exit\n {2}verdict {3}fail\n$/);
  });

  test('links of the job system are shown, and none that is no web page', async () => {
    const at = workspace();
    const env = { GITHUB_RUN_ID: '99', GITHUB_REPOSITORY: 'a/b', GITHUB_SERVER_URL: 'https://git.example' };
    const links = { ...env, STACKDRIVER_LOGS: 'javascript:alert(1)' };
    await at.run(['run', '--test-name', 'm', '--', 'true'], { env: links });
    await at.run(['tick']);
    const { links: shown } = JSON.parse((await at.run(['status', 'm', '--json'])).stdout);
    expect(shown).toStrictEqual(['https://git.example/a/b/actions/runs/99']);
  });
});

describe('status --wait', () => {
  test('that is over before the run: exit 4, and how it stands', async () => {
    const at = workspace();
    await at.run(['publish', '--test-name', 'm', '--run-id', 'r1']);
    await at.run(['tick']);
    const { status, stdout } = await at.run(['status', 'm', '--wait', '1s']);
    expect(status).toBe(4);
    expect(stdout).toContain('still running');
    expect(stdout).toContain('given up');
  });

  test('does not take the run before for the one that was just submitted', async () => {
    const at = workspace();
    await at.run(['run', '--test-name', 'm', '--run-id', 'old', '--', 'true']);
    await at.run(['tick']);
    const since = new Date(Date.now() + 60_000).toISOString();
    const { status, stderr } = await at.run(['status', 'm', '--since', since, '--wait', '1s']);
    expect(status).toBe(2);
    expect(stderr).toContain('no run that began');
    expect((await at.run(['status', 'm', '--since', '2020-01-01T00:00:00Z'])).status).toBe(0);
    expect((await at.run(['status', 'm', '--since', 'today'])).stderr).toContain('Cannot read --since');
  });

  test.each([
    [['nobody'], 'There is no test "nobody"'],
    [['m', '--run', 'x'], 'has no run "x"'],
    [['m', '--wait', 'long'], 'Cannot read --wait "long"'],
  ])('%j is refused', async (args, sentence) => {
    const at = workspace();
    await at.run(['publish', '--test-name', 'm', '--run-id', 'r1', '--outcome', 'success']);
    await at.run(['tick']);
    const { status, stderr } = await at.run(['status', ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

describe('a run that has to start', () => {
  test.each([
    [['m'], '--within'],
    [['m', '--within', 'soon'], 'Cannot read --within "soon"'],
    [['m', '--within', '1h', '--label', 'x'], 'label'],
  ])('%j is refused', async (args, sentence) => {
    const { status, stderr } = await workspace().run(['expect', ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

test('the end that Slurm knows better than the wrapper counts', async () => {
  const at = workspace();
  const slurm = ['--test-name', 'm', '--run-id', '4711'];
  await at.run(['publish', ...slurm, '--outcome', 'cancelled']);
  await at.run(['publish', ...slurm, '--outcome', 'slurm:OUT_OF_MEMORY']);
  await at.run(['tick']);
  const { stdout } = await at.run(['status', 'm', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'oom' });
  const { status, stderr } = await tidemark(['publish', ...slurm, '--outcome', 'slurm:RUNNING']);
  expect(status).toBe(2);
  expect(stderr).toContain('the ends of slurm are COMPLETED');
});
