// Node as a third place for cases of the GPU, on Dawn (npm `webgpu`): no browser stands between them and the machine's driver,
// so they run on any GPU that has Vulkan, Metal or D3D12, and on a software adapter that browsers refuse.
import { pathToFileURL } from 'node:url';
import { create, globals } from 'webgpu';

/** The part of a page that cases use which draw no pictures. */
export class NodePage {
  private readonly complaints: string[];
  private readonly module: string;

  /** `module` is the path of the built test page's code. What the cases write to the console is added to `complaints`. */
  constructor(module: string, complaints: string[]) {
    this.module = module;
    this.complaints = complaints;
  }

  async goto(address: string): Promise<void> {
    const { fetch } = globalThis;
    Object.assign(globalThis, globals, {
      location: new URL(address),
      fetch: (input: RequestInfo | URL, init?: RequestInit) =>
        fetch(typeof input === 'string' ? new URL(input, address) : input, init),
    });
    // Dawn crashes when the object that `create` gives is collected while a device lives.
    const gpu = create([]);
    Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
    for (const [method, type] of [
      ['warn', 'warning'],
      ['error', 'error'],
    ] as const) {
      console[method] = (...values) => void this.complaints.push(`${type}: ${values.join(' ')}`);
    }
    await import(pathToFileURL(this.module).href);
  }

  evaluate(work: (call: string) => Promise<string>, call: string): Promise<string> {
    return work(call);
  }

  async close(): Promise<void> {}
}
