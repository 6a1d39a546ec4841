interface Props {
  picture: string | undefined;
  x: number;
  y: number;
  side: number;
}

/** A square of a figure, with what it holds where that is known. */
export function Pictured({ picture, x, y, side }: Props) {
  return (
    <>
      {picture && <image class="pixels" href={picture} x={x} y={y} width={side} height={side} />}
      <rect class="frame" x={x} y={y} width={side} height={side} />
    </>
  );
}

/** How wide a line is by its weight: between a hair and the widest that leaves its neighbours apart. */
export const widthOf = (weight: number, heaviest: number): number => 0.5 + (5.5 * weight) / heaviest;
