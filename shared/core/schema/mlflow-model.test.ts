import { expect, test } from 'vitest';
import { ConfigFile } from './config.ts';
import { MessageConfig } from './test-config.ts';

const MODEL = { mlflow_model: { connection: 'tracking', model: 'food' } };
const connections = { tracking: 'mlflow+https://mlflow.example.com' };

test('a test names a model at a connection that the file has', () => {
  expect(ConfigFile.safeParse({ connections, tests: { load: MODEL } }).success).toBe(true);
  const { error } = ConfigFile.safeParse({
    connections: { traking: connections.tracking },
    tests: { load: MODEL },
  });
  expect(error?.issues).toMatchObject([
    {
      path: ['tests', 'load', 'mlflow_model', 'connection'],
      message: 'is none of connections; did you mean "traking"?',
    },
  ]);
});

test('a message cannot name a model', () => {
  expect(MessageConfig.safeParse({}).success).toBe(true);
  expect(MessageConfig.safeParse(MODEL).success).toBe(false);
});
