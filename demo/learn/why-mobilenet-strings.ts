const english = {
  lead: 'A standard convolution looks at space and mixes channels in one step. A depthwise separable one does the two in turn, and needs a fraction of the weights and of the work.',

  paper: 'The paper:',

  arithmetic: {
    heading: 'The arithmetic',
    intro:
      'A standard convolution has a filter of K × K weights for every pair of an input and an output channel. The separable one has a K × K filter for each input channel (depthwise), and then a 1 × 1 weight for every pair (pointwise). Each weight times a value, added to a sum, is one multiply-add.',
    question:
      'Five of the thirteen separable layers of a MobileNet have 512 channels in and 512 out. As a standard 3 × 3 convolution, such a layer would have 2,359,296 weights. What share of them do the two steps need?',
    options: ['a half', 'a third', 'a ninth', 'a fiftieth'],
    answer: 'a ninth',
    explanation: 'Depthwise 4,608 and pointwise 262,144 are 266,752 weights: 11.3%, about a ninth. Try other layers:',
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

  steps: {
    heading: 'Two steps on a picture',
    intro:
      'First every channel is filtered by itself: its own 3 × 3 filter slides over it, and the channels do not meet. Then every pixel mixes the channels: a 1 × 1 filter for each map of the result looks at one place of all of them.',
    player: 'The two convolutions, pixel by pixel',
    picture: 'The picture’s channels',
    channels: ['Red', 'Green', 'Blue'],
    depthwise: 'Depthwise: 3 × 3, each by itself',
    pointwise: 'Pointwise: 1 × 1, all together',
    filtered: (channel: number) => `Channel ${channel}, filtered`,
    mixed: (map: number) => `Map ${map} of the result`,
    done: 'multiply-adds so far',
    all: 'for all four maps',
    standard: 'as a standard convolution',
    shared:
      'For one map the two steps would save nothing: 27 + 3 multiply-adds a pixel instead of 27. But the depthwise step is done once, whatever the number of maps; each further map costs 3 instead of 27. In a layer with 512 of them that is nearly all.',
  },

  learned: {
    heading: 'What the two steps have learned',
    intro:
      'The same two steps in a MobileNet of ours, the separable one of the tables below. It was trained on garments, and nobody wrote its filters down. Each node shows what it holds for the sample:',
    layer: 'Separable layer',
    layerOf: (layer: number) => `${layer} of 13`,
    figure: (layer: number, channels: number) =>
      `Separable layer ${layer} of the small MobileNet: ${channels} of its channels, the filter of each, what the filter makes of it, and a map that is mixed from them.`,
    note: (channels: number, side: number) =>
      `From the top: ${channels} of the layer’s channels, the 3 × 3 filter of each, the channel after it, and one of the maps of ${side} × ${side} that are mixed from all channels. Red is above zero and blue below, in a filter as in a line; the wider a line, the more the map takes of that channel.`,
    conclusion:
      'The filters look for one thing each, an edge to one side or a spot, and the mixing decides what belongs together. Further on a number stands for a larger part of the picture, and it is harder to say what a filter is for.',
  },

  experiment: {
    heading: 'One network, both ways',
    intro:
      'The paper compares both kinds of convolution in one network, and so does this page: the same MobileNet v1 with a quarter of the channels, trained twice on Fashion-MNIST.',
    paper: 'The paper’s table 4: MobileNet on ImageNet',
    ours: 'This page’s networks: a quarter as wide, on Fashion-MNIST',
    training:
      'Both were trained by the same script. The separable network learns more slowly: it got 45 passes over the pictures, the standard one 20. After 20 passes it was at 92.85%.',
    standard: 'Standard',
    separable: 'Separable',
    share: 'Share',
    measure: 'Measure',
    parameters: 'Parameters',
    macs: 'Multiply-adds',
    file: 'Weights file',
    accuracy: 'Accuracy',
    conclusion: (parameters: string, macs: string, points: string, sign: 'below' | 'above') =>
      `Here the separable network keeps ${parameters} of the parameters and ${macs} of the multiply-adds, and its accuracy is ${points} percentage points ${sign} the standard one’s.`,
    bitsNote: (separable: number, standard: number) =>
      `The separable network’s file stores ${separable} bits a number and the standard one’s ${standard}, so the files differ less than the parameters.`,
    accuracyNote: (dataset: string) => `Accuracy: ${dataset}, as written in the two cards.`,
    missing: 'The cards of this page’s two networks could not be read.',
  },
};

const korean: typeof english = {
  lead: '표준 합성곱은 공간을 보는 일과 채널을 섞는 일을 한 번에 합니다. 깊이별 분리 합성곱(depthwise separable convolution)은 두 일을 차례로 나누어 하므로 가중치와 연산이 훨씬 적게 듭니다.',

  paper: '논문:',

  arithmetic: {
    heading: '계산해 보기',
    intro:
      '표준 합성곱에는 입력 채널과 출력 채널의 쌍마다 K × K개의 가중치가 있습니다. 분리 합성곱에는 입력 채널마다 K × K 필터가 하나씩 있고(깊이별), 이어서 채널 쌍마다 1 × 1 가중치가 하나씩 있습니다(점별). 값에 가중치를 곱해 합에 더하는 것이 곱셈-덧셈(MAC) 한 번입니다.',
    question:
      'MobileNet의 분리 합성곱 층 열셋 가운데 다섯은 512채널을 받아 512채널을 만듭니다. 표준 3 × 3 합성곱이라면 가중치가 2,359,296개입니다. 두 단계로 나누면 그중 얼마나 필요할까요?',
    options: ['절반', '3분의 1', '9분의 1', '50분의 1'],
    answer: '9분의 1',
    explanation:
      '깊이별 4,608개와 점별 262,144개를 더하면 266,752개, 곧 11.3%로 약 9분의 1입니다. 다른 층도 계산해 보세요.',
    kernel: '커널',
    inChannels: '입력 채널',
    outChannels: '출력 채널',
    size: '특징 맵',
    groups: '그룹 수',
    costs: '합성곱의 비용',
    kind: '합성곱',
    standard: '표준',
    depthwise: '깊이별',
    pointwise: '+ 점별',
    separable: '깊이별 분리',
    grouped: (groups: number) => `그룹 합성곱, 그룹 ${groups}개`,
    weights: '가중치',
    macs: '곱셈-덧셈(MAC)',
    share: '표준 대비',
    scale: '넓이는 가중치 수에 비례합니다(편향 제외). 가운데에는 깊이별과 점별이 나란히 있습니다.',
    ratio: (outChannels: number, kernel: number, share: string) =>
      `출력 채널이 N개이고 커널이 K × K일 때, 분리 합성곱의 가중치와 곱셈-덧셈은 표준 합성곱의 1/N + 1/K²입니다. 지금은 1/${outChannels} + 1/${kernel * kernel} = ${share}입니다. 채널이 많으면 1/K²만 남아 3 × 3에서는 약 9분의 1이 됩니다. 1 × 1 커널은 나눌 것이 없습니다.`,
    groupedText:
      '그룹 합성곱에서는 출력 채널이 자기 그룹의 입력 채널만 보므로 비용이 그룹 수만큼 나누어집니다. 그룹 수가 채널 수와 같으면 깊이별 합성곱이 됩니다.',
  },

  steps: {
    heading: '이미지로 보는 두 단계',
    intro:
      '먼저 채널마다 따로 필터를 씁니다. 채널마다 하나씩 있는 3 × 3 필터가 그 채널 위를 지나가며, 채널끼리는 섞이지 않습니다. 그다음 픽셀마다 채널을 섞습니다. 출력 특징 맵마다 하나씩 있는 1 × 1 필터가 모든 채널의 같은 자리를 봅니다.',
    player: '두 합성곱을 픽셀 하나씩',
    picture: '이미지의 채널',
    channels: ['빨강', '초록', '파랑'],
    depthwise: '깊이별: 3 × 3, 따로따로',
    pointwise: '점별: 1 × 1, 모두 함께',
    filtered: (channel) => `필터를 거친 채널 ${channel}`,
    mixed: (map) => `출력 특징 맵 ${map}`,
    done: '지금까지의 곱셈-덧셈(MAC)',
    all: '특징 맵 네 장을 모두 만들 때',
    standard: '표준 합성곱으로 만들 때',
    shared:
      '특징 맵이 하나라면 두 단계로 나누어도 이득이 없습니다. 픽셀마다 곱셈-덧셈(MAC)이 27번에서 27 + 3번이 됩니다. 그러나 깊이별 단계는 특징 맵이 몇 장이든 한 번만 하고, 한 장을 더할 때마다 27번이 아니라 3번만 듭니다. 특징 맵이 512장인 층에서는 거의 전부를 아끼는 셈입니다.',
  },

  learned: {
    heading: '두 단계가 배운 것',
    intro:
      '같은 두 단계를 직접 학습한 MobileNet에서 봅니다. 아래 표에 있는 분리 합성곱 네트워크로, 의류 이미지로 학습했으며 필터는 사람이 정한 것이 아닙니다. 각 노드는 샘플에 대해 그 자리에 있는 것을 보여 줍니다:',
    layer: '분리 합성곱 층',
    layerOf: (layer) => `13개 중 ${layer}번째`,
    figure: (layer, channels) =>
      `작은 MobileNet의 ${layer}번째 분리 합성곱 층: 채널 ${channels}개, 채널마다 하나인 필터, 필터를 거친 채널, 이들을 섞은 특징 맵.`,
    note: (channels, side) =>
      `위에서부터 이 층의 채널 가운데 ${channels}개, 채널마다 하나인 3 × 3 필터, 필터를 거친 채널, 그리고 모든 채널을 섞어 만든 ${side} × ${side} 특징 맵 하나입니다. 필터와 선 모두 빨강은 양수, 파랑은 음수이고, 선이 굵을수록 특징 맵이 그 채널을 많이 씁니다.`,
    conclusion:
      '필터는 한쪽의 가장자리나 점처럼 저마다 한 가지를 찾고, 무엇을 함께 묶을지는 섞는 단계가 정합니다. 뒤로 갈수록 수 하나가 이미지의 더 넓은 부분을 나타내므로, 필터가 무엇을 찾는지 말하기 어려워집니다.',
  },

  experiment: {
    heading: '같은 네트워크, 두 가지 합성곱',
    intro:
      '논문은 한 네트워크에서 두 가지 합성곱을 비교합니다. 이 페이지도 채널 수를 4분의 1로 줄인 같은 MobileNet v1을 Fashion-MNIST에서 두 번 학습했습니다.',
    paper: '논문의 표 4: ImageNet의 MobileNet',
    ours: '이 페이지의 네트워크: 너비 4분의 1, Fashion-MNIST',
    training:
      '둘은 같은 스크립트로 학습했습니다. 분리 합성곱 쪽이 더 천천히 학습되므로 전체 이미지를 45번, 표준 합성곱 쪽은 20번 학습했습니다. 20번째에 분리 합성곱 쪽의 정확도는 92.85%였습니다.',
    standard: '표준',
    separable: '분리',
    share: '비율',
    measure: '항목',
    parameters: '파라미터',
    macs: '곱셈-덧셈(MAC)',
    file: '가중치 파일',
    accuracy: '정확도',
    conclusion: (parameters, macs, points, sign) =>
      `이 페이지의 분리 합성곱 네트워크는 파라미터의 ${parameters}, 곱셈-덧셈의 ${macs}만 쓰고, 정확도는 표준 합성곱보다 ${points}%p ${sign === 'below' ? '낮습니다' : '높습니다'}.`,
    bitsNote: (separable, standard) =>
      `분리 합성곱 네트워크의 파일은 수 하나를 ${separable}비트로, 표준 합성곱 쪽은 ${standard}비트로 저장하므로 파일 크기의 차이는 파라미터 수의 차이보다 작습니다.`,
    accuracyNote: (dataset) => `정확도: ${dataset}, 두 네트워크의 카드에 적힌 값입니다.`,
    missing: '이 페이지의 두 네트워크의 카드를 읽지 못했습니다.',
  },
};

export const words = { en: english, ko: korean };
