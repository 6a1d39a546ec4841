const english = {
  lead: 'A U-Net says for each pixel whether it belongs to a drawing. The mask is computed on the GPU and drawn there over the picture; it is never read back.',
  picture: 'Picture',
  samples: 'Drawings that the network has not seen in training',
  file: 'Choose a file …',
  camera: 'Use the camera',
  stopCamera: 'Stop the camera',
  show: 'Show',
  overlay: 'The mask over the picture',
  cutout: 'The drawing, cut out',
  opacity: 'Opacity of the mask',
  original: 'The picture',
  result: { overlay: 'With the mask', cutout: 'Cut out' },
  loading: 'The network is being loaded …',
  waiting: 'The GPU is being asked for …',
  frame: (milliseconds: string) => `One picture, network and drawing: ${milliseconds}`,
  about: 'The network',
  aboutText: (parameters: string, kilobytes: string, drawings: number) =>
    `A U-Net with 8 channels at its first level, ${parameters} parameters in a file of ${kilobytes}. It was trained on ${drawings} drawings of the Open Clip Art Library, pasted onto made-up backgrounds, turned, scaled and recoloured: few pictures do for a U-Net if they are varied well. Photographs are another matter; it has seen none.`,
  why: 'Why U-Net',
  whyText: 'What its two paths do, and what happens without the connections between them:',
};

const korean: typeof english = {
  lead: 'U-Net은 픽셀마다 그림에 속하는지를 판단합니다. 마스크는 GPU에서 계산되어 그 자리에서 사진 위에 그려지며, 다시 읽어 오지 않습니다.',
  picture: '그림 고르기',
  samples: '네트워크가 학습할 때 보지 못한 그림',
  file: '파일 고르기 …',
  camera: '카메라 쓰기',
  stopCamera: '카메라 끄기',
  show: '보여 주기',
  overlay: '사진 위에 마스크',
  cutout: '그림만 오려 내기',
  opacity: '마스크의 불투명도',
  original: '원본',
  result: { overlay: '마스크를 얹은 모습', cutout: '오려 낸 모습' },
  loading: '네트워크를 불러오는 중입니다 …',
  waiting: 'GPU를 요청하는 중입니다 …',
  frame: (milliseconds: string) => `한 장(네트워크와 그리기): ${milliseconds}`,
  about: '이 네트워크',
  aboutText: (parameters: string, kilobytes: string, drawings: number) =>
    `첫 단계의 채널이 8개인 U-Net으로, 파라미터 ${parameters}개가 ${kilobytes} 파일에 담겨 있습니다. Open Clip Art Library의 그림 ${drawings}장을 만들어 낸 배경에 붙이고 돌리고 크기와 색을 바꾸어 학습했습니다. 잘 변형하기만 하면 U-Net에는 적은 그림으로도 충분합니다. 사진은 다른 문제입니다. 이 네트워크는 사진을 본 적이 없습니다.`,
  why: '왜 U-Net인가',
  whyText: '두 경로가 하는 일과, 둘 사이의 연결이 없을 때 일어나는 일을 볼 수 있습니다:',
};

export const words = { en: english, ko: korean };
