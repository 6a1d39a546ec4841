export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** How a picture becomes an input tensor: resized to the network's input, then (rgb / 255 - mean) / std. */
export interface Preprocess {
  /**
   * `cover` fills the input with the middle of the picture, `contain` shows the whole picture with the mean colour beside
   * it, and `fill` stretches it.
   */
  readonly fit: 'cover' | 'contain' | 'fill';
  /** For `cover`: the input as a part of what the picture is resized to, 1 unless given; 0.875 is "resize to 256, crop 224". */
  readonly crop?: number | undefined;
  /** As Pillow computes them, antialiased; `bilinear` unless given. */
  readonly interpolation?: 'bilinear' | 'bicubic' | undefined;
  /**
   * Whether `run`, `classify` and `segment` take an <img> or a file as it is stored, or with the colour profile that is in
   * it: `none` unless given, as networks are trained on pictures whose profiles were ignored (Pillow and TensorFlow do so).
   */
  readonly colorSpaceConversion?: 'none' | 'default' | undefined;
  /** One number, or one for each of red, green and blue; as in `std`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
