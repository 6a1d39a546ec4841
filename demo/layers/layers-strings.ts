const english = {
  lead: 'Walk through a network from the picture to the answer. Look at what each layer makes of your picture, switch it off, and see what becomes of the answer.',
  intro: (hasMaps: boolean) =>
    `A square is a layer, with ${hasMaps ? 'what it computed' : 'the size of its maps'}; a line is what it hands on. Branches stand side by side, skips pass by on the left, and a dot is a concatenation. A multiply-add is a weight times a value, added to a sum: the work of a layer.`,
  starting: 'Waiting for the GPU …',
  nothing: 'No network is running yet.',
  withoutGpu:
    'Without a GPU nothing is computed here. The diagram, the costs and the code are known all the same: they are planned before the GPU is touched.',
  beforehand:
    'Without a GPU nothing is computed here. What this network makes of one picture was computed beforehand; each map’s numbers are rounded to 256 steps. Other pictures, what other networks compute, and switching layers off need WebGPU.',
  showBeforehand: (network: string) => `Show what was computed beforehand: ${network}`,
  withoutWeights: 'The diagram only: no weights have been downloaded for this network.',
  mapsWithoutGpu: 'What this layer makes of a picture would be here; computing it needs WebGPU.',
  fetching: 'Fetching what was computed beforehand …',
  mapsWithoutWeights: 'What this layer makes of a picture would be here; that needs the weights.',
  mapsLost: 'What this layer makes of the picture comes back with the GPU.',
  computing: 'Computing …',
  opening: 'Opening the network’s file …',

  choose: {
    network: 'Network',
    picture: 'Picture',
    here: 'On this page',
    elsewhere: 'After a download',
    diagramOnly: 'Diagram only, without weights',
  },

  diagram: {
    layer: 'Layer',
    shape: 'Output',
    macs: 'Multiply-adds',
    parameters: 'Parameters',
    layers: (count: number) => `${count} layers`,
    unfold: (label: string) => `Unfold ${label}`,
    families: {
      full: 'standard convolution',
      pointwise: 'pointwise (1 × 1)',
      depthwise: 'depthwise',
      transposed: 'transposed',
      other: 'other',
      folded: 'folded stage',
    },
    add: 'added',
    scale: 'multiplied',
    keys: 'By keyboard: up and down follow the lines, left and right go from row to row, Enter opens a folded stage.',
    legend: 'What the colours say',
  },

  neighbours: {
    reads: 'Reads',
    readBy: 'Read by',
    more: (count: number) => `and ${count} more`,
  },

  answer: {
    heading: 'The answer',
    picture: 'The part of the picture that the network sees',
    maskPicture: 'The picture with the mask on it',
    heatPicture: (label: string, place: string) => `What speaks for “${label}”: most of it is ${place}`,
    places: [
      'at the top left',
      'at the top',
      'at the top right',
      'on the left',
      'in the middle',
      'on the right',
      'at the bottom left',
      'at the bottom',
      'at the bottom right',
    ],
    why: 'Why this answer',
    heatNote: (label: string) =>
      `Orange is where the last maps speak for “${label}”: what its score would lose without that place (class activation mapping). Choose another answer to see what speaks for that.`,
    was: (percent: string) => `was ${percent}`,
    covers: (percent: string) => `The mask covers ${percent} of the picture.`,
    agrees: (percent: string) => `It agrees with the untouched network’s by ${percent} (intersection over union).`,
    faded: 'What is switched off or faded',
    change: (name: string, percent: string) => (percent === '0' ? `${name}: off` : `${name}: ${percent}%`),
    restore: 'Put back',
    reset: 'Put everything back',
    channel: (number: number) => `channel ${number}`,
  },

  fader: {
    off: 'Off',
    offLabel: (label: string) => `${label}: off`,
  },

  switches: {
    heading: 'Switch it off',
    now: (answer: string) => `The answer now: ${answer}`,
    layer: 'This layer',
    branch: 'What this layer adds',
    residual: (name: string) => `the skip from ${name}`,
    scale: (name: string) => `the factors from ${name} (squeeze-excite)`,
    part: (name: string) => `the part from ${name}`,
    parts: (count: number) => `The ${count} parts that it reads`,
    withoutGpu: 'With WebGPU you could switch this layer or one of its channels off here, and see the answer change.',
  },

  maps: {
    label: 'Feature maps. Arrow keys go from channel to channel.',
    count: (channels: number, width: number, height: number) =>
      width * height === 1
        ? channels === 1
          ? 'One number.'
          : `${channels} channels of one number each.`
        : `${channels === 1 ? 'One channel' : `${channels} channels`} of ${width} × ${height}.`,
    colours: (channels: number) =>
      `${channels === 1 ? 'The colours go' : 'Each has its own scale,'} from its smallest value to its largest.`,
    coloursTogether: 'All share one scale.',
    all: 'The channels side by side',
    channel: (number: number) => `Channel ${number}`,
    pages: 'Pages of channels',
    page: (page: number, pages: number) => `${page} of ${pages}`,
    previous: 'Previous',
    next: 'Next',
    least: 'smallest',
    most: 'largest',
    valueAt: (value: string, x: number, y: number) => `${value} at column ${x}, row ${y}`,
    range: (least: string, most: string) => `${least} to ${most}`,
    dead: (count: number, all: number, numbers: readonly number[]) =>
      `${count === 1 ? 'One' : count} of these ${all} channels ${count === 1 ? 'is' : 'are'} the same everywhere (${numbers.join(', ')}${count > numbers.length ? ' …' : ''}).`,
    deadZero:
      'ReLU makes 0 of all that is negative. A channel that is 0 everywhere has found nothing in this picture; one that is so in every picture is called dead: it costs as much as the others and says nothing.',
    deadOther: 'Whatever the picture shows there, this channel says the same: it has found nothing, or is dead.',
    off: 'This layer is switched off.',
    largest: 'The largest, by class',
  },

  panel: {
    shape: 'Output',
    macs: 'Multiply-adds',
    parameters: 'Parameters',
    read: 'Read',
    written: 'Written',
    workgroups: 'Workgroups',
    place: 'Place',
    none: 'none',
    placeOf: (arena: number, offset: string) => `arena ${arena}, at ${offset}`,
    terms:
      'A workgroup is a team of threads that the GPU runs together. An arena is a piece of its memory in which tensors take turns.',
    writesPart: (first: number, last: number, all: number) =>
      `It writes channels ${first} to ${last} of a tensor that has ${all}: a concatenation needs no kernel, because each part is written where it belongs.`,
    readsPart: (first: number, last: number, all: number) =>
      `It reads channels ${first} to ${last} of a tensor that has ${all}: what lies beside them belongs to a concatenation.`,
    half: 'This is one half of a layer: some of its channels are computed down to the next small map, then the others in the same memory.',
    code: 'The code (WGSL)',
    codeNote: (sharing: number) =>
      sharing === 1
        ? 'As it was given to the browser. No other layer of this network runs this text.'
        : `As it was given to the browser. ${sharing} layers of this network share this text and its pipeline; they differ in the values below.`,
    fromPicture:
      'This kernel takes tensors. For a picture another one takes its place, which also crops, resizes and normalizes it on the GPU.',
    params: 'Its values',
    paramsNote: 'The uniform block of this layer, in the order of the struct.',
  },
};

const korean: typeof english = {
  lead: '이미지에서 답까지 네트워크를 따라가 보세요. 층마다 이미지를 어떻게 바꾸는지 보고, 층을 끄면 답이 어떻게 달라지는지도 바로 확인할 수 있습니다.',
  intro: (hasMaps) =>
    `네모 하나가 층 하나이고 그 안에는 ${hasMaps ? '층이 계산한 값이' : '특징 맵의 크기가'} 보입니다. 선은 넘겨주는 값입니다. 갈래는 나란히 놓이고, 건너뛰기 연결(skip connection)은 왼쪽으로 지나가며, 점은 이어 붙이기(concatenation)입니다. 곱셈-덧셈(MAC)은 값에 가중치를 곱해 합에 더하는 연산으로, 층이 하는 일의 양을 나타냅니다.`,
  starting: 'GPU를 기다리는 중입니다 …',
  nothing: '아직 실행 중인 네트워크가 없습니다.',
  withoutGpu:
    'GPU가 없어 여기서는 아무것도 계산하지 않습니다. 그래도 구조와 비용, 코드는 모두 볼 수 있습니다. GPU를 쓰기 전에 계획이 끝나기 때문입니다.',
  beforehand:
    'GPU가 없어 여기서는 아무것도 계산하지 않습니다. 대신 이 네트워크가 이미지 하나를 처리한 결과를 미리 계산해 두었습니다. 특징 맵의 값은 256단계로 반올림한 것입니다. 다른 이미지를 넣거나 다른 네트워크의 특징 맵을 보거나 층을 끄려면 WebGPU가 필요합니다.',
  showBeforehand: (network) => `미리 계산해 둔 결과 보기: ${network}`,
  withoutWeights: '이 네트워크는 가중치를 내려받지 않아 구조만 보여 줍니다.',
  mapsWithoutGpu: '이 층이 이미지를 어떻게 바꾸는지 보려면 WebGPU가 필요합니다.',
  fetching: '미리 계산해 둔 결과를 가져오는 중입니다 …',
  mapsWithoutWeights: '이 층이 이미지를 어떻게 바꾸는지 보려면 가중치가 필요합니다.',
  mapsLost: 'GPU가 돌아오면 이 층의 특징 맵을 다시 보여 줍니다.',
  computing: '계산하는 중입니다 …',
  opening: '네트워크 파일을 여는 중입니다 …',

  choose: {
    network: '네트워크',
    picture: '이미지',
    here: '이 페이지에 있는 네트워크',
    elsewhere: '내려받은 뒤 실행',
    diagramOnly: '가중치 없이 구조만',
  },

  diagram: {
    layer: '층',
    shape: '출력',
    macs: '곱셈-덧셈(MAC)',
    parameters: '파라미터',
    layers: (count) => `층 ${count}개`,
    unfold: (label) => `${label} 펼치기`,
    families: {
      full: '표준 합성곱',
      pointwise: '점별(1 × 1) 합성곱',
      depthwise: '깊이별 합성곱',
      transposed: '전치 합성곱',
      other: '기타',
      folded: '접어 둔 단계',
    },
    add: '더하기',
    scale: '곱하기',
    keys: '키보드: 위·아래 화살표는 선을 따라가고, 왼쪽·오른쪽 화살표는 행 사이를 오가며, Enter는 접어 둔 단계를 펼칩니다.',
    legend: '색의 뜻',
  },

  neighbours: {
    reads: '입력',
    readBy: '출력을 읽는 층',
    more: (count) => `외 ${count}개`,
  },

  answer: {
    heading: '답',
    picture: '이미지에서 네트워크가 보는 부분',
    maskPicture: '마스크를 얹은 이미지',
    heatPicture: (label, place) => `‘${label}’의 근거: ${place}에 가장 많습니다`,
    places: ['왼쪽 위', '위쪽', '오른쪽 위', '왼쪽', '가운데', '오른쪽', '왼쪽 아래', '아래쪽', '오른쪽 아래'],
    why: '왜 이 답인가',
    heatNote: (label) =>
      `주황색은 마지막 특징 맵에서 ‘${label}’의 근거가 된 곳입니다. 그곳이 없다면 줄어들 점수를 나타냅니다(클래스 활성화 맵, CAM). 다른 답을 고르면 그 답의 근거를 볼 수 있습니다.`,
    was: (percent) => `원래 ${percent}`,
    covers: (percent) => `마스크가 이미지의 ${percent}를 덮습니다.`,
    agrees: (percent) => `원래 마스크와 ${percent} 일치합니다(IoU).`,
    faded: '끄거나 약하게 한 것',
    change: (name, percent) => (percent === '0' ? `${name}: 끔` : `${name}: ${percent}%`),
    restore: '되돌리기',
    reset: '모두 되돌리기',
    channel: (number) => `채널 ${number}`,
  },

  fader: {
    off: '끄기',
    offLabel: (label) => `${label}: 끄기`,
  },

  switches: {
    heading: '꺼 보기',
    now: (answer) => `지금의 답: ${answer}`,
    layer: '이 층',
    branch: '이 층이 더하는 값',
    residual: (name) => `${name}에서 오는 건너뛰기 연결`,
    scale: (name) => `${name}에서 오는 배율(squeeze-and-excitation)`,
    part: (name) => `${name}에서 오는 부분`,
    parts: (count) => `읽어 들이는 부분 ${count}개`,
    withoutGpu: 'WebGPU가 있으면 여기서 이 층이나 채널을 끄고 답이 어떻게 달라지는지 볼 수 있습니다.',
  },

  maps: {
    label: '특징 맵. 화살표 키로 채널 사이를 오갑니다.',
    count: (channels, width, height) =>
      width * height === 1
        ? `채널 ${channels}개, 채널마다 수 하나입니다.`
        : `채널 ${channels}개, 크기는 ${width} × ${height}입니다.`,
    colours: (channels) =>
      channels === 1
        ? '가장 작은 값부터 가장 큰 값까지 색을 입힙니다.'
        : '색은 채널마다 가장 작은 값부터 가장 큰 값까지 따로 입힙니다.',
    coloursTogether: '모든 채널이 같은 색 눈금을 씁니다.',
    all: '나란히 놓은 채널',
    channel: (number) => `채널 ${number}`,
    pages: '채널 페이지',
    page: (page, pages) => `${page} / ${pages}`,
    previous: '이전',
    next: '다음',
    least: '가장 작은 값',
    most: '가장 큰 값',
    valueAt: (value, x, y) => `${x}열 ${y}행: ${value}`,
    range: (least, most) => `${least} ~ ${most}`,
    dead: (count, all, numbers) =>
      `이 채널 ${all}개 가운데 ${count}개는 어디서나 값이 같습니다(${numbers.join(', ')}${count > numbers.length ? ' …' : ''}).`,
    deadZero:
      'ReLU는 음수를 모두 0으로 만듭니다. 모든 곳이 0인 채널은 이 이미지에서 아무것도 찾지 못한 것이고, 어떤 이미지를 넣어도 그런 채널은 죽은 채널이라고 합니다. 다른 채널만큼 비용이 들지만 아무 정보도 주지 않습니다.',
    deadOther: '이미지에 무엇이 있든 같은 값을 냅니다. 아무것도 찾지 못했거나 죽은 채널입니다.',
    off: '이 층은 꺼져 있습니다.',
    largest: '값이 큰 클래스',
  },

  panel: {
    shape: '출력',
    macs: '곱셈-덧셈(MAC)',
    parameters: '파라미터',
    read: '읽기',
    written: '쓰기',
    workgroups: '워크그룹',
    place: '위치',
    none: '없음',
    placeOf: (arena, offset) => `아레나 ${arena}의 ${offset}`,
    terms:
      '워크그룹(workgroup)은 GPU가 함께 실행하는 스레드 묶음이고, 아레나(arena)는 여러 텐서가 번갈아 쓰는 GPU 메모리 한 덩어리입니다.',
    writesPart: (first, last, all) =>
      `채널이 ${all}개인 텐서의 ${first}~${last}번 채널에 씁니다. 부분마다 제자리에 바로 쓰므로 이어 붙이기(concatenation)에는 커널이 필요하지 않습니다.`,
    readsPart: (first, last, all) =>
      `채널이 ${all}개인 텐서의 ${first}~${last}번 채널을 읽습니다. 그 옆에는 이어 붙일 다른 부분이 놓입니다.`,
    half: '한 층의 절반입니다. 메모리를 줄이려고 채널을 둘로 나누어, 한쪽을 다음의 작은 맵까지 계산한 뒤 같은 메모리에서 다른 쪽을 계산합니다.',
    code: '코드(WGSL)',
    codeNote: (sharing) =>
      sharing === 1
        ? '브라우저에 전달한 그대로입니다. 이 네트워크에서 이 코드를 쓰는 층은 여기뿐입니다.'
        : `브라우저에 전달한 그대로입니다. 이 네트워크의 층 ${sharing}개가 이 코드와 파이프라인을 함께 쓰며, 아래의 값만 다릅니다.`,
    fromPicture:
      '이 커널은 텐서를 받습니다. 이미지를 넣으면 자르기, 크기 조절, 정규화까지 GPU에서 하는 다른 커널이 대신 실행됩니다.',
    params: '값',
    paramsNote: '이 층의 유니폼 블록이며, 구조체에 적힌 순서입니다.',
  },
};

export type Words = typeof english;

export const words = { en: english, ko: korean };
