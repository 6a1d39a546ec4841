// Networks that others have trained, through a model card: the guesses for photographs are those of the reference.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from './test.ts';

const models = fileURLToPath(new URL('../../shared/models/', import.meta.url));

for (const folder of ['mobilenet-v1-0.25-224', 'mobilenet-v2-224-u8']) {
  test(`${folder} knows the photographs`, async ({ run }) => {
    const file = `${models}${folder}/expected.json`;
    test.skip(!existsSync(file), 'the trained networks of others are not here');
    const expected: Record<string, { class: number; label: string; probability: number }[]> = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const { labels, stages, guesses } = await run('classifyPictures', {
      folder: `/models/${folder}`,
      pictures: Object.keys(expected),
    });
    expect(labels).toBeGreaterThanOrEqual(1000);
    expect(stages).toEqual(['card', 'weights', 'compile']);
    for (const [picture, [best]] of Object.entries(expected)) {
      expect(guesses[picture], picture).toHaveLength(3);
      expect(guesses[picture]?.[0], picture).toMatchObject({ class: best?.class, label: best?.label });
      const off = (guesses[picture]?.[0]?.probability ?? 0) - (best?.probability ?? 0);
      expect(Math.abs(off), picture).toBeLessThanOrEqual(0.01);
    }
  });
}
