import { describe, expect, test } from 'vitest';
import { readText } from '../support/repository.ts';
import { brokenReferences, grants, mentioned, namesOf, unknownNames } from './check-terraform.ts';
import { entries, type Json, parseTerraform, readTerraform, texts } from './terraform.ts';

const ROOT = 'infra/terraform';
const root = await readTerraform(ROOT);
const settings = await readTerraform(`${ROOT}/settings`);

const sorted = (values: Iterable<string>) => [...values].sort();
const bodies = (type: string) =>
  new Map(
    root.flatMap(({ things }) =>
      things.filter((one) => one.type === type).map((one) => [one.name, one.body]),
    ),
  );

describe('the files', () => {
  test('are there, and parse', () => {
    expect(root.map(({ path }) => path)).toContain(`${ROOT}/tick.tf`);
    expect(settings.map(({ path }) => path)).toContain(`${ROOT}/settings/variables.tf`);
  });

  test('use only what the google provider knows, and give it what it wants', () => {
    expect(unknownNames(root)).toEqual([]);
  });

  test('refer only to what is declared and told', () => {
    expect(brokenReferences(root)).toEqual([]);
  });

  test.each([
    ['the infrastructure', root],
    ['the settings', settings],
  ])('of %s use every variable and local, and no other', (_, files) => {
    const { variables, locals } = namesOf(files);
    expect(sorted(mentioned(files, 'var'))).toEqual(sorted(variables));
    expect(sorted(mentioned(files, 'local'))).toEqual(sorted(locals));
  });

  test('give the settings all their variables, and use all that they answer', () => {
    const { variables, outputs } = namesOf(settings);
    const call = root.flatMap(({ blocks }) =>
      entries(blocks.module).map(([, calls]) => (calls as Json[])[0]!),
    );
    expect(sorted(entries(call[0]).map(([name]) => name))).toEqual(sorted([...variables, 'source']));
    expect(sorted(mentioned(root, 'module.settings'))).toEqual(sorted(outputs));
  });

  test.each(['names', 'limits'])('use every one of the %s, and no other', (output) => {
    const outputs = settings.flatMap(({ blocks }) => entries(blocks.output));
    const [[, [{ value }]]] = outputs.filter(([name]) => name === output) as unknown as [
      [string, [{ value: Json }]],
    ];
    const own = output === 'limits' ? mentioned(root, 'local.limits') : mentioned(root, 'local.names');
    expect(sorted(own)).toEqual(sorted(entries(value).map(([name]) => name)));
  });

  test('of the example are variables', async () => {
    const { blocks } = await parseTerraform('example.tf', readText(`${ROOT}/terraform.tfvars.example`));
    expect(Object.keys(blocks)).toContain('project');
    expect(namesOf(root).variables).toEqual(expect.arrayContaining(Object.keys(blocks)));
  });
});

describe('rights', () => {
  const given = grants(root);
  const ofTick = given.filter(({ member }) => member.includes('google_service_account.tick.'));

  test('are given to nobody outside, and none of them is broad', () => {
    const everything = root.flatMap(({ things, blocks }) => [
      ...things.flatMap(({ body }) => texts(body)),
      ...texts(blocks),
    ]);
    expect(given.length).toBeGreaterThan(10);
    expect(everything.filter((text) => /allUsers|allAuthenticatedUsers/.test(text))).toEqual([]);
    const broad = given.filter(({ role }) => /^roles\/(editor|owner|viewer|\w+)$|admin/i.test(role));
    expect(broad).toEqual([]);
  });

  test('on the whole project are those that cannot be given on less', () => {
    const project = given.filter(({ type }) => type === 'google_project_iam_member');
    expect(sorted(project.map(({ role }) => role))).toEqual([
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of Terraform
      '${google_project_iam_custom_role.cluster_connect.id}',
      'roles/bigquery.jobUser',
      'roles/logging.logWriter',
      'roles/storage.objectViewer',
    ]);
    expect(bodies('google_project_iam_member').get('build_reads_source')).toHaveProperty('condition');
  });

  test('of the function are those of docs/cloud.md, the secret and the clusters', () => {
    const section = readText('docs/cloud.md').split('## What it needs')[1]!.split('\nThe subscription')[0]!;
    const documented = [...section.matchAll(/`(roles\/[\w.]+)`/g)].map((match) => match[1]!);
    expect(documented).toHaveLength(6);
    expect(sorted(ofTick.map(({ role }) => role))).toEqual(
      sorted([
        ...documented,
        'roles/secretmanager.secretAccessor',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of Terraform
        '${google_project_iam_custom_role.cluster_connect.id}',
      ]),
    );
  });
});

describe('the function', () => {
  const { build_config, service_config } = bodies('google_cloudfunctions2_function').get(
    'tick',
  ) as unknown as {
    readonly build_config: readonly Record<string, Json>[];
    readonly service_config: readonly Record<string, Json>[];
  };

  test('is one at a time, reached from inside, and runs what the build makes', () => {
    expect(service_config[0]).toMatchObject({
      max_instance_count: 1,
      max_instance_request_concurrency: 1,
      ingress_settings: 'ALLOW_INTERNAL_ONLY',
    });
    const build = readText('scripts/build-function.ts');
    const major = /engines: \{ node: '(\d+)' \}/.exec(build)![1]!;
    expect(build_config[0]).toMatchObject({ runtime: `nodejs${major}` });
    expect(readText('functions/main.ts')).toContain(`ff.http('${build_config[0]!.entry_point}'`);
  });

  test('has no secret in its environment, and no version of one is in the state', () => {
    const types = root.flatMap(({ things }) => things.map(({ type }) => type));
    expect(types).not.toContain('google_secret_manager_secret_version');
    expect(service_config[0]).not.toHaveProperty('secret_environment_variables');
  });
});

describe('the checks can fail', () => {
  const sample = (text: string) => parseTerraform('sample.tf', text).then((file) => [file]);

  test.each([
    ['a type that is not known', 'resource "google_pubsub_topik" "a" {\n name = "a"\n}'],
    ['an argument that is not known', 'resource "google_pubsub_topic" "a" {\n name = "a"\n ack = 1\n}'],
    ['an argument that is missing', 'resource "google_pubsub_topic" "a" {\n}'],
    [
      'a block written as an argument',
      'resource "google_pubsub_subscription" "a" {\n name = "a"\n topic = "t"\n expiration_policy = { ttl = "" }\n}',
    ],
    [
      'an unknown argument in a dynamic block',
      'resource "google_pubsub_subscription" "a" {\n name = "a"\n topic = "t"\n dynamic "expiration_policy" {\n for_each = []\n content {\n ttl = ""\n tt = ""\n}\n}\n}',
    ],
  ])('on %s', async (_, text) => {
    expect(unknownNames(await sample(text))).toHaveLength(1);
  });

  test.each([
    ['a resource that is not declared', 'output "a" {\n value = google_pubsub_topic.a.id\n}'],
    [
      'something it does not tell',
      'resource "google_pubsub_topic" "a" {\n name = "a"\n}\noutput "a" {\n value = google_pubsub_topic.a.mail\n}',
    ],
  ])('on a reference to %s', async (_, text) => {
    expect(brokenReferences(await sample(text))).toHaveLength(1);
  });

  test('on a mistake of syntax, with its line', async () => {
    await expect(sample('resource "google_pubsub_topic" "a" {\n name = \n}')).rejects.toThrow(
      /sample\.tf.*2/,
    );
  });
});
