import { paint } from '../layers/colours.ts';
import { rangeOf } from '../layers/numbers.ts';
import { mostVaried } from '../layers/previews.ts';
import { paintMap } from './convolution-picture.ts';
import { mapsOf, type SquareMaps } from './trained.ts';

/** The maps in so many groups, unless given each alone. */
export function groupsOf(maps: SquareMaps, groups = maps.channels): SquareMaps[] {
  const count = maps.channels / groups;
  return Array.from({ length: groups }, (_, group) => mapsOf(maps, group * count, count));
}

/** The address of a picture of the map that varies most; a pixel for each number. */
export function pictureOf(maps: SquareMaps): string {
  const { values } = mapsOf(maps, mostVaried(maps.values, maps.channels), 1);
  const side = Math.sqrt(values.length);
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: side, height: side });
  const picture = new ImageData(side, side);
  paint(picture, { x: 0, y: 0 }, picture, values, rangeOf(values));
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
  return canvas.toDataURL();
}

/** The address of a picture of a square filter: red above zero, blue below. */
export function filterPictureOf(weights: readonly number[]): string {
  const side = Math.sqrt(weights.length);
  const canvas = document.createElement('canvas');
  const maps = { channels: 1, height: side, width: side, values: Float32Array.from(weights) };
  paintMap(canvas, maps, 0, 'signed', Math.max(...weights.map(Math.abs)));
  return canvas.toDataURL();
}
