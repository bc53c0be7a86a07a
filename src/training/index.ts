/** `hearken/training`: what a recipe file needs, and the loop that trains whatever has a loss. */
export { type BackendName, loadBackend, type LoadedBackend } from '../backend/backends.ts';
export { exportCell, type ExportCellOptions, type ExportedCell } from '../export/export-cell.ts';
export { exportModel, type ExportModelOptions, type ExportReport } from '../export/export-model.ts';
export type { ModelConfig } from '../model/config.ts';
export type { SpeechConfig } from '../model/speech-config.ts';
export { symbolCodec, type SymbolCodec, symbolCount, type Symbols } from '../text/symbols.ts';
export type { AudioExample, PhoneExample, PrecedingUtterance, SequenceExample } from './examples.ts';
export { concatUtterances } from './concat-utterances.ts';
export type { OptimizerOptions } from './optimizer.ts';
export {
  type AudioRecipe,
  defineRecipe,
  defineTask,
  type ExampleSource,
  type Recipe,
  type SequenceRecipe,
  type SequenceTraining,
  type SpeechRecipe,
  type SpeechTraining,
  type TaskRecipe,
  type TrainingSchedule,
} from './recipe.ts';
export type { Loss, StepContext, Task } from './task.ts';
export { train, type Trained, type TrainOptions } from './train.ts';
export { salientRecall, type SalientRecallOptions } from './salient-recall.ts';
