import { cp } from 'node:fs/promises';
import path from 'node:path';

import { exportModel, type ExportReport } from '../../src/export/export-model.ts';
import { packageFile } from '../../src/package-root.ts';

/** Makes of `folder` a copy of `codes-en` whose graphs are in half precision. A backend of tfjs must be loaded. */
export async function exportHalfModel(folder: string): Promise<ExportReport[]> {
  for (const file of ['config.json', 'model.safetensors']) {
    await cp(packageFile(path.join('models/codes-en', file)), path.join(folder, file));
  }
  return exportModel(folder, { precision: 'float16' });
}
