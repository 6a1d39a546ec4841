import { withJosa } from '../shared/strings/josa.ts';

const english = {
  lead: 'Every network that Linnet builds, side by side: what it needs, how well it sees, and how long it takes on this machine.',

  table: {
    heading: 'Networks in numbers',
    intro:
      'All numbers but the accuracy come from the plans, for WebGPU’s default limits: nothing was downloaded for them. Pictures are 224 × 224, for U-Net, which marks pixels instead of naming pictures, 256 × 256. Activations are what lies in memory between the layers: as planned, where tensors share it, and unshared, where each has its own. Press a heading to sort.',
    label: 'Networks, scrollable',
    planning: 'Planning …',
    measured: 'Measure',
    sort: 'Sort by',
    copy: 'Copy as CSV',
    copied: 'Copied',
    measure: (name: string) => `Measure ${name}`,
    segmenter: 'segments',
    columns: {
      name: 'Network',
      top1: 'Top-1',
      macs: 'Multiply-adds',
      parameters: 'Parameters',
      planned: 'Activations',
      separate: 'Unshared',
      weights: 'Weights',
      dispatches: 'Dispatches',
      pipelines: 'Pipelines',
      time: 'Time here',
    },
    terms:
      'A multiply-add is a weight times a value, added to a sum. Dispatches are programs that the GPU is told to run, one after another; pipelines are the different ones among them.',
    sources:
      'Top-1 is the share of ImageNet’s validation pictures whose first guess is right, as published: by torchvision for its first weights (IMAGENET1K_V1), for MobileNet v1 by the paper. Each number links to its source. Training differs between them, so a point more or less says little about an architecture; the weights that Try it downloads are timm’s, with another accuracy.',
  },

  measure: {
    start: 'Measure the ticked networks',
    progress: (number: number, of: number) => `${number} of ${of}`,
    waiting: 'waiting',
    compiling: 'compiling …',
    running: 'running …',
    note: 'A ticked network is filled with random weights, which take as long as trained ones, and is run a few times; the time is the median, from the tensor to the result in the page. It is freed before the next one begins. Large weights are not ticked by themselves: a phone may have no room for them.',
    more: 'Where the time goes, kernel by kernel',
    withoutGpu:
      'Times are missing: with WebGPU, this page runs each network here and measures it. What is above needs no GPU.',
  },

  figures: {
    accuracy: 'Accuracy against cost',
    accuracyAxis: '↑ Top-1, %',
    against: 'Against',
    macs: 'Multiply-adds',
    time: 'Time here',
    macsAxis: 'Multiply-adds →',
    timeAxis: 'Time here, ms →',
    separable: 'depthwise separable convolutions',
    full: 'others',
    memory: 'Memory for activations',
    ofMemory: (planned: string, own: string) => `${planned} of ${own}`,
    planned: 'as planned',
    own: 'every tensor its own',
  },

  picture: {
    heading: 'On one picture',
    intro:
      'The networks that lie on this page answer, and those that were downloaded in Try it. The rest of ImageNet’s weights are large, and not part of it.',
    network: 'Network',
    answer: 'Says',
    time: 'Time here',
    opening: 'Making the networks ready …',
    answered: (answers: number, networks: number) => `${answers} of ${networks} networks have answered …`,
    onlyGarments: (label: string) => `${label}, it would say: it knows ten grey garments and nothing else.`,
    another: 'Choose another picture or network',
    beforehandHeading: 'On some pictures',
    beforehand:
      'Computed beforehand, since there is no GPU here: what some networks say of the page’s samples. With WebGPU each network on this page answers for a picture of your own.',
    shown: 'Picture',
  },
};

const korean: typeof english = {
  lead: 'Linnet이 만들 수 있는 모든 네트워크를 나란히 놓았습니다. 무엇이 얼마나 필요한지, 얼마나 잘 알아보는지, 이 기기에서 얼마나 걸리는지 비교합니다.',

  table: {
    heading: '숫자로 보는 네트워크',
    intro:
      '정확도를 뺀 모든 숫자는 WebGPU의 기본 한도에 맞춘 실행 계획에서 나온 것으로, 아무것도 내려받지 않았습니다. 입력은 224 × 224이며, 이미지의 이름 대신 픽셀을 구분하는 U-Net만 256 × 256입니다. 활성값은 층 사이에서 메모리에 놓이는 값으로, 텐서들이 자리를 나누어 쓰는 계획과 텐서마다 자리를 따로 두는 경우를 함께 적었습니다. 열 제목을 누르면 정렬됩니다.',
    label: '네트워크 표, 스크롤할 수 있음',
    planning: '계획을 세우는 중입니다 …',
    measured: '측정',
    sort: '정렬 기준',
    copy: 'CSV로 복사',
    copied: '복사했습니다',
    measure: (name) => `${name} 측정`,
    segmenter: '분할용',
    columns: {
      name: '네트워크',
      top1: 'Top-1',
      macs: '곱셈-덧셈(MAC)',
      parameters: '파라미터',
      planned: '활성값 메모리',
      separate: '따로 두면',
      weights: '가중치',
      dispatches: '디스패치',
      pipelines: '파이프라인',
      time: '이 기기에서',
    },
    terms:
      '곱셈-덧셈(MAC)은 값에 가중치를 곱해 합에 더하는 연산입니다. 디스패치는 GPU에 차례로 맡기는 프로그램 실행이고, 파이프라인은 그중 서로 다른 프로그램입니다.',
    sources:
      'Top-1은 ImageNet 검증 이미지 가운데 첫 번째 답이 맞은 비율입니다. torchvision이 처음 공개한 가중치(IMAGENET1K_V1)의 값이며, MobileNet v1은 논문의 값입니다. 숫자를 누르면 출처로 갑니다. 학습 방법이 서로 다르므로 1%p 안팎의 차이로 구조의 우열을 말하기는 어렵습니다. ‘써 보기’에서 내려받는 가중치는 timm이 따로 학습한 것이라 정확도가 다릅니다.',
  },

  measure: {
    start: '선택한 네트워크 측정하기',
    progress: (number, of) => `${of}개 중 ${number}번째`,
    waiting: '기다리는 중',
    compiling: '컴파일 중 …',
    running: '실행 중 …',
    note: '선택한 네트워크를 무작위 가중치로 채워 몇 번 실행합니다. 걸리는 시간은 학습된 가중치와 같습니다. 텐서를 넣은 때부터 결과가 페이지에 돌아올 때까지를 재어 중앙값을 적고, 다음 네트워크로 넘어가기 전에 메모리를 비웁니다. 가중치가 큰 네트워크는 휴대전화의 메모리가 모자랄 수 있어 처음에는 선택되어 있지 않습니다.',
    more: '시간이 어디에 쓰이는지 커널별로 보기',
    withoutGpu:
      '시간은 빠져 있습니다. WebGPU가 있으면 네트워크를 이 기기에서 직접 실행해 시간을 잽니다. 위의 숫자에는 GPU가 필요하지 않습니다.',
  },

  figures: {
    accuracy: '비용과 정확도',
    accuracyAxis: '↑ Top-1, %',
    against: '가로축',
    macs: '곱셈-덧셈(MAC)',
    time: '이 기기에서 걸린 시간',
    macsAxis: '곱셈-덧셈(MAC) →',
    timeAxis: '이 기기에서 걸린 시간, ms →',
    separable: '깊이별 분리 합성곱',
    full: '그 밖의 네트워크',
    memory: '활성값 메모리',
    ofMemory: (planned, own) => `${own} 중 ${planned}`,
    planned: '계획대로 나누어 쓸 때',
    own: '텐서마다 따로 둘 때',
  },

  picture: {
    heading: '같은 이미지에 대한 답',
    intro:
      '이 페이지에 들어 있는 네트워크와 ‘써 보기’에서 내려받은 네트워크가 답합니다. 나머지 ImageNet 가중치는 커서 페이지에 들어 있지 않습니다.',
    network: '네트워크',
    answer: '답',
    time: '이 기기에서',
    opening: '네트워크를 준비하는 중입니다 …',
    answered: (answers, networks) => `네트워크 ${networks}개 중 ${answers}개가 답했습니다 …`,
    onlyGarments: (label) => `${withJosa(label, '이라고', '라고')} 하겠지만, 이 네트워크는 흑백 의류 열 가지만 압니다.`,
    another: '다른 이미지나 네트워크 고르기',
    beforehandHeading: '몇몇 이미지에 대한 답',
    beforehand:
      'GPU가 없어 미리 계산해 둔 답입니다. 네트워크 몇 개가 이 페이지의 예시를 무엇이라고 하는지 보여 줍니다. WebGPU가 있으면 페이지의 모든 네트워크가 내 이미지에도 답합니다.',
    shown: '이미지',
  },
};

export const words = { en: english, ko: korean };
