import type { Locale } from '../../frame/place.ts';

/**
 * Every word that the frame of the page and its first view show by themselves; a view with much to say has strings of its
 * own. Another language is another object of this type; messages of errors come from the engine as they are.
 */
export const english = {
  locale: 'en' as Locale,
  /** By its own name. */
  language: 'English',

  skip: 'Skip to the content',
  title: 'Linnet',
  views: 'Pages',
  languages: 'Languages',
  lead: 'They look at your photo or camera right in this page; nothing leaves your machine.',
  next: 'Next',

  adapter: {
    label: 'GPU',
    starting: 'Asking the browser for a GPU …',
    none: 'none',
    unnamed: 'an adapter that does not tell its name',
    software:
      'This is a software adapter: the CPU imitates a GPU. Results are right; times say nothing about a real GPU.',
  },

  problem: {
    unsupported: 'This machine cannot run it',
    noWebGpu: 'There is no WebGPU here',
    noAdapter: 'The browser found no GPU that it can use',
    needsGpu: (file: string) => `${file} needs WebGPU`,
    weights: 'These weights cannot be used',
    card: 'This card cannot be used',
    model: 'This file cannot be opened',
    fetch: 'A file cannot be fetched',
    offline: 'You are offline',
    unreachable: 'A server cannot be reached',
    server: 'A server has a problem',
    architecture: 'These options do not make a network',
    input: 'This picture cannot be used',
    lost: 'The GPU was taken away from this page',
    camera: 'The camera cannot be used',
    other: 'Something went wrong',
    details: 'Details',
    aborted: 'Loading was cancelled. Nothing of it was kept.',
    dismiss: 'Close this message',
    help: {
      noWebGpu:
        'WebGPU is in Chrome and Edge from 113 (Android 121), in Safari from 26, and in Firefox from 141 on Windows and 145 on Macs with Apple’s chips.',
      insecure: 'Browsers offer WebGPU only to pages loaded over HTTPS or from localhost: open this page that way.',
      noAdapter:
        'Update the browser and the graphics driver. Graphics acceleration may be switched off in the browser’s settings; on Linux, Chrome may want the flag enable-unsafe-webgpu.',
      needsGpu:
        'Networks run on the GPU, which this page cannot use here. Open it in a browser with WebGPU and give it the file again.',
      unsupported: 'A smaller network, or another browser or machine, may do.',
      weights:
        'Check that the file is complete and belongs to this architecture with these options. The network that ran before still does.',
      card: 'A card is a JSON file with schema, name, task, architecture, options, weights, preprocess and labels. The network that ran before still does.',
      model:
        'Convolutional networks in ONNX or TensorFlow Lite files can be opened, as far as all their operators are known. The network that ran before still does.',
      offline:
        'Connect to the internet and try again. What was downloaded before works without. The network that ran before still does.',
      unreachable:
        'The connection may be broken, the address wrong, or the server may not allow this page to read the file. The network that ran before still does.',
      server: 'It is not your fault: try again later. The network that ran before still does.',
      noFile: 'The server has no such file: check the address. The network that ran before still does.',
      refused: 'The server refuses to give the file to this page. The network that ran before still does.',
      architecture: 'Correct the options and load again. The network that ran before still does.',
      input: 'Take a picture that the browser can show: PNG, JPEG, WebP, AVIF or GIF.',
      lost: 'This happens when a driver restarts, a machine sleeps, or memory is short. Start again rebuilds the network; nothing has to be downloaded.',
      cameraDenied: 'Allow the camera for this page in the browser’s settings, then try again.',
      cameraMissing: 'Connect a camera that no other program uses, or take a picture from a file.',
      other: 'Loading the page again may help.',
    },
  },

  startAgain: 'Start again',
  cancel: 'Cancel',

  network: {
    heading: 'What should it do?',
    people: 'Find people',
    peopleText: 'Blurs, paints over or cuts away what is behind a person, in a photo or live. In this page already.',
    things: 'Recognise 1,000 things',
    thingsText: 'Animals, food, vehicles, tools: the classes of ImageNet, by a MobileNet. Kept for your next visit.',
    otherThings: 'Three other MobileNets',
    drawings: 'Cut out drawings',
    drawingsText: 'A small U-Net that was trained for this page on 300 drawings of the Open Clip Art Library.',
    garments: 'An experiment: ten grey garments',
    garmentsText:
      'Two networks trained alike on Fashion-MNIST, to see what separable convolutions save. They know nothing else.',
    own: 'Your own network: ONNX, TFLite, safetensors or a card',
    linked: (name: string) => `This link is about ${name}, which is not here yet.`,
    names: {
      separable: 'Separable convolutions',
      full: 'Standard convolutions',
      drawings: 'U-Net for drawings',
      people: 'MediaPipe selfie segmentation',
    } as Readonly<Record<string, string>>,
    runs: 'Running',
    use: 'Use it',
    recognise: (size: string) => `Download ${size} and recognise 1,000 things`,
    fetch: (size: string) => `Download ${size}`,
    kept: (size: string) => `already here, ${size}`,
    right: (share: string) => `${share} right`,
    iou: (iou: string) => `IoU ${iou}`,
    loading: (name: string) => `Loading ${name}`,
    downloaded: (loaded: string, total: string) => `${loaded} of ${total}`,
    compiling: 'Compiling for this GPU …',
    ready: (name: string) => `${name} is ready.`,
    missing: 'The cards of this page could not be read.',
  },

  facts: {
    input: 'Input',
    inputOf: (width: number, height: number, channels: number) =>
      `${width} × ${height}, ${channels === 1 ? 'grey' : 'colour'}`,
    work: 'Work',
    workOf: (macs: string, parameters: string) => `${macs} multiply-adds, ${parameters} parameters`,
    memory: 'Activations',
    accuracy: 'Accuracy',
    top1: (percent: string, dataset: string) => `${percent} (${dataset})`,
    iou: (iou: string, dataset: string) => `mean intersection over union ${iou} (${dataset})`,
    inference: 'One inference',
    medianOf: (time: string, runs: number) => (runs === 1 ? `${time}, one run` : `${time}, median of ${runs}`),
    first: 'First run',
    compile: 'Compiling',
    licence: 'Licence',
    source: 'Source',
  },

  code: {
    heading: 'The code for this',
    intro: 'With the npm package linnet and a bundler; the picture is the first <img> of the page.',
    copy: 'Copy',
    copied: 'Copied',
  },

  own: {
    intro:
      'Drop an ONNX or TFLite file anywhere on this page, a card (card.json) together with its files, or a safetensors file by itself. Files stay on your machine.',
    url: 'Address of a card, or of an ONNX, TFLite or safetensors file',
    load: 'Load',
    files: 'Choose files',
    withoutCard: 'For files without a card',
    architecture: 'Architecture (of safetensors)',
    names: 'Tensor names',
    namesOwn: 'torchvision’s (v1: Keras’)',
    namesTimm: 'timm’s',
    options: 'Options, as JSON',
    preprocess: 'Preparation of the picture, as JSON',
    notJson: (what: string, reason: string) => `${what}: this is not JSON. ${reason}`,
    noFiles: 'None of these files is a card (.json), a network (.onnx, .tflite), weights (.safetensors) or a picture.',
    missingFile: (name: string) => `The card names the file '${name}', which was not given with it.`,
  },

  picture: {
    heading: 'Pictures',
    samples: 'Samples',
    sample: (label: string, number: number | undefined) =>
      number === undefined ? label : `${label}, sample ${number}`,
    sampleNotes: {
      'fashion-mnist': 'Samples: the held-out part of Fashion-MNIST, which no network here was trained on.',
      drawings:
        'Samples: drawings of the Open Clip Art Library (public domain) on made-up backgrounds; no network here was trained on them.',
      photos:
        'Samples: Eileen Collins (NASA) and a launch (SpaceX), public domain; Chelsea (Stéfan van der Walt) and a coffee (Rachel Michetti), CC0.',
    },
    file: 'Open a photo',
    camera: 'Use your camera',
    stopCamera: 'Stop the camera',
    draw: 'Draw',
    stopDrawing: 'Stop drawing',
    hint: 'Or drop or paste a picture anywhere on this page.',
    dropHere: 'Drop a picture, a network, or a card with its files',
    drawing: 'Drawing area: white on black, with mouse, finger or pen',
    drawingNote: 'Draw a garment. Without a pointer, the samples do the same.',
    clear: 'Clear',
    cameraView: 'What the camera sees',
    cameraStarting: 'Waiting for the camera …',
    original: 'Your picture',
    seen: 'What the network sees',
    seenAt: (width: number, height: number) => `${width} × ${height}`,
    tensorsOnly: 'This card says nothing about pictures: the network takes tensors only.',
    none: 'No picture yet.',
    undecodable: (name: string) => `The browser cannot decode '${name}' as a picture.`,
    pasted: 'Pasted picture',
    drawn: 'Drawing',
    live: 'Camera',
  },

  /** Of samples and classes; those that are missing are called as their data set calls them. */
  labels: {} as Readonly<Record<string, string>>,

  /** Of data sets as cards name them. */
  datasets: {} as Readonly<Record<string, string>>,

  mask: {
    caption: 'The background',
    modes: { blur: 'Blur', replace: 'Replace', cutout: 'Cut out', overlay: 'Mask' },
  },

  answer: {
    heading: 'Answer',
    more: 'More about the answer',
    starting: 'Getting ready …',
    waiting: 'Choose a picture.',
    working: 'Looking …',
    found: { people: 'Looking for people' },
    covers: {
      people: (share: string) => `A person, on ${share} of the picture`,
      drawings: (share: string) => `A drawing, on ${share} of the picture`,
    },
    nothing: { people: 'Nobody in this picture', drawings: 'No drawing in this picture' },
    /** Of a picture that shows none. */
    only: {
      people: (share: string) =>
        `This network knows people and nothing else. It would call ${share} of this picture a person, which means nothing.`,
      drawings: (share: string) =>
        `This network knows drawings and nothing else. It would call ${share} of this picture a drawing, which means nothing.`,
    },
    provided: {
      people: 'If there is one: this network knows people and nothing else.',
      drawings: 'If there is one: this network knows drawings and nothing else.',
    },
    mask: 'The network’s mask, over the picture',
    perhaps: (label: string) => `Perhaps: ${label}`,
    truth: (label: string) => `the data set calls it ${label}`,
    onlyGarments: (label: string) =>
      `This network knows ten grey garments and nothing else. It would call this “${label}”, which means nothing.`,
    recognise: 'Recognise 1,000 things',
    download: (size: string) => `Download ${size} and recognise 1,000 things`,
    by: (network: string) => `${network}:`,
    streamed: (frames: string, time: string) =>
      `${frames} ${frames === '1' ? 'frame' : 'frames'} a second, ${time} each`,
    each: (time: string) => `${time} a picture`,
    beforehand:
      'Without a GPU that the browser can use, this page shows what was computed beforehand for some of its samples.',
    noGpu: 'No answer without a GPU',
    ahead: {
      heading: 'Answer, computed beforehand',
      caption: 'Computed beforehand: your GPU is getting ready …',
    },
  },

  plan: {
    lead: 'A network is compiled once: which kernels run, in which order, and where every byte of memory lies is settled before the first picture comes.',
    network: 'Network',
    planning: 'Planning …',
    nothing: 'What its file holds is known once it runs.',
    heading: 'The plan',
    intro: (name: string) =>
      `Everything that ${name} needs is settled before it runs: which kernels, in which order, and where every byte lies.`,
    withoutGpu: 'Planned for WebGPU’s default limits; no GPU was asked.',
    dispatches: 'dispatches',
    dispatchesNote: 'programs that the GPU is told to run, one after another',
    pipelines: 'pipelines',
    pipelinesNote: 'different programs, each compiled once',
    activations: 'for activations',
    against: (separate: string) => `${separate} if every tensor had its own`,
    weights: 'of weights',
    weightsNote: 'on the GPU, as the kernels read them',
    macs: 'multiply-adds',
    macsNote: 'a weight times a value, added to a sum: what a convolution consists of',
    parameters: 'parameters',
    layers: 'Layers',
    layersNote:
      'One row for each layer. Batch normalization, activations and additions are part of the convolution before them. Rows 1/2 and 2/2 are the halves of a layer whose channels are computed in two turns, which takes less memory.',
    tableLabel: 'Layers of the plan, scrollable',
    columns: {
      index: '#',
      name: 'Kernel',
      kind: 'Shader',
      shape: 'Output',
      parameters: 'Parameters',
      macs: 'Multiply-adds',
      share: 'Share',
      read: 'Read',
      written: 'Written',
    },
    arenas: 'Memory over time',
    arenasNote:
      'An arena is one piece of the GPU’s memory. Each box is a tensor: as wide as its life, as high as its bytes. Tensors that are never alive together share the same place in an arena. A kernel reads from one arena and writes to another, as WebGPU demands; each result has an arena of its own.',
    arenasLabel: 'Lives of the tensors in the arenas. Arrow keys go from tensor to tensor.',
    arena: (index: number, size: string) => `Arena ${index + 1} · ${size}`,
    kernelAxis: 'kernel',
    life: (first: number, last: number) => (first === last ? `during kernel ${first}` : `kernels ${first} to ${last}`),
    at: (offset: string) => `at ${offset}`,
    pick: 'Point at a box, or use the arrow keys in the picture.',
  },

  footer: {
    licence:
      'Linnet is MIT-licensed. Fashion-MNIST: Zalando Research, MIT. Drawings: Open Clip Art Library, public domain. Selfie segmentation: Google, Apache 2.0.',
    embed: 'The smallest page that uses it.',
  },
};
