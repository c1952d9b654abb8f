import { describe, expect, test } from 'vitest';
import { inside, workspaces } from '../../test/support/cli.ts';

const make = workspaces();

describe('the demo', () => {
  test('leaves a folder alone that holds anything of others', async () => {
    const at = make();
    at.write('mine/thesis.txt', 'years of work');
    const answer = await inside(['demo', '--state', at.path('mine')]);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain('it is not empty');
    expect(at.list('mine')).toEqual(['thesis.txt']);
  });

  test('makes its own folder anew and keeps what was put beside it', async () => {
    const at = make();
    const args = ['demo', '--state', at.path('demo')];
    expect((await inside(args)).status).toBe(0);
    at.write('demo/notes.txt', 'kept');
    at.write('demo/mail/old.eml', 'gone');
    const again = await inside(args);
    expect(again.stdout).toContain('135 runs');
    expect(at.read('demo/notes.txt')).toBe('kept');
    expect(at.list('demo/mail')).not.toContain('old.eml');
  });

  test('never touches the history and the mail server that the environment names', async () => {
    const at = make();
    const real = at.path('real.db');
    const env = {
      TIDEMARK_HISTORY: `sqlite:${real}`,
      TIDEMARK_QUEUE: `spool:${at.path('real')}`,
      TIDEMARK_MAIL: 'smtp://127.0.0.1:1',
    };
    const answer = await inside(['demo', '--state', at.path('demo')], { env });
    expect(answer.status).toBe(0);
    expect(at.list('.')).toEqual(['demo']);
    expect(at.list('demo/mail').length).toBeGreaterThan(0);
  });
});
