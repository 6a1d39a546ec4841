import { withJosa } from '../shared/strings/josa.ts';

const english = {
  lead: 'A U-Net says of each pixel what it belongs to. One path shrinks the picture to learn what is in it, the other brings the resolution back, and at each level a skip hands over where things are.',
  paper: 'The paper:',

  skips: {
    heading: 'What a skip is worth',
    intro:
      'These small U-Nets were trained for this page to cut drawings out of their backgrounds. They never saw the drawings below.',
    samples: 'Drawings',
    yours: 'Your picture',
    hint: 'Or drop a picture anywhere on this page.',
    show: 'Show',
    overlay: 'Mask over the picture',
    cutout: 'Cut out',
    original: 'The picture',
    truth: 'The truth',
    truthNote: 'The truth is known, since the drawings were laid on their backgrounds for this page.',
    trained: 'A U-Net’s mask',
    never: 'Trained without skips',
    neverNote: 'A network of its own that never had any.',
    /** How well a mask matches the truth. */
    match: (iou: string) => `IoU ${iou}`,
    iou: 'IoU is intersection over union: of the pixels that the mask or the truth calls the drawing’s, the share on which both agree. 1 is perfect.',
    question: 'Now all four skips of this network are cut. Its weights stay as they are. What is left of the mask?',
    options: ['nearly the same mask', 'a blur in about the right place', 'nothing'],
    answer: 'a blur in about the right place',
    explanation:
      'What passes through the 8 × 8 map at the bottom still knows that there is something, and roughly where. Its outline came with the skips. Bring them back one by one:',
    working: 'Loading the networks …',
    beforehand:
      'Computed beforehand, since there is no GPU here: a skip is there or cut, and the maps are those with all skips.',
    noMask: 'Nothing was computed beforehand for this picture: its masks need WebGPU. The drawings above have theirs.',
    conclusion: 'Skips carry the outlines.',
    explanationNever:
      'A network whose skips are cut relies on something that is no longer there: it shows what its skips carry, not how good a U-Net without skips can be. That is what this one shows. It has learned to do without, but the place of every edge has to pass through the 8 × 8 map at the bottom, so its outlines are coarser.',
    measured: 'From few drawings',
    measuredIntro:
      'The paper’s point is that a U-Net learns from few pictures, if they are varied by strong augmentation. Here is how well each network’s masks match on 200 drawings kept apart: the mean IoU, computed by this engine in a browser.',
    drawings: 'Drawings to learn from',
    withSkips: 'With skips',
    withoutSkips: 'Without',
  },

  u: {
    label: 'The network as a U, with a slider for each skip',
    result: 'The mask',
    skip: (level: number) => `Skip ${level}`,
    strength: (level: number, percent: string) => `Skip ${level}: ${percent}`,
    all: 'All skips',
    none: 'No skips',
    level: (level: number) => `Level ${level}`,
    bottom: 'Bottom',
    ofChannels: (channels: number, size: number) => `${channels} × ${size}²`,
    mapsLabel: (name: string) => `Feature maps of ${name}`,
    now: (level: number, percent: string, channels: number, size: number) =>
      `Skip ${level} hands over ${percent} of ${channels} maps of ${size} × ${size}.`,
    note: (shown: number) =>
      `Left the contracting path, right the expanding one; in each place the first ${shown} of its maps. Black is 0, white a map’s largest value.`,
  },

  paths: {
    heading: 'The two paths',
    contracting: 'Contracting path',
    contractingText:
      'At each level two convolutions, then 2 × 2 pooling: half the height and width, and with the next convolutions twice the channels. Each pixel comes to know more of its surroundings: what is there. Where it is gets lost, because pooling keeps the largest of four values and not its place.',
    expanding: 'Expanding path',
    expandingText:
      'At each level a transposed convolution doubles height and width. That alone knows only roughly where things are. The skip puts the contracting path’s maps of the same level beside it, and two convolutions bring both together.',
    paperNote:
      'The paper’s own network (figure 1) begins with 64 channels and loses a border with each convolution; this one begins with 8, pads, and normalizes.',
  },

  noCopy: {
    heading: 'A skip is not copied',
    intro: (copies: number) =>
      `A skip joins two maps, which usually means a kernel that copies both. Here one tensor has room for both from the start: the contracting path writes its map into the decoder’s tensor, and the transposed convolution later writes its own before it. Until then that half is lent: maps of the deeper levels lie in it. ${copies === 0 ? 'The plan has no copy kernel.' : `Copy kernels in the plan: ${copies}.`}`,
    label: 'Skips in the plan',
    skip: 'The skip, written by',
    up: 'Beside it, written by',
    reader: 'Both read by',
    bytes: 'Not copied',
    guests: 'Maps lent room',
    channels: (first: number, last: number) => `channels ${first} to ${last}`,
    all: (channels: number) => `all ${channels}`,
    cost: (bytes: string, total: string) =>
      `What a skip does cost is memory: its map stays until the expanding path comes back to its level. In this network the skips hold ${bytes}, and all activations together ${total}.`,
  },
};

const korean: typeof english = {
  lead: 'U-Net은 픽셀마다 그것이 무엇에 속하는지 알려 줍니다. 한 경로는 이미지를 줄이며 무엇이 있는지 배우고, 다른 경로는 해상도를 되돌리며, 단계마다 건너뛰기 연결(skip connection)이 위치 정보를 넘겨줍니다.',
  paper: '논문:',

  skips: {
    heading: '건너뛰기 연결은 무엇을 하는가',
    intro:
      '배경에서 그림을 오려 내도록 이 페이지를 위해 학습한 작은 U-Net들입니다. 아래의 그림들은 학습에 쓰지 않았습니다.',
    samples: '그림',
    yours: '내 이미지',
    hint: '페이지 아무 곳에나 이미지를 놓아도 됩니다.',
    show: '표시 방식',
    overlay: '이미지 위에 마스크',
    cutout: '오려 내기',
    original: '이미지',
    truth: '정답',
    truthNote: '이 페이지를 위해 그림을 배경 위에 놓았으므로 정답을 알 수 있습니다.',
    trained: 'U-Net의 마스크',
    never: '건너뛰기 연결 없이 학습',
    neverNote: '처음부터 건너뛰기 연결이 없던 별도의 네트워크입니다.',
    match: (iou) => `IoU ${iou}`,
    iou: 'IoU(합집합에 대한 교집합의 비)는 마스크나 정답이 그림이라고 한 픽셀 가운데 둘이 일치하는 비율입니다. 1이면 완벽합니다.',
    question: '이제 이 네트워크의 건너뛰기 연결 네 개를 모두 끊습니다. 가중치는 그대로입니다. 마스크는 어떻게 될까요?',
    options: ['거의 같은 마스크', '대략 그 자리의 흐릿한 자국', '아무것도 없음'],
    answer: '대략 그 자리의 흐릿한 자국',
    explanation:
      '맨 아래의 8 × 8 맵을 지나온 정보만으로도 무언가가 있다는 것과 대략의 위치는 압니다. 윤곽은 건너뛰기 연결로 전해졌습니다. 하나씩 되살려 보세요.',
    working: '네트워크를 불러오는 중 …',
    beforehand:
      '여기에는 GPU가 없어 미리 계산해 둔 결과를 보여 줍니다. 건너뛰기 연결은 있거나 끊긴 상태이고, 특징 맵은 모두 있을 때의 것입니다.',
    noMask:
      '이 이미지에는 미리 계산해 둔 결과가 없어 마스크를 보려면 WebGPU가 필요합니다. 위의 그림들은 결과가 있습니다.',
    conclusion: '건너뛰기 연결은 윤곽을 전합니다.',
    explanationNever:
      '건너뛰기 연결이 끊긴 네트워크는 사라진 정보에 의지하고 있습니다. 그래서 건너뛰기 연결이 무엇을 전하는지는 보여 주지만, 건너뛰기 연결이 없는 U-Net이 얼마나 잘할 수 있는지를 보여 주지는 않습니다. 그 답은 이 네트워크에 있습니다. 처음부터 건너뛰기 연결 없이 학습했지만, 모든 윤곽의 위치가 맨 아래의 8 × 8 맵을 지나야 하므로 윤곽이 더 거칩니다.',
    measured: '적은 그림으로 학습하기',
    measuredIntro:
      '논문의 요점은 강한 데이터 증강(data augmentation)을 쓰면 U-Net이 적은 이미지로도 학습된다는 것입니다. 아래는 따로 떼어 둔 그림 200장에서 각 네트워크의 마스크가 얼마나 맞는지를 나타내는 평균 IoU이며, 이 엔진이 브라우저에서 계산했습니다.',
    drawings: '학습한 그림 수',
    withSkips: '건너뛰기 연결 있음',
    withoutSkips: '건너뛰기 연결 없음',
  },

  u: {
    label: 'U 모양으로 그린 네트워크, 건너뛰기 연결마다 슬라이더가 있음',
    result: '마스크',
    skip: (level) => `건너뛰기 ${level}`,
    strength: (level, percent) => `건너뛰기 ${level}: ${percent}`,
    all: '건너뛰기 모두 켜기',
    none: '건너뛰기 모두 끊기',
    level: (level) => `${level}단계`,
    bottom: '맨 아래',
    ofChannels: (channels, size) => `${channels} × ${size}²`,
    mapsLabel: (name) => `${name}의 특징 맵`,
    now: (level, percent, channels, size) =>
      `${withJosa(`건너뛰기 ${level}`, '이', '가')} ${size} × ${size} 특징 맵 ${channels}장을 ${percent}의 세기로 넘겨줍니다.`,
    note: (shown) =>
      `왼쪽이 수축 경로, 오른쪽이 확장 경로이며, 자리마다 처음 ${shown}개의 특징 맵을 보여 줍니다. 검정은 0, 흰색은 그 맵의 가장 큰 값입니다.`,
  },

  paths: {
    heading: '두 경로',
    contracting: '수축 경로',
    contractingText:
      '단계마다 합성곱을 두 번 한 뒤 2 × 2 풀링으로 높이와 너비를 절반으로 줄이고, 다음 합성곱에서 채널을 두 배로 늘립니다. 픽셀 하나가 점점 넓은 주변을 알게 되어 무엇이 있는지 알아냅니다. 하지만 풀링은 네 값 중 가장 큰 값만 남기고 그 자리는 남기지 않으므로, 어디에 있는지는 잃어버립니다.',
    expanding: '확장 경로',
    expandingText:
      '단계마다 전치 합성곱이 높이와 너비를 두 배로 늘립니다. 이것만으로는 위치를 대략 알 뿐입니다. 건너뛰기 연결이 같은 단계에 있는 수축 경로의 특징 맵을 그 옆에 놓고, 합성곱 두 번이 둘을 합칩니다.',
    paperNote:
      '논문의 네트워크(그림 1)는 64채널로 시작하고 합성곱마다 가장자리를 잃지만, 이 네트워크는 8채널로 시작하고 패딩과 정규화를 합니다.',
  },

  noCopy: {
    heading: '건너뛰기 연결은 복사하지 않습니다',
    intro: (copies) =>
      `건너뛰기 연결은 두 맵을 이어 붙이므로 보통은 둘을 복사하는 커널이 필요합니다. 여기서는 처음부터 둘이 모두 들어갈 텐서 하나를 둡니다. 수축 경로가 자기 맵을 디코더의 텐서에 바로 쓰고, 나중에 전치 합성곱이 그 앞에 자기 맵을 씁니다. 그때까지 비어 있는 절반은 더 깊은 단계의 맵들이 빌려 씁니다. ${copies === 0 ? '계획에 복사 커널이 없습니다.' : `계획의 복사 커널: ${copies}개.`}`,
    label: '계획에 있는 건너뛰기 연결',
    skip: '건너뛰기 연결을 쓰는 커널',
    up: '그 옆을 쓰는 커널',
    reader: '둘을 읽는 커널',
    bytes: '복사하지 않은 양',
    guests: '자리를 빌린 맵',
    channels: (first, last) => `${first}~${last}번 채널`,
    all: (channels) => `${channels}개 모두`,
    cost: (bytes, total) =>
      `건너뛰기 연결의 대가는 메모리입니다. 확장 경로가 같은 단계로 돌아올 때까지 맵을 남겨 두어야 합니다. 이 네트워크에서 건너뛰기 연결은 ${bytes}, 활성값 전체는 ${total}를 차지합니다.`,
  },
};

export const words = { en: english, ko: korean };
