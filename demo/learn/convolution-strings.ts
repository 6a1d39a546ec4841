const places = (count: number) => (count === 1 ? 'one number' : `${count.toLocaleString('en')} numbers`);

const english = {
  lead: 'A small window slides over a picture. At each place its pixels are multiplied by weights and added up to one number, and all the numbers together are a new picture: a feature map.',

  missing: 'The photograph of this page could not be fetched. Drop a picture of your own anywhere on the page instead.',

  computed: {
    byEngine: (count: number, milliseconds: string, adapter: string) =>
      `Computed by the engine: ${places(count)} in ${milliseconds}, the way to the GPU and back included (${adapter}).`,
    unnamed: 'your GPU',
    software: (adapter: string) => `${adapter}, a CPU that imitates a GPU`,
    byPage: 'Computed by a few lines of this page, in plain JavaScript.',
    noGpu: 'There is no GPU that the page can use.',
    starting: 'Waiting for the GPU.',
  },

  player: {
    play: 'Play',
    pause: 'Pause',
    back: 'Step back',
    step: 'Step',
    place: 'Place',
    at: (row: number, column: number) => `row ${row}, column ${column}`,
  },

  window: {
    heading: 'One window, one number',
    intro:
      'Pick a filter and follow the window. When it rests, point at the picture or the map, or move along the slider with the arrow keys, to see what makes each number.',
    filter: 'Filter',
    filters: {
      upright: 'Vertical edges',
      level: 'Horizontal edges',
      outline: 'Outlines',
      blur: 'Blur',
      sharpen: 'Sharpen',
      learned: 'Learned',
    },
    notes: {
      upright:
        'What is right of the middle less what is left of it (Sobel’s filter). Where nothing changes from left to right, it finds nothing.',
      level: 'What is below the middle less what is above it: the same filter, turned.',
      outline: 'The middle against everything around it. A plain area adds up to zero.',
      blur: 'All weights are alike and add up to one: the mean of the window.',
      sharpen: 'The middle, made stronger by how much it differs from its neighbours.',
      learned:
        'Nobody wrote these numbers down. The garment network of this page found them while it learned from 60,000 pictures: its third filter has become one for vertical edges.',
    },
    picture: 'Picture',
    map: 'Map',
    pictureLabel: (size: number) => `The picture, ${size} by ${size} grey pixels, with the window on it`,
    mapLabel: 'The feature map, with the place that is computed',
    scale: (largest: string) => `blue is below zero, red above; up to ${largest}`,
    patch: 'Pixels in the window',
    weights: 'Filter',
    sum: (products: number, row: number, column: number) =>
      `the sum of ${products} products: the map’s pixel in row ${row}, column ${column}`,
    padded: 'Beside the picture there is nothing: padding counts as zero.',
    kernel: 'Kernel',
    stride: 'Stride',
    padding: 'Padding',
    dilation: 'Dilation',
    dials: 'Change the window',
    dialsNote:
      'Stride is how far the window moves at a time, padding is zeros around the picture, and dilation spreads the window’s pixels apart, so that it sees more with the same number of weights.',
    learnedSize: 'The learned filter has 3 × 3 weights and no other size.',
    question: (size: number, kernel: number, stride: number, padding: number, dilation: number) =>
      `The picture has ${size} × ${size} pixels. The window has ${kernel} × ${kernel}, ${stride === 1 ? 'moves by one pixel' : `moves by ${stride} pixels`}, ${padding === 0 ? 'and there is no padding' : `and there ${padding === 1 ? 'is one pixel' : `are ${padding} pixels`} of padding at each side`}${dilation === 1 ? '' : `; its pixels lie ${dilation} apart`}. How large is the map?`,
    explanation: (size: number, padded: number, extent: number, stride: number, result: number) =>
      `${padded === size ? `In ${size} pixels` : `In ${size} pixels, ${padded} with the padding,`} a window that spans ${extent} can begin at ${padded - extent + 1} places${stride === 1 ? '' : `, of which every ${stride === 2 ? 'second' : 'third'} is taken: ${result}`}.`,
    another: 'Ask me another',
    formula: 'Size of the map',
    formulaOf: (size: number, padding: number, extent: number, stride: number) =>
      `(${size} + 2 × ${padding} − ${extent}) / ${stride}${stride === 1 ? '' : ', rounded down,'} + 1`,
    formulaNote: 'picture, padding at both sides, what the window spans, stride',
  },

  whole: {
    heading: 'Nothing slides on a GPU',
    intro:
      'Each number of the map depends on the picture alone, on no other number of the map. So a GPU computes them all at once, a thread for a few numbers each. Here is the same filter over the whole photograph.',
    picture: (size: number) => `The picture in grey, ${size} × ${size}`,
    framed: 'The frame is the part that lies above.',
    map: (height: number, width: number, weights: number) =>
      `Its map, ${height} × ${width}, with the same ${weights} weights`,
  },

  kinds: {
    heading: 'Five convolutions',
    intro:
      'A colour picture has three channels, and a convolution makes several maps. What tells the kinds apart is which input meets which output. Each crossing with a filter is a meeting, and each small square is a weight.',
    kind: 'Kind',
    names: {
      standard: 'Standard',
      depthwise: 'Depthwise',
      pointwise: 'Pointwise',
      grouped: 'Grouped',
      transposed: 'Transposed',
    },
    texts: {
      standard:
        'Every output looks at every input: a filter for each pair. These were learned by the U-Net of this page. The first two have found edges in all colours, the third sets blue against red.',
      depthwise:
        'Every channel keeps to itself: one filter each, and no channel hears of another. It looks at space and mixes nothing.',
      pointwise:
        'The window is one pixel: it sees no neighbours, and only mixes channels. These weights make brightness, red against green, and blue against yellow.',
      grouped:
        'Channels meet within their group only. Brightness comes along as a fourth channel, so that there are two groups of two. With one group it is the standard convolution, with as many groups as channels the depthwise one.',
      transposed:
        'The other way round: each input pixel stamps the filter onto the output, two pixels further each time. Where stamps overlap they add up, and the map grows. A U-Net enlarges its maps with it.',
    },
    channels: ['red', 'green', 'blue', 'brightness'],
    outputs: {
      standard: ['horizontal edges', 'vertical edges', 'blue − red'],
      depthwise: ['vertical edges', 'horizontal edges', 'blur'],
      pointwise: ['brightness', 'red − green', 'blue − yellow'],
      grouped: ['vertical edges', 'difference', 'horizontal edges', 'difference'],
      transposed: ['brightness', 'red − green', 'blue − yellow'],
    },
    groups: 'Groups',
    figure: 'Inputs above, outputs on the right, filters where they meet',
    input: (channel: string) => `Input: ${channel}`,
    output: (number: number, name: string) => `Output ${number}: ${name}`,
    pick: 'Choose an output on the right to see its sum.',
    here: (row: number, column: number) => `At row ${row}, column ${column}:`,
    stampHere: (row: number, column: number) => `From the pixel in row ${row}, column ${column}:`,
    stamped: (across: number) => `so much of each filter is added to ${across} × ${across} pixels`,
    filters: (filters: number, kernel: number, weights: string) =>
      `${filters} filters of ${kernel} × ${kernel}: ${weights} weights`,
    grows: (from: number, to: number) => `${from} × ${from} → ${to} × ${to}`,

    question:
      'A standard convolution of three channels to three has 3 × 3 × 3 × 3 = 81 weights. If we first look (depthwise, 3 × 3) and then mix (pointwise, 1 × 1), how many do both take together?',
    explanation:
      'Three filters of 3 × 3 are 27 weights, and nine of 1 × 1 are 9: 27 + 9 = 36, less than half. With more channels the share falls towards a ninth. That is MobileNet’s idea.',
    table: 'Weights of the five',
    columns: { kind: 'Convolution', channels: 'Channels', weights: 'Weights' },
    separable: 'Depthwise + pointwise',
  },
};

const korean: typeof english = {
  lead: '작은 창이 이미지 위를 미끄러져 갑니다. 창이 놓인 자리마다 그 안의 픽셀에 필터의 가중치를 곱해 모두 더하면 수 하나가 나옵니다. 이 수들을 모은 것이 새로운 이미지, 곧 특징 맵입니다.',

  missing: '이 페이지의 사진을 가져오지 못했습니다. 대신 페이지 아무 곳에나 이미지를 놓아 주세요.',

  computed: {
    byEngine: (count, milliseconds, adapter) =>
      `엔진이 수 ${count.toLocaleString('ko')}개를 ${milliseconds} 만에 계산했습니다(${adapter}). GPU로 보내고 받아 오는 시간까지 포함한 값입니다.`,
    unnamed: '사용자의 GPU',
    software: (adapter) => `GPU를 흉내 내는 CPU, ${adapter}`,
    byPage: '이 페이지의 JavaScript 몇 줄로 계산했습니다.',
    noGpu: '페이지가 쓸 수 있는 GPU가 없습니다.',
    starting: 'GPU를 기다리는 중입니다.',
  },

  player: {
    play: '재생',
    pause: '일시 정지',
    back: '한 칸 뒤로',
    step: '한 칸 앞으로',
    place: '위치',
    at: (row, column) => `${row}행 ${column}열`,
  },

  window: {
    heading: '창 하나에 수 하나',
    intro:
      '필터를 고르고 창을 따라가 보세요. 창이 멈춰 있을 때 이미지나 맵을 가리키거나 슬라이더에서 화살표 키를 누르면 각각의 수가 어떻게 나왔는지 볼 수 있습니다.',
    filter: '필터',
    filters: {
      upright: '세로 윤곽선',
      level: '가로 윤곽선',
      outline: '테두리',
      blur: '흐리게',
      sharpen: '선명하게',
      learned: '학습된 필터',
    },
    notes: {
      upright:
        '가운데 오른쪽의 값에서 왼쪽의 값을 뺍니다(소벨 필터). 왼쪽에서 오른쪽으로 달라지는 것이 없으면 결과는 0입니다.',
      level: '가운데 아래쪽의 값에서 위쪽의 값을 뺍니다. 같은 필터를 돌린 것입니다.',
      outline: '가운데 픽셀을 주변 전체와 견줍니다. 밝기가 고른 영역에서는 합이 0이 됩니다.',
      blur: '가중치가 모두 같고 합이 1입니다. 창 안의 평균을 냅니다.',
      sharpen: '가운데 픽셀을, 이웃과 다른 만큼 더 강하게 만듭니다.',
      learned:
        '사람이 정한 값이 아닙니다. 이 페이지의 의류 분류 네트워크가 이미지 60,000장으로 학습하면서 찾은 값으로, 세 번째 필터가 세로 윤곽선을 찾는 필터가 되었습니다.',
    },
    picture: '이미지',
    map: '특징 맵',
    pictureLabel: (size) => `흑백 픽셀 ${size} × ${size}개의 이미지와 그 위의 창`,
    mapLabel: '특징 맵과 지금 계산하는 자리',
    scale: (largest) => `파랑은 음수, 빨강은 양수, 최대 ${largest}`,
    patch: '창 안의 픽셀',
    weights: '필터',
    sum: (products, row, column) => `곱 ${products}개의 합: 특징 맵의 ${row}행 ${column}열 픽셀`,
    padded: '이미지 바깥에는 아무것도 없으므로 패딩은 0으로 셉니다.',
    kernel: '커널',
    stride: '스트라이드',
    padding: '패딩',
    dilation: '팽창(dilation)',
    dials: '창을 바꿔 보기',
    dialsNote:
      '스트라이드는 창이 한 번에 움직이는 거리이고, 패딩은 이미지 둘레에 두르는 0입니다. 팽창은 창의 픽셀 사이를 벌려 같은 수의 가중치로 더 넓은 곳을 보게 합니다.',
    learnedSize: '학습된 필터의 가중치는 3 × 3개이며 다른 크기는 없습니다.',
    question: (size, kernel, stride, padding, dilation) =>
      `이미지는 ${size} × ${size}픽셀입니다. ${kernel} × ${kernel} 창이 ${stride}픽셀씩 움직이고, ${padding === 0 ? '패딩은 없습니다' : `패딩은 둘레에 ${padding}픽셀입니다`}.${dilation === 1 ? '' : ` 창의 픽셀은 ${dilation}칸 간격으로 놓입니다.`} 특징 맵의 크기는 얼마일까요?`,
    explanation: (size, padded, extent, stride, result) =>
      `${padded === size ? `${size}픽셀에서` : `패딩까지 합한 ${padded}픽셀에서`} 너비가 ${extent}픽셀인 창이 놓일 수 있는 자리는 ${padded - extent + 1}곳입니다.${stride === 1 ? '' : ` 그중 ${stride}칸마다 하나씩이므로 ${result}곳입니다.`}`,
    another: '다른 문제 풀기',
    formula: '특징 맵의 크기',
    formulaOf: (size, padding, extent, stride) =>
      `(${size} + 2 × ${padding} − ${extent}) / ${stride}${stride === 1 ? '' : ' (내림)'} + 1`,
    formulaNote: '이미지, 양쪽의 패딩, 창의 너비, 스트라이드',
  },

  whole: {
    heading: 'GPU에서는 창이 움직이지 않습니다',
    intro:
      '특징 맵의 각 수는 이미지에만 달려 있고 맵의 다른 수와는 상관이 없습니다. 그래서 GPU는 스레드마다 몇 개씩 맡아 모든 수를 한꺼번에 계산합니다. 아래는 같은 필터를 사진 전체에 적용한 결과입니다.',
    picture: (size) => `흑백 이미지, ${size} × ${size}`,
    framed: '테두리 안이 위에서 본 부분입니다.',
    map: (height, width, weights) => `같은 가중치 ${weights}개로 만든 특징 맵, ${height} × ${width}`,
  },

  kinds: {
    heading: '다섯 가지 합성곱',
    intro:
      '컬러 이미지에는 채널이 세 개 있고, 합성곱은 특징 맵을 여러 장 만듭니다. 어느 입력이 어느 출력과 만나는지에 따라 종류가 갈립니다. 필터가 있는 교차점이 만나는 곳이고, 작은 사각형 하나가 가중치 하나입니다.',
    kind: '종류',
    names: {
      standard: '표준',
      depthwise: '깊이별',
      pointwise: '점별',
      grouped: '그룹',
      transposed: '전치',
    },
    texts: {
      standard:
        '모든 출력이 모든 입력을 봅니다. 입력과 출력의 쌍마다 필터가 하나씩 있습니다. 이 필터들은 이 페이지의 U-Net이 학습한 것입니다. 앞의 둘은 모든 색에서 윤곽선을 찾고, 셋째는 파랑과 빨강을 견줍니다.',
      depthwise:
        '깊이별 합성곱(depthwise)에서는 채널마다 필터가 하나씩 있고, 채널끼리는 만나지 않습니다. 공간만 보고 채널은 섞지 않습니다.',
      pointwise:
        '점별 합성곱(pointwise)의 창은 픽셀 하나입니다. 이웃은 보지 않고 채널만 섞습니다. 여기의 가중치는 밝기, 빨강과 초록의 차, 파랑과 노랑의 차를 만듭니다.',
      grouped:
        '그룹 합성곱에서는 같은 그룹의 채널끼리만 만납니다. 둘씩 두 그룹이 되도록 밝기를 네 번째 채널로 더했습니다. 그룹이 하나면 표준 합성곱이고, 그룹 수가 채널 수와 같으면 깊이별 합성곱입니다.',
      transposed:
        '전치 합성곱은 방향이 반대입니다. 입력 픽셀마다 두 픽셀씩 옮겨 가며 필터를 출력에 도장처럼 찍습니다. 겹치는 곳은 더해지고 맵은 커집니다. U-Net은 이 방법으로 맵을 키웁니다.',
    },
    channels: ['빨강', '초록', '파랑', '밝기'],
    outputs: {
      standard: ['가로 윤곽선', '세로 윤곽선', '파랑 − 빨강'],
      depthwise: ['세로 윤곽선', '가로 윤곽선', '흐림'],
      pointwise: ['밝기', '빨강 − 초록', '파랑 − 노랑'],
      grouped: ['세로 윤곽선', '차이', '가로 윤곽선', '차이'],
      transposed: ['밝기', '빨강 − 초록', '파랑 − 노랑'],
    },
    groups: '그룹 수',
    figure: '위는 입력, 오른쪽은 출력, 만나는 곳마다 필터',
    input: (channel) => `입력: ${channel}`,
    output: (number, name) => `출력 ${number}: ${name}`,
    pick: '오른쪽의 출력을 고르면 그 합을 볼 수 있습니다.',
    here: (row, column) => `${row}행 ${column}열:`,
    stampHere: (row, column) => `${row}행 ${column}열의 픽셀에서:`,
    stamped: (across) => `이 값을 각 필터에 곱해 ${across} × ${across}픽셀에 더합니다`,
    filters: (filters, kernel, weights) => `${kernel} × ${kernel} 필터 ${filters}개: 가중치 ${weights}개`,
    grows: (from, to) => `${from} × ${from} → ${to} × ${to}`,

    question:
      '3채널에서 3채널을 만드는 표준 합성곱의 가중치는 3 × 3 × 3 × 3 = 81개입니다. 먼저 보고(깊이별, 3 × 3) 그다음에 섞으면(점별, 1 × 1) 가중치는 모두 몇 개일까요?',
    explanation:
      '3 × 3 필터 세 개가 27개, 1 × 1 필터 아홉 개가 9개이므로 27 + 9 = 36개입니다. 절반도 되지 않습니다. 채널이 많아질수록 9분의 1에 가까워집니다. 이것이 MobileNet의 핵심 아이디어입니다.',
    table: '다섯 가지의 가중치',
    columns: { kind: '합성곱', channels: '채널', weights: '가중치' },
    separable: '깊이별 + 점별',
  },
};

export const words = { en: english, ko: korean };
