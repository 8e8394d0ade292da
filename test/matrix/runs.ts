/** How often each property is tried: 500 in every test run, more in `npm run nightly`. */
export const runs = Number(process.env["DESKPAIR_PROPERTY_RUNS"] ?? 500);

/** What a property may take, on a busy machine. */
export const limitMs = 30_000 + runs * 200;

export const tell = (property: string): void => {
  process.stdout.write(`${property}: ${runs} runs\n`);
};
