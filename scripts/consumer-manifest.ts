/**
 * `package.json` as it is packed, of the text of that of the clone: without `optionalDependencies`. Native TensorFlow for GPUs is for
 * training in a clone; whoever installs the package would get it and tfjs, 300 MB and what it fetches.
 */
export function consumerManifest(text: string): string {
  const { optionalDependencies: _, ...packed } = JSON.parse(text) as Record<string, unknown>; // a manifest of npm
  return `${JSON.stringify(packed, null, 2)}\n`;
}
