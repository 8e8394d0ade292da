import type { ElectronApplication } from "@playwright/test";

/**
 * Puts an authenticator of Chromium's into every window that opens from now on, by the DevTools that Electron has built
 * in. It is there before the window's page is loaded, so the page cannot begin without it.
 */
export async function plugIn(
  app: ElectronApplication,
  changes: Readonly<Record<string, string | boolean>> = {},
): Promise<void> {
  const options = {
    protocol: "ctap2",
    ctap2Version: "ctap2_1",
    transport: "usb",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
    ...changes,
  };
  await app.evaluate((electron, given) => {
    electron.app.on("browser-window-created", (_event, window) => {
      const load = window.loadURL.bind(window);
      window.loadURL = async (...address) => {
        const { debugger: devtools } = window.webContents;
        devtools.attach("1.3");
        await devtools.sendCommand("WebAuthn.enable", { enableUI: false });
        await devtools.sendCommand("WebAuthn.addVirtualAuthenticator", { options: given });
        await load(...address);
      };
    });
  }, options);
}
