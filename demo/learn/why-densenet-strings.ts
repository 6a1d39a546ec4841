import { withJosa } from '../shared/strings/josa.ts';

const english = {
  lead: 'In a DenseNet every layer sees what all layers before it in its block have made, and adds a few channels of its own. So a block is one tensor that grows.',
  paper: 'The paper:',

  growing: {
    heading: 'Every layer sees all before it',
    intro:
      'In a chain, a layer reads what the layer before it has made. In a dense block it reads the block’s input and what all layers before it have made. Play the block, layer by layer:',
    layerNamed: (layer: number, layers: number) => `Layer ${layer} of ${layers}`,
    reading: (layer: number) =>
      layer === 1
        ? 'reads the block’s input.'
        : `reads the block’s input and ${layer - 1 === 1 ? 'the layer' : `all ${layer - 1} layers`} before it.`,
    connections: (layer: number, connections: number) =>
      `${connections} connections among the first ${layer} layers of the block.`,
    connectionsNote:
      'As figure 1 of the paper: the block’s input on the left, then its layers. L layers have L (L + 1) / 2 connections; in a chain they have L.',
    tensor: 'The growing tensor',
    tensorText:
      'To put maps side by side is usually to copy them: a concatenation reads all channels so far and writes them again, once for each layer. Linnet gives the tensor its full size from the start, and each layer writes its channels behind the others. What you see is read from the plan that would run, at 224 × 224.',
    network: 'Network',
    networkOf: (depth: number) => `DenseNet-${depth}`,
    block: 'Block',
    blockOf: (block: number, layers: number) => `${block} (${layers} layers)`,
    layer: 'Layer',
    layerOf: (layer: number, layers: number) => `${layer} of ${layers}`,
    figure: (layer: number, read: number, first: number, last: number, channels: number) =>
      `Layer ${layer} reads channels 1 to ${read} and writes channels ${first} to ${last} of ${channels}.`,
    scale: (channels: number, height: number, width: number) =>
      `A row for each layer; its width is the tensor’s ${channels} channels of ${height} × ${width}.`,
    reads: (first: number, last: number) => `reads channels ${first} to ${last}`,
    writes: (first: number, last: number) => `writes channels ${first} to ${last}`,
    begins: (channels: number) => `wrote the ${channels} channels that the block begins with`,
    later: 'not written yet',
    filled: 'of the tensor are filled',
    ofTensor: (bytes: string) => `${bytes} once the block is done`,
    copied: 'concatenation would have moved so far',
    copiedNote: 'all channels so far, read and written, after each layer',
    here: 'are copied here',
    hereNote: (copies: number) =>
      copies === 0 ? 'the plan has no copy kernel' : `copy kernels in the plan: ${copies}`,
  },

  learned: {
    heading: 'What layers have learned',
    intro: (accuracy: string) =>
      `A small DenseNet of ours, trained on garments: three blocks of five layers, each of which adds 8 channels. Of 10,000 pictures that it had never seen it names ${accuracy} rightly. Each node shows what the layer adds for the sample:`,
    block: 'Its block',
    blockOf: (block: number, layers: number) => `${block} (${layers} layers)`,
    layer: 'Layer that reads',
    figure: (block: number, layers: number) =>
      `Block ${block} of the small DenseNet: its input and ${layers} layers, each with a map that it adds, and lines from what the chosen layer reads.`,
    note: 'In each node, of its maps the one that varies most. The wider a line, the stronger the chosen layer reads there: the mean absolute value of its weights, as in figure 5 of the paper.',
    reads: (layer: number, strongest: number) =>
      `Layer ${layer} reads most strongly ${strongest === 0 ? 'the block’s input' : `layer ${strongest}`}.`,
    readsInput: (layer: number) => `Layer ${layer} reads the block’s input.`,
    maps: (layer: number, maps: number, side: number) =>
      `All ${maps} maps that layer ${layer} adds, of ${side} × ${side} pixels`,
  },

  totals: {
    heading: 'The whole network',
    intro: (name: string, copied: string, traffic: string) =>
      `Over all blocks of ${name}, concatenation would have moved ${copied}. For comparison: all kernels of the plan together read and write ${traffic} of activations.`,
    label: 'Blocks of the network',
    block: 'Block',
    map: 'Map',
    layers: 'Layers',
    channels: 'Channels',
    tensor: 'Tensor',
    copied: 'Concatenation',
    here: 'Here',
    all: 'All',
    note: 'Concatenation is counted as one copy after each layer, read and written. Training has more such copies, which the authors’ own later report shows how to share:',
    report: 'Memory-Efficient Implementation of DenseNets',
  },

  ideas: {
    heading: 'Four key ideas',
    reuse: 'Feature reuse',
    reuseText:
      'A ResNet adds a layer’s result to its input and hands on the sum. A DenseNet keeps both, side by side (equation 2). A later layer can read an early feature as it was, so no layer has to learn again, or carry along, what another has found. In training, the loss reaches every layer by a short way.',
    growth: 'Growth rate',
    growthText: (growthRate: number) =>
      `Each layer adds only k channels: here k = ${growthRate}. That is narrow, and enough, because a layer can read everything made before it.`,
    bottleneck: 'Bottleneck',
    bottleneckText: (growthRate: number) =>
      `A 1 × 1 convolution first brings all channels so far down to 4k = ${4 * growthRate}; the 3 × 3 convolution then makes k of those. So the dear one costs the same in every layer of a block.`,
    transition: 'Transition',
    transitionText:
      'Maps can lie side by side only if they have one size. Between blocks a 1 × 1 convolution keeps half of the channels, and a 2 × 2 average halves height and width.',
    prologue:
      'Batch normalization comes before a convolution here, and each reader has its own, so it cannot be folded into the layer that wrote the channels. The kernels of this engine apply it, and the ReLU, while they read: no normalized copy of the tensor is made either.',
  },

  resNet: {
    heading: 'Accuracy for each parameter',
    question:
      'ResNet-50 has 25.6M parameters, and 76.13% of its first guesses on ImageNet are right. How many parameters has the smallest DenseNet that comes within one percentage point of it?',
    options: ['14M', '20M', '29M'],
    answer: '14M',
    explanation: 'DenseNet-169 has 14.1M, and 75.6% of its guesses are right.',
    figure: 'Accuracy against parameters',
    parametersAxis: 'Parameters, M →',
    accuracyAxis: '↑ Top-1, %',
    table: (name: string) => `${name} beside ResNet-50`,
    measure: 'Measure',
    parameters: 'Parameters',
    macs: 'Multiply-adds',
    accuracy: 'Accuracy, ImageNet',
    dispatches: 'Dispatches',
    memory: 'Activation memory, planned',
    traffic: 'Activations read and written',
    conclusion: (name: string, parameters: string, macs: string, points: string, sign: 'below' | 'above') =>
      `${name} has ${parameters} of ResNet-50’s parameters, needs ${macs} of its multiply-adds, and is ${points} percentage points ${sign} it in accuracy.`,
    caveat: (traffic: string, withCopies: string) =>
      `Few parameters are not the same as little time: a DenseNet runs many more and smaller kernels, one after another. With a concatenation after each layer its kernels would read and write ${withCopies} of activations instead of ${traffic}. Its gain is what it gets out of each weight.`,
    source: 'Accuracy: top-1 of the first weights that torchvision published for each, one central crop.',
    sourceLink: 'torchvision’s table',
  },
};

const korean: typeof english = {
  lead: 'DenseNet의 각 층은 같은 블록 안에서 앞선 모든 층이 만든 결과를 보고, 자신의 채널을 조금씩 덧붙입니다. 그래서 블록 하나는 점점 자라나는 텐서 하나가 됩니다.',
  paper: '논문:',

  growing: {
    heading: '모든 층이 앞의 모든 층을 봅니다',
    intro:
      '한 줄로 이어진 네트워크에서 층은 바로 앞 층의 결과를 읽습니다. 밀집 블록(dense block)에서는 블록의 입력과 앞선 모든 층의 결과를 읽습니다. 층을 하나씩 재생해 보세요.',
    layerNamed: (layer, layers) => `${layers}개 층 중 ${layer}번째 층`,
    reading: (layer) =>
      layer === 1 ? '블록의 입력을 읽습니다.' : `블록의 입력과 앞선 층 ${layer - 1}개를 모두 읽습니다.`,
    connections: (layer, connections) => `블록의 처음 ${layer}개 층 사이의 연결 ${connections}개.`,
    connectionsNote:
      '논문의 그림 1처럼 왼쪽 끝이 블록의 입력이고 이어서 층들이 있습니다. 층이 L개면 연결은 L (L + 1) / 2개이고, 한 줄로 이으면 L개입니다.',
    tensor: '자라나는 텐서',
    tensorText:
      '특징 맵을 나란히 이어 붙이려면 보통 복사를 합니다. 이어 붙이기(concatenation)가 층마다 지금까지의 채널을 모두 읽어 다시 쓰는 것입니다. Linnet은 처음부터 블록 전체가 들어갈 크기로 텐서를 잡고, 각 층이 자기 채널을 그 뒤에 바로 씁니다. 아래 그림은 224 × 224 입력으로 실제 실행될 계획에서 읽은 것입니다.',
    network: '네트워크',
    networkOf: (depth) => `DenseNet-${depth}`,
    block: '블록',
    blockOf: (block, layers) => `${block} (${layers}개 층)`,
    layer: '층',
    layerOf: (layer, layers) => `${layers}개 중 ${layer}번째`,
    figure: (layer, read, first, last, channels) =>
      `${layer}번째 층은 전체 ${channels}개 채널 중 1~${read}번을 읽고 ${first}~${last}번을 씁니다.`,
    scale: (channels, height, width) =>
      `한 줄이 한 층이고, 줄의 너비는 크기 ${height} × ${width}인 채널 ${channels}개를 나타냅니다.`,
    reads: (first, last) => `커널이 ${first}~${last}번 채널을 읽습니다`,
    writes: (first, last) => `커널이 ${first}~${last}번 채널을 씁니다`,
    begins: (channels) => `커널이 블록의 처음 ${channels}개 채널을 썼습니다`,
    later: '아직 쓰지 않은 채널',
    filled: '텐서에서 채워진 양',
    ofTensor: (bytes) => `블록이 끝나면 ${bytes}`,
    copied: '이어 붙이기가 지금까지 옮겼을 양',
    copiedNote: '층마다 지금까지의 모든 채널을 읽고 쓴 양',
    here: '이 엔진이 복사한 양',
    hereNote: (copies) => (copies === 0 ? '계획에 복사 커널이 없습니다' : `계획의 복사 커널: ${copies}개`),
  },

  learned: {
    heading: '각 층이 배운 것',
    intro: (accuracy) =>
      `직접 의류 이미지로 학습한 작은 DenseNet입니다. 다섯 층짜리 블록이 세 개이고, 층마다 8채널씩 덧붙입니다. 학습에 쓰지 않은 이미지 10,000장에 대한 정확도는 ${accuracy}입니다. 각 노드는 예시에 대해 그 층이 덧붙인 특징 맵을 보여 줍니다:`,
    block: '볼 블록',
    blockOf: (block, layers) => `${block} (${layers}층)`,
    layer: '읽는 층',
    figure: (block, layers) =>
      `작은 DenseNet의 블록 ${block}: 입력과 ${layers}개 층, 각 층이 덧붙인 특징 맵, 그리고 선택한 층이 읽는 곳에서 오는 선.`,
    note: '각 노드에는 특징 맵 가운데 값의 변화가 가장 큰 것이 있습니다. 선이 굵을수록 선택한 층이 그곳을 강하게 읽습니다. 논문 그림 5처럼 가중치 절댓값의 평균입니다.',
    reads: (layer, strongest) =>
      `${layer}번째 층이 가장 강하게 읽는 것은 ${strongest === 0 ? '블록의 입력' : `${strongest}번째 층`}입니다.`,
    readsInput: (layer) => `${layer}번째 층은 블록의 입력을 읽습니다.`,
    maps: (layer, maps, side) => `${layer}번째 층이 덧붙인 ${side} × ${side}픽셀 특징 맵 ${maps}개 전부`,
  },

  totals: {
    heading: '네트워크 전체',
    intro: (name, copied, traffic) =>
      `${name}의 모든 블록에서 이어 붙이기는 ${copied}를 옮겼을 것입니다. 참고로 계획의 모든 커널이 읽고 쓰는 활성값을 합하면 ${traffic}입니다.`,
    label: '네트워크의 블록',
    block: '블록',
    map: '특징 맵',
    layers: '층',
    channels: '채널',
    tensor: '텐서',
    copied: '이어 붙이기',
    here: '이 엔진',
    all: '전체',
    note: '이어 붙이기는 층마다 한 번씩 읽고 쓰는 복사로 셌습니다. 학습할 때는 이런 복사가 더 많으며, 이를 공유하는 방법은 저자들의 후속 보고서에 있습니다:',
    report: 'Memory-Efficient Implementation of DenseNets',
  },

  ideas: {
    heading: '네 가지 핵심 아이디어',
    reuse: '특징 재사용(feature reuse)',
    reuseText:
      'ResNet은 층의 결과를 입력에 더해 그 합을 넘깁니다. DenseNet은 둘을 더하지 않고 나란히 둡니다(식 2). 뒤의 층이 앞의 특징을 원래 모습 그대로 읽을 수 있으므로, 이미 찾은 특징을 다시 배우거나 계속 옮겨 나를 필요가 없습니다. 학습할 때는 손실이 짧은 경로로 모든 층에 닿습니다.',
    growth: '성장률(growth rate)',
    growthText: (growthRate) =>
      `각 층은 채널을 k개만 덧붙입니다. 이 네트워크에서는 k = ${growthRate}입니다. 층이 좁아도 앞에서 만든 모든 것을 읽을 수 있으므로 충분합니다.`,
    bottleneck: '병목(bottleneck)',
    bottleneckText: (growthRate) =>
      `먼저 1 × 1 합성곱이 지금까지의 모든 채널을 4k = ${4 * growthRate}개로 줄이고, 3 × 3 합성곱이 여기서 k개를 만듭니다. 그래서 비싼 3 × 3 합성곱의 비용이 블록 안의 모든 층에서 같습니다.`,
    transition: '전이 층(transition)',
    transitionText:
      '특징 맵은 크기가 같아야 나란히 둘 수 있습니다. 블록과 블록 사이에서 1 × 1 합성곱이 채널을 절반만 남기고, 2 × 2 평균 풀링이 높이와 너비를 절반으로 줄입니다.',
    prologue:
      '여기서는 배치 정규화가 합성곱보다 앞에 있고 읽는 층마다 정규화가 다르므로, 채널을 쓴 층에 미리 합칠 수 없습니다. 이 엔진의 커널은 읽으면서 정규화와 ReLU를 적용합니다. 그래서 정규화된 텐서의 사본도 만들지 않습니다.',
  },

  resNet: {
    heading: '파라미터당 정확도',
    question:
      'ResNet-50은 파라미터가 25.6M개이고 ImageNet에서 첫 번째 답의 76.13%가 맞습니다. 정확도가 그와 1%p 안에 드는 가장 작은 DenseNet의 파라미터는 몇 개일까요?',
    options: ['14M', '20M', '29M'],
    answer: '14M',
    explanation: 'DenseNet-169는 파라미터가 14.1M개이고 정확도가 75.6%입니다.',
    figure: '파라미터 수와 정확도',
    parametersAxis: '파라미터, M →',
    accuracyAxis: '↑ Top-1, %',
    table: (name) => `${withJosa(name, '과', '와')} ResNet-50`,
    measure: '항목',
    parameters: '파라미터',
    macs: '곱셈-덧셈(MAC)',
    accuracy: '정확도(ImageNet)',
    dispatches: '디스패치',
    memory: '계획된 활성값 메모리',
    traffic: '읽고 쓰는 활성값',
    conclusion: (name, parameters, macs, points, sign) =>
      `${name}의 파라미터는 ResNet-50의 ${parameters}, 곱셈-덧셈(MAC)은 ${macs}이고, 정확도는 ${points}%p ${sign === 'below' ? '낮습니다' : '높습니다'}.`,
    caveat: (traffic, withCopies) =>
      `파라미터가 적다고 시간도 적게 드는 것은 아닙니다. DenseNet은 작은 커널을 훨씬 많이, 하나씩 차례로 실행합니다. 층마다 이어 붙인다면 커널이 읽고 쓰는 활성값은 ${traffic}가 아니라 ${withCopies}가 됩니다. DenseNet의 장점은 가중치 하나하나에서 더 많은 것을 얻는다는 데 있습니다.`,
    source: '정확도: torchvision이 각 네트워크에 대해 처음 공개한 가중치의 top-1, 가운데를 한 번 잘라 잰 값입니다.',
    sourceLink: 'torchvision의 표',
  },
};

export const words = { en: english, ko: korean };
