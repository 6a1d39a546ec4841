const answer = document.querySelector('p');
try {
  const net = await linnet.loadModel('models/fashion-mnist-separable/card.json');
  const [best] = await net.classify(document.querySelector('img'), { topK: 3 });
  answer.textContent = `${best.label} (${Math.round(100 * best.probability)} %)`;
} catch (error) {
  answer.textContent = error.message;
}
