// A user's page. package.spec.ts checks its types against the built declarations; nothing runs it.
import { compile, loadWeights, type Network, planFor } from 'linnet';
import { mobileNetV2 } from 'linnet/architectures';
import { loadModel } from 'linnet/models';

export async function label(picture: HTMLImageElement, weightsUrl: string, cardUrl: string): Promise<string> {
  const bytes: number = planFor(mobileNetV2()).arenas.reduce((sum, arena) => sum + arena.bytes, 0);
  const net: Network = await compile(mobileNetV2(), { weights: await loadWeights(weightsUrl) });
  const outputs: Record<string, Float32Array> = await net.run({ image: new Float32Array(3 * 224 * 224) });
  net.destroy();

  const model = await loadModel(cardUrl);
  const [best] = await model.classify(picture, { topK: 3 });
  return `${best?.label}: ${best?.probability}, ${Object.keys(outputs)}, ${bytes}`;
}
