import { loadModel } from 'linnet/models';

/** The guesses of a published model for each of its pictures, and what its card and progress say. */
export async function classifyPictures(
  device: GPUDevice,
  { folder, pictures }: { folder: string; pictures: string[] },
) {
  const stages = new Set<string>();
  const model = await loadModel(`${folder}/model.json`, {
    device,
    task: 'classification',
    onProgress: ({ stage }) => stages.add(stage),
  });
  try {
    const guesses: Record<string, Awaited<ReturnType<typeof model.classify>>> = {};
    for (const name of pictures) {
      const picture = new Image();
      picture.src = `${folder}/inputs/${name}.png`;
      await picture.decode();
      guesses[name] = await model.classify(picture, { topK: 3 });
    }
    return { name: model.card.name, labels: model.labels.length, stages: [...stages], guesses };
  } finally {
    model.destroy();
  }
}
