// A definition in TypeScript: data, with the help of a language where tests resemble each other.
//   tidemark render examples/templates/translate-tpu.ts --yaml
const steps = 20_000;

export default ['v5e-2x4', 'v6e-2x4'].map((accelerator) => ({
  frameworkPrefix: 'tf-nightly',
  modelName: 'transformer',
  mode: 'func',
  accelerator,
  image: 'gcr.io/your-project/tensorflow',
  imageTag: 'nightly',
  publisherImage: 'gcr.io/your-project/publisher:latest',
  command: [
    'python3',
    'official/legacy/transformer/transformer_main.py',
    `--train_steps=${steps}`,
    '--model_dir',
    '$(MODEL_DIR)',
  ],
  timeout: 2 * 60 * 60,
  schedule: '0 3 * * *',
}));
