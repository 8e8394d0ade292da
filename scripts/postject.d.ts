/** Injects a resource into an executable of any system; the package brings no types. */
declare module "postject" {
  export function inject(
    file: string,
    name: string,
    data: Buffer,
    options: { readonly sentinelFuse: string; readonly machoSegmentName: string },
  ): Promise<void>;
}
