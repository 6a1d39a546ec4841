const english = {
  before: 'Guess first',
  right: 'Right.',
  wrong: 'Not so.',
  show: 'Just show me',
};

const korean: typeof english = {
  before: '먼저 맞혀 보세요',
  right: '맞았습니다.',
  wrong: '아닙니다.',
  show: '그냥 보기',
};

export const words = { en: english, ko: korean };
