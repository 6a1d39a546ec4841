import { expect, test } from 'playwright/test';
import { withJosa } from '../demo/shared/strings/josa.ts';

test('a Korean particle follows how the word before it is read', () => {
  const cases = {
    '이/가': [
      ['가방이', '바지가', '건너뛰기 1이', '건너뛰기 2가', '건너뛰기 3이', '건너뛰기 4가', '50%가'],
      ['U-Net이', 'MobileNet이', 'ResNeXt가', 'VGG-16이', 'photo.png가', 'model.onnx가', 'model.json이'],
    ],
    '과/와': [['DenseNet-121과', 'DenseNet-161과', 'DenseNet-169와', 'DenseNet-201과', 'ResNet-50과', 'VGG-19와']],
    '을/를': [["'card.json'을", '‘바지’를', 'tabby, tabby cat을', '(3)을']],
  };
  for (const [josa, groups] of Object.entries(cases)) {
    const [afterConsonant = '', afterVowel = ''] = josa.split('/');
    for (const expected of groups.flat()) {
      expect(withJosa(expected.slice(0, -1), afterConsonant, afterVowel)).toBe(expected);
    }
  }
});
