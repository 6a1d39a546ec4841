import { type Architecture, capabilitiesOf, type Plan, planFor } from 'linnet';
import { useEffect, useState } from 'preact/hooks';

/** The plan of an architecture for the page's device, or for WebGPU's default limits: made in a task of its own, as it takes long. */
export function usePlan(architecture: Architecture | undefined, device?: GPUDevice): Plan | undefined {
  const [made, setMade] = useState<{ architecture: Architecture; device: GPUDevice | undefined; plan: Plan }>();
  useEffect(() => {
    if (!architecture) return;
    const timer = setTimeout(() => {
      setMade({ architecture, device, plan: planFor(architecture, device && capabilitiesOf(device)) });
    });
    return () => clearTimeout(timer);
  }, [architecture, device]);
  return made?.architecture === architecture && made?.device === device ? made?.plan : undefined;
}
