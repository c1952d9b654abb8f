import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe } from 'vitest';
import { notRun } from '../support/not-run.ts';
import { ROOT } from '../support/repository.ts';

/** `terraform`, or `tofu`, which is the same for all we use; null where neither is. */
const TERRAFORM = ['terraform', 'tofu'].find((name) => spawnSync(name, ['version']).status === 0) ?? null;

const SETTINGS = join(ROOT, 'infra/terraform/settings');

/** Terraform shows the line of a mistake, which may be a whole file. */
const MOST_SHOWN = 2000;

/** Like vitest's `describe`, for tests that need the command; its name ends the title. */
export function describeWithTerraform(title: string, body: () => void): void {
  if (TERRAFORM !== null) describe(`${title} ${TERRAFORM}`, body);
  else notRun(title, 'this machine has neither terraform nor tofu');
}

/** Runs one command in a folder of the checkout, its own files elsewhere. Throws what it says when it fails. */
export function terraform(folder: string, ...words: readonly string[]): string {
  return inTurn(folder, [words]);
}

/** Runs commands after `init`, which a folder with a provider could not do without network; answers with the last. */
export function initialized(folder: string, ...commands: readonly (readonly string[])[]): string {
  return inTurn(folder, [['init', '-backend=false', '-input=false', '-no-color'], ...commands]);
}

/** What the last of the commands prints. */
function inTurn(folder: string, commands: readonly (readonly string[])[]): string {
  const data = mkdtempSync(join(tmpdir(), 'tidemark-terraform-'));
  // A proxy that nobody listens at: whoever asks for something fails at once.
  const nobody = 'http://127.0.0.1:9';
  const env = {
    PATH: process.env.PATH,
    HOME: data,
    TF_DATA_DIR: data,
    CHECKPOINT_DISABLE: '1',
    HTTPS_PROXY: nobody,
    HTTP_PROXY: nobody,
  };
  try {
    return commands.map((words) => {
      const { status, stdout, stderr } = spawnSync(TERRAFORM!, words, { cwd: folder, env, encoding: 'utf8' });
      if (status === 0) return stdout;
      throw new Error(
        `${TERRAFORM} ${words.join(' ')} ended with ${status}:\n${`${stdout}\n${stderr}`.slice(-MOST_SHOWN)}`,
      );
    })[commands.length - 1]!;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** What the settings answer to these variables. Throws what Terraform says when it refuses them. */
export function settingsOf(variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // A module at an absolute path would be copied, and lose sight of the schemas.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tidemark-settings-')));
  const outputs = ['names', 'limits', 'schedule', 'environment', 'model_buckets', 'tables', 'views'];
  const lines = outputs.map((name) => `output "${name}" {\n  value = module.settings.${name}\n}\n`);
  const given = Object.entries(variables).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}\n`);
  try {
    writeFileSync(
      join(folder, 'main.tf'),
      `module "settings" {\n  source = ${JSON.stringify(relative(folder, SETTINGS))}\n${given.join('')}}\n${lines.join('')}`,
    );
    const text = initialized(folder, ['apply', '-auto-approve', '-no-color'], ['output', '-json']);
    const answered = JSON.parse(text) as Record<string, { value: unknown }>;
    return Object.fromEntries(Object.entries(answered).map(([name, { value }]) => [name, value]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
