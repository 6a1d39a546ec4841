/** Waits for the GPU. A browser may look for finished work every 100 ms only, unless something is submitted (Firefox 153). */
export async function finished({ queue }: GPUDevice): Promise<void> {
  const nudging = setInterval(() => queue.submit([]), 2);
  try {
    await queue.onSubmittedWorkDone();
  } finally {
    clearInterval(nudging);
  }
}
