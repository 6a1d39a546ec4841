const english = {
  beforehand: 'Without WebGPU these maps were computed beforehand, for four of the samples.',
};

const korean: typeof english = {
  beforehand: 'WebGPU가 없어, 예시 네 개에 대해 미리 계산해 둔 특징 맵을 보여 줍니다.',
};

export const words = { en: english, ko: korean };
