import type * as Electron from "electron";
import { covered, notCovered } from "./coverage.ts";
import { note } from "./record.ts";

type Options = Electron.MenuItemConstructorOptions;

/** A menu item that a test can read and click. No menu is ever drawn, and no accelerator is listened to. */
export class MenuItem {
  readonly id: string | undefined;
  readonly label: string;
  readonly type: NonNullable<Options["type"]>;
  readonly role: Options["role"];
  readonly accelerator: Options["accelerator"];
  readonly submenu: Menu | undefined;
  readonly toolTip: string;
  enabled: boolean;
  visible: boolean;
  checked: boolean;
  readonly click: (event?: object, window?: object, contents?: object) => void;

  constructor(options: Options) {
    this.id = options.id;
    this.label = options.label ?? "";
    this.type = options.type ?? (options.submenu ? "submenu" : "normal");
    this.role = options.role;
    this.accelerator = options.accelerator;
    this.submenu = Array.isArray(options.submenu) ? Menu.buildFromTemplate(options.submenu) : asMenu(options.submenu);
    this.toolTip = options.toolTip ?? "";
    this.enabled = options.enabled !== false;
    this.visible = options.visible !== false;
    this.checked = options.checked === true;
    this.click = (event = {}, window) => {
      if (!this.enabled) return;
      if (this.type === "checkbox") this.checked = !this.checked;
      if (this.type === "radio") this.checked = true;
      if (options.click) {
        const item = this as unknown as Electron.MenuItem;
        options.click(item, window as Electron.BaseWindow | undefined, event);
      } else if (options.role) throw notCovered(`clicking the menu role '${options.role}'`);
    };
  }
}

const asMenu = (menu: Electron.Menu | undefined): Menu | undefined => menu as unknown as Menu | undefined;

let applicationMenu: Electron.Menu | null = null;

export class Menu {
  readonly items: MenuItem[] = [];

  constructor() {
    // oxlint-disable-next-line no-constructor-return
    return covered("Menu", this);
  }

  static buildFromTemplate(template: readonly (Options | Electron.MenuItem)[]): Menu {
    const menu = new Menu();
    for (const options of template) {
      menu.items.push(options instanceof MenuItem ? options : new MenuItem(options as Options));
    }
    return menu;
  }
  static setApplicationMenu(menu: Electron.Menu | null): void {
    applicationMenu = menu;
  }
  static getApplicationMenu(): Electron.Menu | null {
    return applicationMenu;
  }

  append(item: MenuItem): void {
    this.items.push(item);
  }
  insert(position: number, item: MenuItem): void {
    this.items.splice(position, 0, item);
  }
  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
  popup(): void {
    note(
      "Menu.popup",
      this.items.map(({ label }) => label),
    );
  }
  closePopup(): void {
    note("Menu.closePopup");
  }
}
