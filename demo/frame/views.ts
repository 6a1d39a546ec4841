import type { ComponentType } from 'preact';
import type { Locale, Place } from './place.ts';
import type { ViewProps } from './view-props.ts';

/**
 * One page of the demo. To add one:
 *
 * 1. A component in a folder of its own, its file's default export, that takes `ViewProps`. It renders what comes below
 *    the heading, beginning with a `<p class="lead">`; `<section>`s below that have an `<h2>` each. `main > section` is
 *    spaced and ruled off by page.css; styles of the view alone are in a style sheet that the component's file imports.
 * 2. Its words in `<view>-strings.ts` beside it: `const english = { ... }`, `const korean: typeof english = { ... }`,
 *    `export const words = { en: english, ko: korean }`, and in components `useWords(words)`. A sentence with a number in
 *    it is a function; numbers come from `useFormat()`.
 * 3. A row in `VIEWS`, which is also the order of the navigation. Nothing else knows the views.
 */
export interface View {
  /** Behind the `#` of the address. */
  readonly id: string;
  /** In the navigation, and the document's title. */
  readonly title: Readonly<Record<Locale, string>>;
  /** The page's `<h1>`, which the frame renders and moves the focus to. */
  readonly heading: Readonly<Record<Locale, string>>;
  /** Of the views that tell where the device is missing: what is there all the same. In the others nothing is amiss without one. */
  readonly withoutGpu?: Readonly<Record<Locale, string>>;
  /** A picture that is given while it is open stays there, as it does in views that need a device. */
  readonly showsPicture?: true;
  readonly load: () => Promise<{ default: ComponentType<ViewProps> }>;
}

export const VIEWS: readonly [View, ...View[]] = [
  {
    id: 'try',
    title: { en: 'Try it', ko: '써 보기' },
    heading: { en: 'Convolutional networks on your own GPU', ko: '내 GPU에서 돌아가는 합성곱 신경망' },
    withoutGpu: {
      en: 'The samples above have answers that were computed beforehand. Pictures of your own and the camera need a GPU, and most other pages need none.',
      ko: '위 예시의 답은 미리 계산해 둔 것입니다. 내 사진과 카메라에는 GPU가 필요하지만, 다른 페이지는 대부분 GPU 없이 볼 수 있습니다.',
    },
    load: () => import('../try-it/try-it.tsx'),
  },
  {
    id: 'layers',
    title: { en: 'Layers', ko: '층 보기' },
    heading: { en: 'What each layer sees', ko: '층마다 무엇을 보는가' },
    withoutGpu: {
      en: 'Even so, this page has the diagrams of all networks, and what one of them makes of a picture.',
      ko: 'GPU 없이도 모든 네트워크의 구조를 볼 수 있고, 네트워크 하나는 이미지를 어떻게 바꾸는지까지 볼 수 있습니다.',
    },
    load: () => import('../layers/layers.tsx'),
  },
  {
    id: 'convolution',
    title: { en: 'Convolution', ko: '합성곱' },
    heading: { en: 'What a convolution is', ko: '합성곱이란 무엇인가' },
    showsPicture: true,
    load: () => import('../learn/convolution.tsx'),
  },
  {
    id: 'why-mobilenet',
    title: { en: 'Why MobileNet', ko: '왜 MobileNet인가' },
    heading: { en: 'Why MobileNets are small', ko: 'MobileNet은 왜 작은가' },
    load: () => import('../learn/why-mobilenet.tsx'),
  },
  {
    id: 'why-unet',
    title: { en: 'Why U-Net', ko: '왜 U-Net인가' },
    heading: { en: 'Why U-Nets have skips', ko: 'U-Net에는 왜 건너뛰기 연결이 있는가' },
    withoutGpu: {
      en: 'Even so, this page has masks and maps of its drawings that were computed beforehand.',
      ko: 'GPU 없이도 이 페이지의 그림들은 미리 계산해 둔 마스크와 특징 맵으로 볼 수 있습니다.',
    },
    load: () => import('../learn/why-unet.tsx'),
  },
  {
    id: 'why-resnext',
    title: { en: 'Why ResNeXt', ko: '왜 ResNeXt인가' },
    heading: { en: 'Why ResNeXts have many paths', ko: 'ResNeXt에는 왜 경로가 많은가' },
    load: () => import('../learn/why-resnext.tsx'),
  },
  {
    id: 'why-densenet',
    title: { en: 'Why DenseNet', ko: '왜 DenseNet인가' },
    heading: { en: 'Why DenseNets need few weights', ko: 'DenseNet은 왜 가중치가 적은가' },
    load: () => import('../learn/why-densenet.tsx'),
  },
  {
    id: 'compare',
    title: { en: 'Compare', ko: '비교' },
    heading: { en: 'All networks side by side', ko: '모든 네트워크를 나란히' },
    withoutGpu: {
      en: 'Even so, this page has everything but the times on your machine.',
      ko: 'GPU 없이도 이 기기에서 걸리는 시간을 뺀 모든 것을 볼 수 있습니다.',
    },
    load: () => import('../compare/compare.tsx'),
  },
  {
    id: 'how-it-runs',
    title: { en: 'How it runs', ko: '실행 방식' },
    heading: { en: 'How it runs', ko: '네트워크는 이렇게 실행됩니다' },
    withoutGpu: {
      en: 'Even so, this page has the plans, which are made before a GPU is touched, but no times.',
      ko: '실행 계획은 GPU를 쓰기 전에 세우므로 모두 볼 수 있고, 시간만 빠져 있습니다.',
    },
    load: () => import('../how-it-runs/how-it-runs.tsx'),
  },
];

/** The view that an address asks for; the first one if it asks for none that there is. */
export const viewOf = ({ view }: Place): View => VIEWS.find(({ id }) => id === view) ?? VIEWS[0];
