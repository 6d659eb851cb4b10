/** A compiled module: nothing looks inside, and it may be posted to a worker. */
export type CompiledModule = object & { readonly compiledModule?: never };

/** What this project uses of the WebAssembly that Node has: its types come with a browser's, which nothing here is to see. */
type Host = {
  readonly compile: (bytes: Uint8Array) => Promise<CompiledModule>;
  readonly instantiate: (module: CompiledModule) => { readonly exports: Readonly<Record<string, unknown>> };
};

type Global = {
  readonly WebAssembly: {
    readonly compile: Host['compile'];
    readonly Instance: new (module: CompiledModule) => { readonly exports: Readonly<Record<string, unknown>> };
  };
};

const { WebAssembly: host } = globalThis as unknown as Global;

export const webAssembly: Host = {
  compile: (bytes) => host.compile(bytes),
  instantiate: (module) => new host.Instance(module),
};
