export const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

export const ceilDivide = (value: number, by: number) => Math.ceil(value / by);
