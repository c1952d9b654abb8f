import { readFile } from 'node:fs/promises';
import { type GivenConfig, parseGivenConfig, shortReason } from '../../shared/core/given-config.ts';

/** A JSON or YAML file of the same shape. */
export async function fileMetricConfig(path: string): Promise<GivenConfig> {
  // Loaded only here: the publisher of the tutorial has no file.
  // Of a CommonJS package a bundle has the whole and no single names.
  const { parse: parseYaml } = (await import('yaml')).default;
  try {
    const text = await readFile(path, 'utf8');
    return parseGivenConfig(path, () => (path.endsWith('.json') ? JSON.parse(text) : parseYaml(text)));
  } catch (error) {
    return { given: {}, error: `Cannot read the metric config ${path}: ${shortReason(error)}` };
  }
}
