import type { Driver, Handle } from './driver.ts';

/** Memory on the device, given back together. */
export type DeviceMemory = {
  readonly take: (bytes: number) => Handle;
  /** Takes as much as an array needs and copies it there. */
  readonly put: (values: Float64Array | Uint32Array) => Handle;
  readonly release: () => void;
};

export function deviceMemory({ call }: Driver): DeviceMemory {
  const taken: Handle[] = [];
  function take(bytes: number): Handle {
    const address = new BigUint64Array(1);
    call('cuMemAlloc_v2', address, Math.max(8, bytes));
    const handle = address[0] ?? 0n;
    taken.push(handle);
    return handle;
  }
  return {
    take,
    put: (values) => {
      const address = take(values.byteLength);
      if (values.length > 0) call('cuMemcpyHtoD_v2', address, values, values.byteLength);
      return address;
    },
    release: () => {
      for (const address of taken.splice(0)) call('cuMemFree_v2', address);
    },
  };
}
