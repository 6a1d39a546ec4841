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
  lead: 'Convolutional networks run in this page, on your own GPU: nothing that you show them leaves your machine.',

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
    noWebGpu: 'This page needs WebGPU',
    noAdapter: 'The browser found no GPU that it can use',
    weights: 'These weights cannot be used',
    card: 'This card cannot be used',
    model: 'This file cannot be opened',
    fetch: 'A file cannot be fetched',
    architecture: 'These options do not make a network',
    input: 'This picture cannot be used',
    lost: 'The GPU was taken away from this page',
    camera: 'The camera cannot be used',
    other: 'Something went wrong',
    aborted: 'Loading was cancelled. Nothing of it was kept.',
    dismiss: 'Close this message',
    help: {
      noWebGpu:
        'WebGPU is in Chrome and Edge from 113 (Android 121), in Safari from 26, and in Firefox from 141 on Windows and 145 on Macs with Apple’s chips. The plan below and the pages on why networks were invented need no GPU.',
      insecure: 'Browsers offer WebGPU only to pages loaded over HTTPS or from localhost: open this page that way.',
      noAdapter:
        'Update the browser and the graphics driver. Graphics acceleration may be switched off in the browser’s settings; on Linux, Chrome may want the flag enable-unsafe-webgpu. The plan below and the pages on why networks were invented need no GPU.',
      unsupported: 'A smaller network, or another browser or machine, may do.',
      weights:
        'Check that the file is complete and belongs to this architecture with these options. The network that ran before still does.',
      card: 'A card is a JSON file with schema, name, task, architecture, options, weights, preprocess and labels. The network that ran before still does.',
      model:
        'Convolutional networks in ONNX or TensorFlow Lite files can be opened, as far as all their operators are known. The network that ran before still does.',
      fetch:
        'Check the address and the connection. A server elsewhere must allow this page to read the file. The network that ran before still does.',
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
    heading: 'Choose a network',
    here: 'In this page',
    hereNote:
      'Two were trained for this page on ten kinds of clothes, grey on black, and one on drawings, which it cuts out; one is MediaPipe’s, and finds people. No other server is asked.',
    published: 'Published elsewhere',
    publishedNote: 'Weights are fetched from their publisher only when you press the button.',
    own: 'Your own',
    ownOption: 'An ONNX, TFLite or safetensors file, or a card',
    separable: 'Depthwise separable convolutions',
    full: 'Full convolutions',
    drawings: 'U-Net for drawings',
    people: 'MediaPipe selfie segmentation',
    iou: (iou: string) => `IoU ${iou}`,
    iouOf: (iou: string, dataset: string) => `mean intersection over union ${iou} (${dataset})`,
    fetch: (size: string) => `Download ${size} and run`,
    about: (size: string) => `about ${size}`,
    licence: 'Licence',
    source: 'Source',
    size: 'Weights',
    accuracy: 'Accuracy',
    work: 'Work',
    workOf: (macs: string, parameters: string) => `${macs} multiply-adds, ${parameters} parameters`,
    memory: 'Activations',
    input: 'Input',
    inputOf: (width: number, height: number, channels: number) =>
      `${width} × ${height}, ${channels === 1 ? 'grey' : 'colour'}`,
    top1: (percent: string, dataset: string) => `${percent} (${dataset})`,
    loading: (name: string) => `Loading ${name}`,
    downloaded: (loaded: string, total: string) => `${loaded} of ${total}`,
    downloadedSome: (loaded: string) => loaded,
    compiling: 'Compiling for this GPU …',
    ready: (name: string) => `${name} is ready.`,
    missing: 'The cards of this page could not be read.',
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
    heading: 'Choose a picture',
    samples: 'Samples',
    sample: (label: string, number: number) => `${label}, sample ${number}`,
    sampleNotes: {
      'fashion-mnist': 'From the held-out part of Fashion-MNIST, which no network here was trained on.',
      drawings:
        'Drawings of the Open Clip Art Library (public domain) on made-up backgrounds; no network here was trained on them.',
      people: 'Astronaut Eileen Collins, NASA (public domain).',
    },
    file: 'Choose a file',
    camera: 'Use the camera',
    stopCamera: 'Stop the camera',
    draw: 'Draw',
    stopDrawing: 'Stop drawing',
    hint: 'Or drop a picture anywhere on this page, or paste one.',
    dropHere: 'Drop a picture, a network, or a card with its files',
    drawing: 'Drawing area: white on black, with mouse, finger or pen',
    drawingNote: 'Draw a piece of clothing. Without a pointer, the samples above do the same.',
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

  mask: {
    caption: 'The network’s mask',
    overlay: 'Over the picture',
    cutout: 'Cut out',
  },

  result: {
    heading: 'Result',
    by: (network: string) => `${network} says`,
    waiting: 'Choose a network and a picture.',
    working: 'Computing …',
    truth: (label: string) => `The data set calls it: ${label}.`,
    unsure: 'No class reaches 40 %: the network is guessing.',
    maskBy: (network: string) => `${network} has drawn its mask over the picture.`,
    maskNote: (adapter: string) =>
      `Measured on ${adapter}, from the picture to the finished drawing on the GPU; nothing is read back.`,
    inference: 'One inference',
    medianOf: (runs: number) => (runs === 1 ? 'one run' : `median of ${runs}`),
    first: 'First run',
    compile: 'Compiling',
    note: (adapter: string) =>
      `Measured on ${adapter}, from the picture to the probabilities in the page, reading back included.`,
  },

  plan: {
    heading: 'The plan',
    intro: (name: string) =>
      `Everything that ${name} needs is settled before it runs: which kernels, in which order, and where every byte lies.`,
    withoutGpu: 'Planned for WebGPU’s default limits; no GPU was asked.',
    dispatches: 'dispatches',
    pipelines: 'pipelines',
    activations: 'for activations',
    against: (separate: string) => `${separate} if every tensor had its own`,
    weights: 'of weights',
    macs: 'multiply-adds',
    parameters: 'parameters',
    layers: 'Layers',
    layersNote:
      'One row for each layer. Batch normalisation, activations and additions are part of the convolution before them. Rows 1/2 and 2/2 are the halves of a layer whose channels are computed in two turns, which takes less memory.',
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
      'Each box is a tensor: as wide as its life, as high as its bytes. Tensors that are never alive together share the same place in an arena. A kernel reads from one arena and writes to another, as WebGPU demands; each result has an arena of its own.',
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
