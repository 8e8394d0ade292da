import type { MenuItemConstructorOptions } from "electron";
import type { EventPayload } from "../contract/ipc.ts";
import type { LinkName } from "./links.ts";

type MenuScreen = EventPayload<"app.show">["screen"];

export type MenuGiven = {
  readonly platform: NodeJS.Platform;
  readonly appName: string;
  /** Only where the page comes from the development server. */
  readonly development: boolean;
  readonly openLink: (name: LinkName) => void;
  readonly show: (screen: MenuScreen) => void;
};

/**
 * The menu of the application. Native roles wherever there is one: they bring the right words, shortcuts and places on
 * each system. No reload and no DevTools in what is released.
 *
 * SECURITY: checklist 8.
 */
export function menuTemplate(given: MenuGiven): MenuItemConstructorOptions[] {
  const mac = given.platform === "darwin";
  const link = (label: string, name: LinkName): MenuItemConstructorOptions => ({
    label,
    click: () => given.openLink(name),
  });
  const view: MenuItemConstructorOptions[] = [
    { role: "resetZoom" },
    { role: "zoomIn" },
    { role: "zoomOut" },
    { type: "separator" },
    { role: "togglefullscreen" },
  ];
  if (given.development) view.push({ type: "separator" }, { role: "reload" }, { role: "toggleDevTools" });
  const help: MenuItemConstructorOptions[] = [
    link("Pairing a Workstation", "help.pairing"),
    link("Administrator Roles", "help.roles"),
    link("The PingID Desktop App", "help.agent"),
    { type: "separator" },
    { label: "What Is in Force", click: () => given.show("policy") },
  ];
  // On the Mac "About" stands in the application's own menu.
  if (!mac) help.push({ type: "separator" }, { role: "about", label: `About ${given.appName}` });
  return [
    ...(mac ? [{ role: "appMenu" } as const] : []),
    { role: "fileMenu" },
    { role: "editMenu" },
    { label: mac ? "View" : "&View", submenu: view },
    { role: "windowMenu" },
    { role: "help", label: mac ? "Help" : "&Help", submenu: help },
  ];
}
