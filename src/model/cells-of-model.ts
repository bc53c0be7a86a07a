import type { Cell } from '../cell/cell.ts';
import { answerCells } from './answer-cells.ts';
import { cellsOf } from './cells.ts';
import type { ModelConfig } from './config.ts';
import { speechConfigOf } from './config-migration.ts';
import { sequenceCells } from './sequence-cells.ts';

/**
 * The cells of a model of any parts: of one that hears, one that answers on streams of tokens, or one that writes about sequences. Throws
 * `model/config`, naming the part, where nothing can run one of such parts.
 */
export function cellsOfModel(config: ModelConfig): Cell[] {
  if (config.source.kind === 'audio') return cellsOf(speechConfigOf(config));
  return config.heads.answers === undefined ? sequenceCells(config) : answerCells(config);
}
