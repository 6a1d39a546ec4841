const english = {
  right: 'Right.',
  wrong: (answer: string) => `It is ${answer}.`,
  show: 'Just show me',
};

const korean: typeof english = {
  right: '맞습니다.',
  wrong: (answer) => `정답은 ${answer}입니다.`,
  show: '그냥 보기',
};

export const words = { en: english, ko: korean };
