/** Put in by the build (`scripts/build-cli.ts`) from package.json. */
declare const DESKPAIR_VERSION: string;

export type Program = { readonly main: (source: NodeJS.Process, version: string) => Promise<void> };

/**
 * Start-up time is what a fleet pays a thousand times, so whoever starts the command line loads next to nothing: this
 * answers what needs no program, and only then loads the rest.
 */
export async function start(load: () => Program | Promise<Program>): Promise<void> {
  const [only, ...others] = process.argv.slice(2);
  if (others.length === 0 && (only === "--version" || only === "-V")) {
    process.stdout.write(`${DESKPAIR_VERSION}\n`);
    return;
  }
  const { main } = await load();
  await main(process, DESKPAIR_VERSION);
}
