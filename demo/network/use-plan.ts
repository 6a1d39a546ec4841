import { type Architecture, capabilitiesOf, type Plan, planFor } from 'linnet';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { pause } from '../shared/pause.ts';

const itself = (plan: Plan) => plan;

/** The plan of an architecture for the page's device, or for WebGPU's default limits. */
export function usePlan(architecture: Architecture | undefined, device?: GPUDevice): Plan | undefined {
  const architectures = useMemo(() => architecture && [architecture], [architecture]);
  return usePlans(architectures, itself, device)?.[0];
}

/** What `of` makes of each plan, once all are made. A phone needs a moment for each, and is left free between them. */
export function usePlans<Result>(
  architectures: readonly Architecture[] | undefined,
  of: (plan: Plan) => Result,
  device?: GPUDevice,
): readonly Result[] | undefined {
  const [made, setMade] = useState<{
    architectures: readonly Architecture[];
    device: GPUDevice | undefined;
    results: readonly Result[];
  }>();
  useEffect(() => {
    if (!architectures) return;
    let stale = false;
    const make = async () => {
      const results: Result[] = [];
      for (const architecture of architectures) {
        await pause();
        if (stale) return;
        results.push(of(planFor(architecture, device && capabilitiesOf(device))));
      }
      // To show them takes a moment, too.
      await pause();
      if (!stale) setMade({ architectures, device, results });
    };
    void make();
    return () => {
      stale = true;
    };
  }, [architectures, device]);
  return made?.architectures === architectures && made?.device === device ? made?.results : undefined;
}
