/** Where onnxruntime computes. */
export type OnnxDevice = 'cpu' | 'webgpu' | 'cuda';
