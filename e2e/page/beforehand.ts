import { planFor } from 'linnet';
import { architectureOf, loadModel } from 'linnet/models';
import { lookInside } from '../../demo/layers/inside.ts';
import { previewOf } from '../../demo/layers/previews.ts';
import { layersOf } from '../../demo/network/layers-of.ts';
import { as } from './vendor.ts';

/**
 * What a classifier makes of a picture, as the page shows it with a GPU: of each layer that it plans without one. And the layers whose
 * previews are others than those that the page makes of these maps.
 */
export async function mapsOfModel(device: GPUDevice, { card, picture }: { card: string; picture: string }) {
  return as(device, { vendor: '', architecture: '' }, async () => {
    const model = await loadModel(card, { task: 'classification', device, tune: false });
    try {
      const image = await createImageBitmap(await (await fetch(picture)).blob());
      const { plan } = model.network;
      const layers = layersOf(plan);
      const inside = await lookInside(model.network, layers);
      const { scores, heat, previews } = await inside.answer(image, []);
      const maps: { name: string; channels: number; values: Float32Array }[] = [];
      const otherPreviews: string[] = [];
      for (const { name } of layersOf(planFor(architectureOf(model.card)))) {
        const index = layers.findIndex((layer) => layer.name === name);
        const [layer, preview] = [layers[index], previews[index]];
        if (!layer || !preview) throw new Error(`There is no layer '${name}' with a GPU.`);
        const [, channels = 1] = layer.shape;
        const values = await inside.maps(image, [], index, { start: 0, count: channels }, () => {});
        maps.push({ name, channels, values });
        const own = previewOf(plan, layer, values);
        const isAlike =
          own.channel === preview.channel &&
          own.values.length === preview.values.length &&
          own.values.every((value, at) => Math.abs(value - preview.values[at]!) < 1e-4);
        if (!isAlike) otherPreviews.push(`${name}: channel ${own.channel} instead of ${preview.channel}`);
      }
      return { scores, heat: heat!, maps, otherPreviews };
    } finally {
      model.destroy();
    }
  });
}

/** The likeliest class of a picture by each of some classifiers. */
export async function bestOfModels(device: GPUDevice, { cards, picture }: { cards: string[]; picture: string }) {
  const image = await createImageBitmap(await (await fetch(picture)).blob());
  const answers: { label: string; probability: number }[] = [];
  for (const card of cards) {
    const model = await loadModel(card, { task: 'classification', device, tune: false });
    answers.push((await model.classify(image, { topK: 1 }))[0]!);
    model.destroy();
  }
  return answers.map(({ label, probability }) => ({ label, probability }));
}
