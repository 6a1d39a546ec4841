const english = {
  lead: 'A ResNeXt block does what a ResNet block does, along many narrow paths instead of one wide one. How many there are is its cardinality: a third dimension beside depth and width.',
  paper: 'The paper:',

  block: {
    heading: 'One block, more paths, the same cost',
    intro:
      'Each path takes the 256 channels down to d, looks at them with a 3 × 3 convolution, and brings them back to 256; the results are added up, and the input to them. With more paths each must be narrower to keep the cost. The slider has the settings of the paper’s table 2.',
    question:
      'All of these blocks have about 70,000 weights and need as many multiply-adds. Which one makes the fewest errors on ImageNet, in a network of 50 layers?',
    options: ['1 path of width 64', '4 paths of width 24', '32 paths of width 4'],
    answer: '32 paths of width 4',
    explanation: 'The more paths, the fewer errors, at the same cost. See what each setting changes:',
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

  learned: {
    heading: 'What paths have learned',
    intro: (accuracy: string) =>
      `A small ResNeXt of ours, trained on garments, with cardinality 8. Of 10,000 pictures that it had never seen it names ${accuracy} rightly. All paths of a block read the same maps, and each makes something else of them:`,
    stage: 'Stage',
    figure: (stage: number, paths: number) =>
      `The second block of stage ${stage} of the small ResNeXt: a map of its input, one of each of its ${paths} paths, and one of the sum.`,
    note: (paths: number, width: number, side: number) =>
      `From the top: the block’s input, its ${paths} paths after their 3 × 3 convolution, and the sum of what they bring back and the input. A path has ${width} maps of ${side} × ${side} here; each node shows the one of its maps that varies most.`,
    conclusion:
      'Nobody told the paths what to look for. Each began with other random weights, and so each mixes the input in its own way.',
  },

  same: {
    heading: 'Split, transform, merge: a grouped convolution',
    text: 'Written out, the paths are many small convolutions. But the last ones are added up, so they are one; and the first ones all read the same input, so they are one as well. What is left in the middle sees only its own path: a grouped convolution. The three forms of figure 3 give the same numbers from the same weights, and only the last one is run.',
    forms: { a: '(a) paths', b: '(b) joined at the end', c: '(c) grouped' },
    player: 'From one form to the next',
    many: (count: number, kernel: string, from: number, to: number) =>
      count === 1
        ? `1 convolution ${kernel}, ${from} → ${to}`
        : `${count} convolutions ${kernel}, ${from} → ${to} each`,
    one: (kernel: string, from: number, to: number) => `1 convolution ${kernel}, ${from} → ${to}`,
    grouped: (channels: number, groups: number) =>
      groups === 1
        ? `1 convolution 3 × 3, ${channels} → ${channels}`
        : `1 convolution 3 × 3, ${channels} → ${channels}, in ${groups} groups`,
    added: (count: number, from: number, to: number) =>
      count === 1
        ? `1 convolution 1 × 1, ${from} → ${to}`
        : `${count} convolutions 1 × 1, ${from} → ${to} each, added up`,
    convolutions: 'convolutions to run',
    drawn: (drawn: number, all: number) => `Of the ${all} paths ${drawn} are drawn.`,
    gpu: 'On a GPU narrow groups have a price: four channels are loaded at once, so groups of fewer than four leave part of each load unused.',
  },

  result: {
    heading: 'What it buys',
    text: 'Top-1 error on ImageNet’s validation pictures, from table 3 of the paper: ResNet with one path, and ResNeXt with more, all at the same cost.',
    errors: (of50: string, of101: string) => `Top-1 error with 50 layers ${of50}, with 101 layers ${of101} (table 3).`,
    figure: 'Top-1 error by cardinality',
    cardinalityAxis: 'Cardinality →',
    errorAxis: '↑ Top-1 error, %',
    layers: (depth: number) => `${depth} layers`,
  },
};

const korean: typeof english = {
  lead: 'ResNeXt 블록은 ResNet 블록이 하는 일을 넓은 경로 하나가 아니라 좁은 경로 여럿으로 나누어 합니다. 경로의 수를 카디널리티(cardinality)라고 하며, 깊이와 너비에 이은 세 번째 차원입니다.',
  paper: '논문:',

  block: {
    heading: '블록 하나, 더 많은 경로, 같은 비용',
    intro:
      '각 경로는 256채널을 d채널로 줄이고, 3 × 3 합성곱으로 살펴본 뒤 다시 256채널로 늘립니다. 그 결과를 모두 더하고 입력도 더합니다. 경로가 많아지면 비용을 유지하기 위해 각 경로는 좁아져야 합니다. 슬라이더는 논문의 표 2에 있는 설정을 따릅니다.',
    question:
      '아래 블록들은 모두 가중치가 약 7만 개이고 곱셈-덧셈(MAC) 수도 비슷합니다. 50층 네트워크에서 ImageNet 오류가 가장 적은 것은 무엇일까요?',
    options: ['너비 64인 경로 1개', '너비 24인 경로 4개', '너비 4인 경로 32개'],
    answer: '너비 4인 경로 32개',
    explanation: '같은 비용이라면 경로가 많을수록 오류가 적습니다. 설정을 바꾸며 살펴보세요.',
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
    macs: '56 × 56에서의 곱셈-덧셈(MAC)',
    counted: '가중치와 곱셈-덧셈은 이 엔진이 실행할 블록의 계획에서 읽은 값입니다.',
  },

  learned: {
    heading: '각 경로가 배운 것',
    intro: (accuracy) =>
      `직접 의류 이미지로 학습한, 카디널리티 8의 작은 ResNeXt입니다. 학습에 쓰지 않은 이미지 10,000장에 대한 정확도는 ${accuracy}입니다. 한 블록의 경로들은 모두 같은 특징 맵을 읽지만, 저마다 다른 것을 만들어 냅니다:`,
    stage: '스테이지',
    figure: (stage, paths) =>
      `작은 ResNeXt의 스테이지 ${stage}, 두 번째 블록: 입력의 특징 맵, 경로 ${paths}개의 특징 맵, 합의 특징 맵.`,
    note: (paths, width, side) =>
      `위에서부터 블록의 입력, 3 × 3 합성곱을 지난 경로 ${paths}개, 그리고 경로들의 결과와 입력을 더한 합입니다. 여기서 경로마다 ${side} × ${side} 특징 맵이 ${width}개 있고, 각 노드에는 그중 값의 변화가 가장 큰 것이 있습니다.`,
    conclusion:
      '무엇을 보라고 경로에 알려 준 사람은 없습니다. 경로마다 무작위로 정한 초깃값이 달라, 저마다 입력을 다르게 섞습니다.',
  },

  same: {
    heading: '나누고, 바꾸고, 합치기: 그룹 합성곱',
    text: '그대로 쓰면 경로들은 작은 합성곱 여럿입니다. 그러나 마지막 합성곱들은 서로 더해지므로 하나와 같고, 첫 합성곱들은 모두 같은 입력을 읽으므로 역시 하나와 같습니다. 가운데에 남는 것은 자기 경로만 보는 합성곱, 곧 그룹 합성곱입니다. 논문 그림 3의 세 형태는 같은 가중치로 같은 결과를 내며, 실제로는 마지막 형태만 실행합니다.',
    forms: { a: '(a) 경로들', b: '(b) 끝을 하나로', c: '(c) 그룹 합성곱' },
    player: '한 형태에서 다음 형태로',
    many: (count, kernel, from, to) => `${kernel} 합성곱 ${count}개, 각각 ${from} → ${to}`,
    one: (kernel, from, to) => `${kernel} 합성곱 1개, ${from} → ${to}`,
    grouped: (channels, groups) =>
      groups === 1
        ? `3 × 3 합성곱 1개, ${channels} → ${channels}`
        : `3 × 3 합성곱 1개, ${channels} → ${channels}, 그룹 ${groups}개`,
    added: (count, from, to) =>
      count === 1 ? `1 × 1 합성곱 1개, ${from} → ${to}` : `1 × 1 합성곱 ${count}개, 각각 ${from} → ${to}, 모두 더함`,
    convolutions: '실행할 합성곱 수',
    drawn: (drawn, all) => `경로 ${all}개 가운데 ${drawn}개를 그렸습니다.`,
    gpu: 'GPU에서는 좁은 그룹이 손해입니다. 채널을 한 번에 네 개씩 읽으므로, 그룹이 네 채널보다 좁으면 읽은 것의 일부가 쓰이지 않습니다.',
  },

  result: {
    heading: '무엇이 좋아지나',
    text: '논문의 표 3에 있는 ImageNet 검증 이미지의 top-1 오류율입니다. 경로가 하나면 ResNet, 여럿이면 ResNeXt이며 비용은 모두 같습니다.',
    errors: (of50, of101) => `top-1 오류율은 50층에서 ${of50}, 101층에서 ${of101}입니다(표 3).`,
    figure: '카디널리티와 top-1 오류율',
    cardinalityAxis: '카디널리티 →',
    errorAxis: '↑ Top-1 오류율, %',
    layers: (depth) => `${depth}층`,
  },
};

export const words = { en: english, ko: korean };
