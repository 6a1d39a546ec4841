const english = {
  lead: 'A ResNeXt block does what a ResNet block does, along many narrow paths instead of one wide one. How many there are is its cardinality: a third dimension beside depth and width.',
  paper: 'The paper:',

  block: {
    heading: 'One block, more paths, the same cost',
    intro:
      'Each path takes the 256 channels down to d, looks at them with a 3 × 3 convolution, and brings them back to 256; the results are added up, and the input to them. With more paths each must be narrower to keep the cost. The slider does what table 2 of the paper does.',
    cardinality: 'Cardinality',
    paths: (cardinality: number, width: number) =>
      cardinality === 1 ? `1 path of width ${width}: ResNet’s block` : `${cardinality} paths of width ${width}`,
    figure: (cardinality: number, width: number) =>
      `The block: 256 channels, then ${cardinality} times ${width}, then 256 again. Widths are to scale.`,
    matrix: (cardinality: number) =>
      cardinality === 1
        ? 'Which channels the 3 × 3 convolution connects: all with all.'
        : `Which channels the 3 × 3 convolution connects: only those of one path, ${cardinality} blocks on the diagonal.`,
    measure: 'Measure',
    here: 'This block',
    resNet: 'ResNet’s block',
    inner: 'Channels inside',
    weights: 'Weights',
    macs: 'Multiply-adds at 56 × 56',
    counted: 'Weights and multiply-adds are read from the plan of the block, as this engine would run it.',
  },

  same: {
    heading: 'Split, transform, merge: a grouped convolution',
    text: 'Written out, the paths would be a hundred small convolutions. But the first ones all read the same input, so they are one 1 × 1 convolution; the last ones are added up, so they are one as well. What is left in the middle sees only its own path: a grouped convolution (figure 3 of the paper). The three forms give the same numbers, and only the last is run.',
    gpu: 'On a GPU narrow groups have a price: four channels are loaded at once, so groups of fewer than four leave part of each load unused.',
  },

  result: {
    heading: 'What it buys',
    text: 'At the same cost, more paths give better results than more width: on ImageNet, ResNet-50 has a top-1 error of 23.9 %, ResNeXt-50 (32 paths of width 4) 22.2 % (table 3 of the paper).',
  },
};

const korean: typeof english = {
  lead: 'ResNeXt 블록은 ResNet 블록이 하는 일을 넓은 경로 하나가 아니라 좁은 경로 여럿으로 나누어 합니다. 경로의 수를 카디널리티라고 하며, 깊이와 너비에 이은 세 번째 차원입니다.',
  paper: '논문:',

  block: {
    heading: '블록 하나, 더 많은 경로, 같은 비용',
    intro:
      '각 경로는 256채널을 d채널로 줄이고, 3 × 3 합성곱으로 살펴본 뒤 다시 256채널로 늘립니다. 그 결과를 모두 더하고 입력도 더합니다. 경로가 많아지면 비용을 유지하기 위해 각 경로는 좁아져야 합니다. 슬라이더는 논문의 표 2와 같은 일을 합니다.',
    cardinality: '카디널리티',
    paths: (cardinality: number, width: number) =>
      cardinality === 1 ? `너비 ${width}인 경로 1개: ResNet의 블록` : `너비 ${width}인 경로 ${cardinality}개`,
    figure: (cardinality: number, width: number) =>
      `블록의 모습: 256채널, 이어서 ${width}채널이 ${cardinality}개, 다시 256채널. 너비는 채널 수에 비례합니다.`,
    matrix: (cardinality: number) =>
      cardinality === 1
        ? '3 × 3 합성곱이 연결하는 채널: 모든 채널을 서로 연결합니다.'
        : `3 × 3 합성곱이 연결하는 채널: 같은 경로의 채널끼리만 연결하므로 대각선에 블록 ${cardinality}개가 놓입니다.`,
    measure: '항목',
    here: '이 블록',
    resNet: 'ResNet의 블록',
    inner: '안쪽 채널',
    weights: '가중치',
    macs: '56 × 56에서의 곱셈-덧셈',
    counted: '가중치와 곱셈-덧셈은 이 엔진이 실행할 블록의 계획에서 읽은 값입니다.',
  },

  same: {
    heading: '나누고, 바꾸고, 합치기: 그룹 합성곱',
    text: '그대로 쓰면 경로들은 작은 합성곱 백여 개가 됩니다. 그러나 첫 합성곱들은 모두 같은 입력을 읽으므로 1 × 1 합성곱 하나와 같고, 마지막 합성곱들은 서로 더해지므로 역시 하나와 같습니다. 가운데에 남는 것은 자기 경로만 보는 합성곱, 곧 그룹 합성곱입니다(논문의 그림 3). 세 형태의 결과는 같으며 실제로는 마지막 형태만 실행합니다.',
    gpu: 'GPU에서는 좁은 그룹에 대가가 있습니다. 채널을 한 번에 네 개씩 읽으므로, 그룹이 네 채널보다 좁으면 읽은 것의 일부가 쓰이지 않습니다.',
  },

  result: {
    heading: '얻는 것',
    text: '비용이 같다면 너비를 늘리는 것보다 경로를 늘리는 것이 낫습니다. ImageNet에서 ResNet-50의 top-1 오류율은 23.9 %, ResNeXt-50(너비 4인 경로 32개)은 22.2 %입니다(논문의 표 3).',
  },
};

export const words = { en: english, ko: korean };
