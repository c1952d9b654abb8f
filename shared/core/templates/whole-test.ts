import type { Accelerator } from './accelerators.ts';
import type { TestDefinition } from './definition.ts';
import { commandModelDir } from './model-dir.ts';

/** A definition with what follows from it. */
export interface Test {
  readonly definition: TestDefinition;
  readonly accelerator: Accelerator;
  readonly testName: string;
  readonly frameworkVersion: string;
  /** With tag or digest. */
  readonly image: string;
  /** With `$(NAME)` still in it. */
  readonly modelDir: string;
}

/** Completes a definition whose shape has been checked. */
export function testOf(definition: TestDefinition, accelerator: Accelerator): Test {
  const { frameworkPrefix, modelName, mode, image, imageTag, command } = definition;
  const parts = [frameworkPrefix, modelName, mode, accelerator.name];
  const tag = imageTag === undefined ? (image.includes('@') ? null : 'latest') : imageTag;
  return {
    definition,
    accelerator,
    testName: definition.testName ?? parts.join('-'),
    frameworkVersion: definition.frameworkVersion ?? frameworkPrefix,
    image: tag === null ? image : `${image}:${tag}`,
    modelDir:
      definition.modelDir ?? commandModelDir(command) ?? `$(OUTPUT_BUCKET)/${parts.join('/')}/$(JOB_NAME)`,
  };
}
