/*
 * Functions of one number that a kernel applies to its result (see `activation.ts`), as the WGSL of a body over `x: vec4f`.
 * Those that have parameters find them where a clamp has its bounds. No intermediate result is larger than it has to be, so
 * that large numbers give what is right, and small ones keep their relative precision.
 */

const ALPHA = 'params.minValue';
const BETA = 'params.maxValue';

/** `c0 + c1 x + c2 x^2 ...`, by Horner's rule. */
const polynomial = (x: string, coefficients: readonly number[]): string =>
  coefficients.map((c) => (Number.isInteger(c) ? `${c}.0` : `${c}`)).reduceRight((sum, c) => `(${c} + ${x} * ${sum})`);

/** exp(x) - 1, for x of at most 0: a difference, or for small numbers the series. */
const LESS_ONE = `select(exp(x) - 1.0, x * ${polynomial(
  'x',
  [1, 2, 6, 24, 120, 720].map((factorial) => 1 / factorial),
)}, x > vec4f(-0.25))`;

/**
 * exp(-y * y) times a polynomial of t: 1 - erf(y) for y of at least 0, with a relative error of 1.2e-7 (`erfcc` of Numerical
 * Recipes in C, 2nd edition, section 6.2).
 */
const COMPLEMENT = `let t = 1.0 / (1.0 + 0.5 * y);
  let complement = t * exp(-y * y + ${polynomial('t', [
    ...[-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806],
    ...[0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277],
  ])});`;

/**
 * Of what is left of x without so many times pi (`shift` more than a whole number), which is at most pi / 2: the series of the
 * sine. WGSL lets its own be off by 2^-11. The first part of pi has so few digits that its multiples are exact.
 */
const reduced = (name: string, shift: string, sign: string) => `let ${name}Whole = round(x * ${1 / Math.PI} - ${shift});
  let ${name}Turns = ${name}Whole + ${shift};
  let ${name}Rest = x - ${name}Turns * 3.140625 - ${name}Turns * ${Math.PI - 3.140625};
  let ${name}Square = ${name}Rest * ${name}Rest;
  let ${name} = ${sign}(1.0 - 2.0 * abs(${name}Whole % 2.0)) * ${name}Rest * ${polynomial(
    `${name}Square`,
    [1, -6, 120, -5040, 362880, -39916800].map((factorial) => 1 / factorial),
  )};`;
const SINE = reduced('sine', '0.0', '');
const COSINE = reduced('cosine', '0.5', '-');

/** By the names of WebNN's methods. */
export const FUNCTIONS = {
  abs: 'return abs(x);',
  neg: 'return -x;',
  exp: 'return exp(x);',
  // Near 1, where WGSL's own may be off by 2^-21, 2 artanh((x - 1) / (x + 1)). Of what is not positive it may be anything.
  log: `let s = (x - 1.0) / (x + 1.0);
  let square = s * s;
  let near = s * ${polynomial('square', [2, 2 / 3, 2 / 5, 2 / 7, 2 / 9])};
  let none = select((x - x) / (x - x), -1.0 / abs(x), x == vec4f());
  return select(select(log(x), near, abs(x - 1.0) < vec4f(0.25)), none, x <= vec4f());`,
  sqrt: 'return sqrt(x);',
  reciprocal: 'return 1.0 / x;',
  sin: `${SINE}
  return sine;`,
  cos: `${COSINE}
  return cosine;`,
  tan: `${SINE}
  ${COSINE}
  return sine / cosine;`,
  floor: 'return floor(x);',
  ceil: 'return ceil(x);',
  roundEven: 'return round(x);',
  sign: 'return sign(x);',
  // WGSL's own may round either way. Below 2^-14 the last place is 2^-24; what would round to 2^16 is infinite.
  float16: `let bits = bitcast<vec4u>(x);
  let even = (bits >> vec4u(13u)) & vec4u(1u);
  let large = bitcast<vec4f>((bits + even + 0xfffu) & vec4u(0xffffe000u));
  let rounded = select(large, round(x * 0x1p+24f) * 0x1p-24f, abs(x) < vec4f(0x1p-14f));
  return select(rounded, x * 0x1p+127f, abs(x) >= vec4f(65520.0));`,
  linear: `return x * ${ALPHA} + ${BETA};`,
  hardSigmoid: `return saturate(x * ${ALPHA} + ${BETA});`,
  leakyRelu: `return select(x * ${ALPHA}, x, x > vec4f());`,
  prelu: 'return select(x * vec4f(slope[2u * slice]), x, x > vec4f());',
  elu: `return select(${ALPHA} * ${LESS_ONE}, x, x > vec4f());`,
  softsign: 'return x / (1.0 + abs(x));',
  // log(1 + e) = 2 artanh(e / (2 + e)), for e of at most 1.
  softplus: `let e = exp(-abs(x));
  let s = e / (2.0 + e);
  let square = s * s;
  return max(x, vec4f()) + s * ${polynomial('square', [2, 2 / 3, 2 / 5, 2 / 7, 2 / 9, 2 / 11, 2 / 13])};`,
  silu: `let e = exp(-abs(x));
  return x * (select(e, vec4f(1.0), x > vec4f()) / (1.0 + e));`,
  tanh: `let e = exp(-2.0 * abs(x));
  let square = x * x;
  let series = x * ${polynomial('square', [1, -1 / 3, 2 / 15, -17 / 315, 62 / 2835])};
  return select(sign(x) * (1.0 - e) / (1.0 + e), series, abs(x) < vec4f(0.3));`,
  erf: `let y = abs(x);
  ${COMPLEMENT}
  let square = x * x;
  let series = x * ${polynomial(
    'square',
    [1, -1 / 3, 1 / 10, -1 / 42, 1 / 216, -1 / 1320].map((term) => (term * 2) / Math.sqrt(Math.PI)),
  )};
  return select(sign(x) * (1.0 - complement), series, y < vec4f(0.5));`,
  gelu: `let y = abs(x) * ${Math.SQRT1_2};
  ${COMPLEMENT}
  return x * select(0.5 * complement, 1.0 - 0.5 * complement, x > vec4f());`,
  /** Of a mean of squares, whose sum and smallest summand these are. */
  inverseSqrt: `return inverseSqrt(x * ${ALPHA} + ${BETA});`,
  square: 'return x * x;',
  cube: 'return x * x * x;',
  /** x to the power of a number that is even, odd, or no integer: then there is none of a negative number. */
  evenPower: `return pow(abs(x), vec4f(${ALPHA}));`,
  oddPower: `return sign(x) * pow(abs(x), vec4f(${ALPHA}));`,
  power: `return pow(x, vec4f(${ALPHA}));`,
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

/** Those that may be infinite, or no number, of what lies in a slice beyond the last channel. */
export const UNBOUNDED: readonly FunctionName[] = [
  'exp',
  'float16',
  'log',
  'sqrt',
  'reciprocal',
  'power',
  'evenPower',
  'oddPower',
];
