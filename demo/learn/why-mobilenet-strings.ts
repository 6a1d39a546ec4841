const english = {
  lead: 'A full convolution looks at space and mixes channels in one step. A depthwise separable one does the two in turn, and needs a fraction of the weights and of the work.',

  experiment: {
    heading: 'One network, both ways',
    intro:
      'The paper’s table 4 compares both kinds of convolution in one network. So do the two networks of this page: the same MobileNet v1 with a quarter of the channels, trained by the same script on Fashion-MNIST. The separable one learns more slowly: it got 45 passes over the pictures, the full one 20. After 20 passes it was at 92.85 %.',
    full: 'Full',
    separable: 'Separable',
    measure: 'Measure',
    parameters: 'Parameters',
    macs: 'Multiply-adds',
    file: 'Weights file',
    accuracy: 'Accuracy, held-out pictures',
    conclusion: (parameters: string, macs: string, points: string, sign: 'below' | 'above') =>
      `The separable network keeps ${parameters} of the parameters and ${macs} of the multiply-adds, and its accuracy is ${points} percentage points ${sign} the full one’s.`,
    bitsNote: (separable: number, full: number) =>
      `The separable network’s file stores ${separable} bits a number and the full one’s ${full}, so the files differ less than the parameters.`,
    accuracyNote: (dataset: string) => `Accuracy: ${dataset}, as written in the two cards.`,
    plot: 'Separable network in percent of the full one',
    missing: 'The cards of the two networks could not be read, so there is nothing to compare.',
  },
};

const korean: typeof english = {
  lead: '일반 합성곱은 공간을 보는 일과 채널을 섞는 일을 한 번에 합니다. 깊이별 분리 합성곱은 두 일을 차례로 나누어 하므로 가중치와 연산이 훨씬 적게 듭니다.',

  experiment: {
    heading: '같은 네트워크, 두 가지 합성곱',
    intro:
      '논문의 표 4는 한 네트워크에서 두 가지 합성곱을 비교합니다. 이 페이지의 두 네트워크도 마찬가지입니다. 채널 수를 4분의 1로 줄인 같은 MobileNet v1을 같은 스크립트로 Fashion-MNIST에서 학습했습니다. 분리 합성곱 쪽이 더 천천히 학습되므로 전체 이미지를 45번, 일반 합성곱 쪽은 20번 학습했습니다. 20번째에 분리 합성곱 쪽의 정확도는 92.85%였습니다.',
    full: '일반',
    separable: '분리',
    measure: '항목',
    parameters: '파라미터',
    macs: '곱셈-덧셈',
    file: '가중치 파일',
    accuracy: '정확도(학습에 쓰지 않은 이미지)',
    conclusion: (parameters, macs, points, sign) =>
      `분리 합성곱 네트워크는 파라미터의 ${parameters}, 곱셈-덧셈의 ${macs}만 쓰고, 정확도는 일반 합성곱보다 ${points}%p ${sign === 'below' ? '낮습니다' : '높습니다'}.`,
    bitsNote: (separable, full) =>
      `분리 합성곱 네트워크의 파일은 수 하나를 ${separable}비트로, 일반 합성곱 쪽은 ${full}비트로 저장하므로 파일 크기의 차이는 파라미터 수의 차이보다 작습니다.`,
    accuracyNote: (dataset) => `정확도: ${dataset}, 두 네트워크의 카드에 적힌 값입니다.`,
    plot: '일반 합성곱 네트워크를 100%로 볼 때 분리 합성곱 네트워크의 비율',
    missing: '두 네트워크의 카드를 읽지 못해 비교할 수 없습니다.',
  },
};

export const words = { en: english, ko: korean };
