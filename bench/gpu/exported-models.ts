import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { packageRoot } from '../../src/package-root.ts';

/** Names of the models that come with exported graphs. */
export function exportedModels(): string[] {
  const models = path.join(packageRoot(), 'models');
  return readdirSync(models).filter((name) => existsSync(graphsFolder(name)));
}

/** The folder of the graphs of a model of ours. */
export function graphsFolder(model: string): string {
  return path.join(packageRoot(), 'models', model, 'onnx');
}
