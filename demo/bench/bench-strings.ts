const english = {
  title: 'Bench',
  heading: 'What this GPU makes of a network',
  lead: 'Each kernel of a network is timed on your GPU, against what that GPU could do at best. Nothing is downloaded, and nothing leaves your machine unless you send it.',
  back: 'The demo',
  without: 'Without a GPU there is nothing to measure on this page.',

  choose: {
    heading: 'Choose networks',
    note: 'They are filled with random weights, which take as long as trained ones, and measured one after another. A small network takes about half a minute; VGG-16 needs 528 MiB of memory for its weights. Keep this page in front, and a phone on its charger.',
    start: 'Measure',
    without: 'They can be measured once this page is open in a browser that gives it a GPU, as it says above.',
    known: 'What is known of them without measuring',
    save: 'Save the numbers as a file',
    saveNote:
      'The file holds every number of this page, what the browser tells about the GPU, and the browser’s name and version. If you were asked to measure, it is the file to send.',
  },

  stage: {
    machine: 'Finding out what the GPU can do at best …',
    pipelines: (name: string) => `${name}: compiling each pipeline anew …`,
    compile: (name: string) => `${name}: making the network ready …`,
    run: (name: string) => `${name}: running …`,
    profile: (name: string) => `${name}: timing each kernel …`,
    done: 'Done.',
    cancelled: 'Cancelled. What was measured before is below.',
  },

  machine: {
    heading: 'At best',
    peak: 'multiply-adds in registers',
    gflops: (value: string) => `${value} GFLOP/s`,
    bandwidth: 'read and written by a copy',
    gigabytes: (value: string) => `${value} GB/s`,
    note: 'No kernel can be faster than the slower of the two allows; caches let memory seem faster than a copy does.',
  },

  networks: {
    heading: 'Networks',
    label: 'Networks, scrollable',
    columns: {
      name: 'Network',
      run: 'One run',
      gpu: 'On the GPU',
      gflops: 'GFLOP/s',
      share: 'Of the best',
      first: 'First run',
      pipelines: 'Compiling',
      dispatch: 'CPU a call',
    },
    note: 'One run is from the tensor to the result in the page, the median of up to 15. Compiling is the sum over the pipelines while no cache knows them, their first use included. CPU a call is what the page itself spends until the work is handed over.',
  },

  kernels: {
    heading: (name: string) => `${name}, kernel by kernel`,
    longest: (shown: number, all: number) =>
      shown === all ? 'All kernels, in order' : `The ${shown} longest of ${all} kernels`,
    took: 'took',
    best: 'the least that this GPU’s peaks allow',
    bar: (ms: string, share: string) => `${ms} · ${share}`,
    all: 'All kernels in numbers',
    label: 'Kernels, scrollable',
    columns: {
      name: 'Kernel',
      kind: 'Shader',
      time: 'Time',
      spread: 'Least to most',
      part: 'Of the network',
      gflops: 'GFLOP/s',
      share: 'Of the best',
      bound: 'Bound by',
      bytes: 'Bytes',
    },
    arithmetic: 'arithmetic',
    memory: 'memory',
  },
};

const korean: typeof english = {
  title: '성능 측정',
  heading: '이 GPU에서 네트워크는 얼마나 빠른가',
  lead: '네트워크의 커널을 하나하나 이 기기의 GPU에서 측정하고, 그 GPU가 낼 수 있는 최고 속도와 비교합니다. 내려받는 것은 없고, 직접 보내지 않는 한 어떤 것도 기기 밖으로 나가지 않습니다.',
  back: '데모로 가기',
  without: 'GPU가 없으면 이 페이지에서 측정할 것이 없습니다.',

  choose: {
    heading: '네트워크 고르기',
    note: '무작위 가중치로 채운 네트워크를 하나씩 측정합니다. 걸리는 시간은 학습된 가중치와 같습니다. 작은 네트워크는 30초쯤 걸리고, VGG-16은 가중치에만 528 MiB의 메모리가 필요합니다. 측정하는 동안 이 페이지를 앞에 띄워 두고, 휴대전화는 충전기에 연결해 주세요.',
    start: '측정하기',
    without: '위에 적은 대로 GPU를 쓸 수 있는 브라우저에서 이 페이지를 열면 측정할 수 있습니다.',
    known: '측정하지 않아도 알 수 있는 것 보기',
    save: '측정 결과를 파일로 저장',
    saveNote:
      '파일에는 이 페이지의 모든 숫자와 브라우저가 알려 주는 GPU 정보, 브라우저의 이름과 버전이 들어 있습니다. 측정을 부탁받았다면 이 파일을 보내 주세요.',
  },

  stage: {
    machine: 'GPU가 낼 수 있는 최고 속도를 재는 중입니다 …',
    pipelines: (name) => `${name}: 파이프라인을 하나씩 새로 컴파일하는 중입니다 …`,
    compile: (name) => `${name}: 네트워크를 준비하는 중입니다 …`,
    run: (name) => `${name}: 실행하는 중입니다 …`,
    profile: (name) => `${name}: 커널을 하나씩 재는 중입니다 …`,
    done: '측정이 끝났습니다.',
    cancelled: '취소했습니다. 그때까지 잰 결과는 아래에 있습니다.',
  },

  machine: {
    heading: '최고 속도',
    peak: '레지스터 안의 곱셈-덧셈(MAC)',
    gflops: (value) => `${value} GFLOP/s`,
    bandwidth: '복사로 잰 메모리 대역폭',
    gigabytes: (value) => `${value} GB/s`,
    note: '어떤 커널도 두 값 가운데 느린 쪽보다 빠를 수 없습니다. 다만 캐시가 있으면 메모리가 복사 속도보다 빠르게 보일 수 있습니다.',
  },

  networks: {
    heading: '네트워크',
    label: '네트워크 표, 스크롤할 수 있음',
    columns: {
      name: '네트워크',
      run: '실행 한 번',
      gpu: 'GPU 시간',
      gflops: 'GFLOP/s',
      share: '최고 속도 대비',
      first: '첫 실행',
      pipelines: '컴파일',
      dispatch: '호출당 CPU',
    },
    note: '실행 한 번은 텐서를 넣은 때부터 결과가 페이지에 돌아올 때까지이며, 최대 15번의 중앙값입니다. 컴파일은 캐시에 없는 파이프라인들을 만들고 처음 쓰는 데 걸린 시간의 합입니다. 호출당 CPU는 작업을 GPU에 넘기기까지 페이지가 쓰는 시간입니다.',
  },

  kernels: {
    heading: (name) => `${name}의 커널별 시간`,
    longest: (shown, all) =>
      shown === all ? '모든 커널, 실행 순서대로' : `커널 ${all}개 가운데 가장 오래 걸린 ${shown}개`,
    took: '걸린 시간',
    best: '이 GPU의 최고 속도라면 걸릴 시간',
    bar: (ms, share) => `${ms} · ${share}`,
    all: '모든 커널을 숫자로 보기',
    label: '커널 표, 스크롤할 수 있음',
    columns: {
      name: '커널',
      kind: '셰이더',
      time: '시간',
      spread: '최소~최대',
      part: '네트워크에서의 비중',
      gflops: 'GFLOP/s',
      share: '최고 속도 대비',
      bound: '병목',
      bytes: '바이트',
    },
    arithmetic: '연산',
    memory: '메모리',
  },
};

export const words = { en: english, ko: korean };
