const answer = document.querySelector('p');
try {
  const net = await linnet.loadModel('models/fashion-mnist-separable/card.json');
  const [best] = await net.classify(document.querySelector('img'), { topK: 3 });
  answer.textContent = `${best.label} (${Math.round(100 * best.probability)}%)`;
} catch (error) {
  const help = 'This needs WebGPU, which current browsers have on pages over HTTPS or from localhost.';
  answer.textContent = error.name === 'UnsupportedError' ? help : error.message;
}
