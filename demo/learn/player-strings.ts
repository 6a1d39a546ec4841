const english = { play: 'Play', pause: 'Pause' };

const korean: typeof english = { play: '재생', pause: '일시 정지' };

export const words = { en: english, ko: korean };
