const english = {
  lead: 'The running network from inside. Choose a layer to see what it makes of your picture, what that costs, and the code that does it.',
  intro:
    'A row is a layer: one dispatch of a kernel, or several. When you choose it, the network runs on the picture as far as this layer, and what it wrote is drawn right there on the GPU, without being read back.',
  another: 'Choose another network or picture',
  nothing: 'No network is running yet.',
  start: (name: string) => `Start ${name}`,

  list: { layer: 'Layer' },

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
    writesPart: (first: number, last: number, all: number) =>
      `It writes channels ${first} to ${last} of a tensor that has ${all}: a concatenation needs no kernel, because each part is written where it belongs.`,
    readsPart: (first: number, last: number, all: number) =>
      `It reads channels ${first} to ${last} of a tensor that has ${all}: what lies beside them belongs to a concatenation.`,
    code: 'The code (WGSL)',
    codeNote: (sharing: number) =>
      sharing === 1
        ? 'As it was given to the browser. No other layer of this network runs this text.'
        : `As it was given to the browser. ${sharing} layers of this network share this text and its pipeline; they differ in the values below.`,
    fromPicture:
      'This kernel takes tensors. For a picture another one takes its place, which also crops, resizes and normalises it on the GPU.',
    params: 'Its values',
    paramsNote: 'The uniform block of this layer, in the order of the struct.',
  },
};

const korean: typeof english = {
  lead: '실행 중인 네트워크의 속을 들여다봅니다. 층을 고르면 그 층이 이미지를 어떻게 바꾸는지, 비용은 얼마인지, 어떤 코드가 그 일을 하는지 보여 줍니다.',
  intro:
    '한 행이 레이어 하나이며, 커널 디스패치 하나 또는 여럿으로 계산됩니다. 행을 고르면 네트워크가 이미지에 대해 그 레이어까지만 실행되고, 레이어가 쓴 값을 CPU로 읽어 오지 않고 GPU에서 바로 그립니다.',
  another: '다른 네트워크나 이미지 고르기',
  nothing: '아직 실행 중인 네트워크가 없습니다.',
  start: (name) => `${name} 시작하기`,

  list: { layer: '층' },

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
  },

  panel: {
    shape: '출력',
    macs: '곱셈-덧셈',
    parameters: '파라미터',
    read: '읽기',
    written: '쓰기',
    workgroups: '워크그룹',
    place: '위치',
    none: '없음',
    placeOf: (arena, offset) => `아레나 ${arena}의 ${offset}`,
    writesPart: (first, last, all) =>
      `채널이 ${all}개인 텐서의 ${first}~${last}번 채널에 씁니다. 부분마다 제자리에 바로 쓰므로 이어 붙이기(concatenation)에는 커널이 필요하지 않습니다.`,
    readsPart: (first, last, all) =>
      `채널이 ${all}개인 텐서의 ${first}~${last}번 채널을 읽습니다. 그 옆에는 이어 붙일 다른 부분이 놓입니다.`,
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

export const words = { en: english, ko: korean };
