const english = {
  lead: 'A full convolution looks at space and mixes channels in one step. A depthwise separable one does the two in turn, and needs a fraction of the weights and of the work.',

  paper: 'The paper:',

  arithmetic: {
    heading: 'The arithmetic',
    intro:
      'A standard convolution has a filter of K × K weights for every pair of an input and an output channel. The separable one has a K × K filter for each input channel (depthwise), and then a 1 × 1 weight for every pair (pointwise). With 3 × 3 and three channels to three, 81 weights become 27 + 9 = 36.',
    kernel: 'Kernel',
    inChannels: 'Input channels',
    outChannels: 'Output channels',
    size: 'Map',
    groups: 'Groups',
    costs: 'Costs of the convolutions',
    kind: 'Convolution',
    standard: 'Standard',
    depthwise: 'Depthwise',
    pointwise: '+ pointwise',
    separable: 'Depthwise separable',
    grouped: (groups: number) => (groups === 1 ? 'Grouped, 1 group' : `Grouped, ${groups} groups`),
    weights: 'Weights',
    macs: 'Multiply-adds',
    share: 'Of standard',
    scale: 'Areas are to scale: weights without biases. In the middle, depthwise and pointwise stand side by side.',
    ratio: (outChannels: number, kernel: number, share: string) =>
      `Separable to standard is 1/N + 1/K², for N output channels and a K × K kernel, in weights as in multiply-adds: here 1/${outChannels} + 1/${kernel * kernel} = ${share}. With many channels only 1/K² is left: about a ninth for 3 × 3. With a 1 × 1 kernel there is nothing to split.`,
    groupedText:
      'A grouped convolution lets an output channel see the input channels of its own group only, and divides the cost by the number of groups. With as many groups as channels it is the depthwise convolution.',
  },

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

  paper: '논문:',

  arithmetic: {
    heading: '계산해 보기',
    intro:
      '일반 합성곱에는 입력 채널과 출력 채널의 쌍마다 K × K개의 가중치가 있습니다. 분리 합성곱에는 입력 채널마다 K × K 필터가 하나씩 있고(깊이별), 이어서 채널 쌍마다 1 × 1 가중치가 하나씩 있습니다(점별). 3 × 3 커널로 3채널에서 3채널을 만들면 가중치 81개가 27 + 9 = 36개로 줄어듭니다.',
    kernel: '커널',
    inChannels: '입력 채널',
    outChannels: '출력 채널',
    size: '특징 맵',
    groups: '그룹 수',
    costs: '합성곱의 비용',
    kind: '합성곱',
    standard: '일반',
    depthwise: '깊이별',
    pointwise: '+ 점별',
    separable: '깊이별 분리',
    grouped: (groups: number) => `그룹 합성곱, 그룹 ${groups}개`,
    weights: '가중치',
    macs: '곱셈-덧셈',
    share: '일반 대비',
    scale: '넓이는 가중치 수에 비례합니다(편향 제외). 가운데에는 깊이별과 점별이 나란히 있습니다.',
    ratio: (outChannels: number, kernel: number, share: string) =>
      `출력 채널이 N개이고 커널이 K × K일 때, 분리 합성곱의 가중치와 곱셈-덧셈은 일반 합성곱의 1/N + 1/K²입니다. 지금은 1/${outChannels} + 1/${kernel * kernel} = ${share}입니다. 채널이 많으면 1/K²만 남아 3 × 3에서는 약 9분의 1이 됩니다. 1 × 1 커널은 나눌 것이 없습니다.`,
    groupedText:
      '그룹 합성곱에서는 출력 채널이 자기 그룹의 입력 채널만 보므로 비용이 그룹 수만큼 나누어집니다. 그룹 수가 채널 수와 같으면 깊이별 합성곱이 됩니다.',
  },

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
