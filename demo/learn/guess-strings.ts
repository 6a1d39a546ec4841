const english = {
  right: 'Right.',
  wrong: (answer: string) => `It is ${answer}.`,
};

const korean: typeof english = {
  right: '맞습니다.',
  wrong: (answer) => `정답은 ${answer}입니다.`,
};

export const words = { en: english, ko: korean };
