import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, heading, type Running, test, text } from "./running-app.ts";

/** Starts the app once more as the first one was started, without Playwright's own arguments; resolves with its exit code. */
async function startAgain({ app }: Running): Promise<number | null> {
  const { spawnfile, spawnargs } = app.process();
  const loader = spawnargs.findIndex((argument) => argument === "-r");
  const args = spawnargs.filter(
    (argument, index) =>
      index > 0 &&
      !/^--(inspect|remote-debugging-port)=/.test(argument) &&
      (loader < 0 || (index !== loader && index !== loader + 1)),
  );
  const { env, cwd } = await app.evaluate(() => ({ env: process.env, cwd: process.cwd() }));
  const second = spawn(spawnfile, args, { env, cwd, stdio: "ignore" });
  const [code] = await once(second, "exit");
  return code;
}

test("39: a second start brings the first window to the front and ends", async ({ launch }) => {
  const running = await launch();
  const { app, page } = running;
  await expect(heading(page, text.profile.firstHeading)).toBeVisible();
  const window = await app.browserWindow(page);
  await window.evaluate((each) => each.minimize());
  await expect.poll(() => window.evaluate((each) => each.isMinimized())).toBe(true);

  expect(await startAgain(running)).toBe(0);
  await expect.poll(() => window.evaluate((each) => each.isMinimized())).toBe(false);
  expect(app.windows()).toHaveLength(1);
  await expect(heading(page, text.profile.firstHeading)).toBeVisible();
});
