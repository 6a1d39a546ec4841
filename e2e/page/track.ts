/** Counts the objects of a device that hold memory until they are destroyed. */
export function track(device: GPUDevice) {
  const methods = ['createBuffer', 'createTexture', 'createQuerySet'] as const;
  const alive = new Set<GPUBuffer | GPUTexture | GPUQuerySet>();
  let made = 0;
  for (const method of methods) {
    const create = device[method].bind(device) as (descriptor: object) => GPUBuffer | GPUTexture | GPUQuerySet;
    replace(device, method, (descriptor: object) => {
      const object = create(descriptor);
      const destroy = object.destroy.bind(object);
      made++;
      alive.add(object);
      replace(object, 'destroy', () => {
        alive.delete(object);
        destroy();
      });
      return object;
    });
  }
  return {
    made: () => made,
    alive: () => Array.from(alive, ({ label }) => label),
    stop: () => methods.forEach((method) => void restoreProperty(device, method)),
  };
}

// WebGPU's methods are the prototype's: a property of the object hides one, and its removal shows it again.
export const replace = (object: object, name: string, value: unknown) =>
  Object.defineProperty(object, name, { value, configurable: true });
export const restoreProperty = (object: object, name: string) => Reflect.deleteProperty(object, name);
