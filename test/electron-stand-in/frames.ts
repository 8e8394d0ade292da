import type * as Electron from "electron";
import { fromAlias, originOf } from "./aliases.ts";
import { emitterWith } from "./coverage.ts";
import type { DevTools } from "./devtools.ts";
import { createIpc, type Ipc } from "./ipc.ts";
import { isolatedWorldName } from "./preload-world.ts";

type Covered =
  | "detached"
  | "executeJavaScript"
  | "frames"
  | "framesInSubtree"
  | "ipc"
  | "isDestroyed"
  | "name"
  | "origin"
  | "parent"
  | "send"
  | "top"
  | "url";

/** One frame of a page, as the app sees it. */
export type Frame = Pick<Electron.WebFrameMain, Covered>;

type FrameState = {
  id: string;
  readonly parentId: string | undefined;
  readonly frame: Frame;
  readonly ipc: Ipc;
  url: string;
  name: string;
  gone: boolean;
};

/** A script world of one document. It ends with the document, which makes it the document's identity. */
type World = { readonly id: number; readonly frameId: string; readonly name: string };

export type FrameTree = {
  /** Starts following a page. Before that there is only a main frame without a document. */
  readonly follow: (devtools: DevTools, mainFrameId: string) => void;
  readonly main: () => Frame;
  readonly isMain: (frameId: string) => boolean;
  readonly find: (frameId: string | undefined) => Frame | undefined;
  readonly ipcOf: (frame: Frame) => Ipc | undefined;
  /** The frame whose preload runs in this world; undefined when the document has gone or the world is another one. */
  readonly preloadOwner: (worldId: number) => Frame | undefined;
  readonly preloadWorld: (frame: Frame) => number | undefined;
};

export type FrameActions = {
  readonly send: (frame: Frame, channel: string, args: readonly unknown[]) => void;
  readonly execute: (code: string, userGesture: boolean, worldId: number | undefined) => Promise<unknown>;
};

/** The frames of a page and the worlds of their documents. */
export function createFrameTree(actions: FrameActions): FrameTree {
  const states = new Map<string, FrameState>();
  const worlds = new Map<number, World>();

  const children = (id: string): FrameState[] => [...states.values()].filter(({ parentId }) => parentId === id);
  const subtree = (state: FrameState): FrameState[] => [state, ...children(state.id).flatMap(subtree)];
  const create = (id: string, parentId: string | undefined): FrameState => {
    const ipc = createIpc("WebFrameMain.ipc");
    const members: Frame = {
      get url() {
        return state.url;
      },
      get origin() {
        return originOf(state.url);
      },
      get name() {
        return state.name;
      },
      get parent() {
        return asElectron(states.get(parentId ?? "")?.frame) ?? null;
      },
      get top() {
        return state.gone ? null : (asElectron(tree.main()) ?? null);
      },
      get frames() {
        return children(state.id).map(({ frame }) => frame as Electron.WebFrameMain);
      },
      get framesInSubtree() {
        return subtree(state).map(({ frame }) => frame as Electron.WebFrameMain);
      },
      get detached() {
        return state.gone;
      },
      ipc: ipc.ipc,
      isDestroyed: () => state.gone,
      send: (channel, ...args: unknown[]) => actions.send(state.frame, channel, args),
      executeJavaScript: (code, userGesture = false) => actions.execute(code, userGesture, worldOf(state.id, "")),
    };
    const frame = emitterWith("WebFrameMain", members, ["dom-ready"]);
    const state: FrameState = { id, parentId, frame, ipc, url: "", name: "", gone: false };
    return state;
  };
  const add = (id: string, parentId: string | undefined): FrameState => {
    const state = create(id, parentId);
    states.set(id, state);
    return state;
  };
  const worldOf = (frameId: string, name: string): number | undefined =>
    [...worlds.values()].findLast((world) => world.frameId === frameId && world.name === name)?.id;
  const stateOf = (frame: Frame): FrameState | undefined => [...states.values()].find((state) => state.frame === frame);

  const mainState = create("", undefined);
  const follow = (devtools: DevTools, mainFrameId: string): void => {
    mainState.id = mainFrameId;
    states.set(mainFrameId, mainState);
    devtools.on("Page.frameAttached", ({ frameId, parentFrameId }) => {
      if (!states.has(frameId)) add(frameId, parentFrameId);
    });
    devtools.on("Page.frameNavigated", ({ frame }) => {
      const state = states.get(frame.id) ?? add(frame.id, frame.parentId);
      state.url = fromAlias(frame.url + (frame.urlFragment ?? ""));
      state.name = frame.name ?? "";
    });
    devtools.on("Page.navigatedWithinDocument", ({ frameId, url }) => {
      const state = states.get(frameId);
      if (state) state.url = fromAlias(url);
    });
    devtools.on("Page.frameDetached", ({ frameId, reason }) => {
      const state = states.get(frameId);
      // "swap": the frame goes on in another process.
      if (!state || reason === "swap") return;
      state.gone = true;
      states.delete(frameId);
    });
    devtools.on("Runtime.executionContextCreated", ({ context }) => {
      const { frameId = "", isDefault = false } = (context.auxData ?? {}) as { frameId?: string; isDefault?: boolean };
      worlds.set(context.id, { id: context.id, frameId, name: isDefault ? "" : context.name });
    });
    devtools.on("Runtime.executionContextDestroyed", ({ executionContextId }) => worlds.delete(executionContextId));
    devtools.on("Runtime.executionContextsCleared", () => worlds.clear());
  };

  const tree: FrameTree = {
    follow,
    main: () => mainState.frame,
    isMain: (frameId) => frameId === mainState.id,
    find: (frameId) => states.get(frameId ?? "")?.frame,
    ipcOf: (frame) => stateOf(frame)?.ipc,
    preloadOwner: (worldId) => {
      const world = worlds.get(worldId);
      return world?.name === isolatedWorldName ? states.get(world.frameId)?.frame : undefined;
    },
    preloadWorld: (frame) => {
      const state = stateOf(frame);
      return state && worldOf(state.id, isolatedWorldName);
    },
  };
  return tree;
}

/** To the app a frame is Electron's class; what the stand-in lacks of it throws when it is read. */
export const asElectron = (frame: Frame | undefined): Electron.WebFrameMain | undefined =>
  frame as Electron.WebFrameMain | undefined;
