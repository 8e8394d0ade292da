import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import type { Http } from "../core/ports.ts";
import type { AskPac } from "./find-route.ts";
import type { PacRun, PacSurroundings } from "./pac-script.ts";

export type PacAnswer = PacRun;

type Parts = PacSurroundings & {
  /** Straight, because the way is what the script is to tell. */
  readonly http: Http;
  readonly limits?: Partial<Limits>;
};

type Limits = Readonly<Record<"fetchMs" | "maxBytes" | "keepMs" | "againMs", number>>;

const usualLimits: Limits = {
  fetchMs: 5_000,
  /** Chromium's limit is the same. */
  maxBytes: 1_048_576,
  /** Scripts change once in a while, and computers change networks. */
  keepMs: 300_000,
  /** Soon, because the network may be back; not at once, because every request would wait for it. */
  againMs: 10_000,
};

type Kept<T> = { readonly value: Promise<T>; readonly until: number };
type Script = { readonly ok: true; readonly text: string } | Extract<PacRun, { ok: false }>;

/**
 * Fetches PAC scripts and asks them. A script is kept for five minutes, and so are its answers, by server: a script
 * that takes all the time that it is given must not take it from every request.
 */
export function createPac({ http, limits, ...surroundings }: Parts): AskPac {
  const { fetchMs, maxBytes, keepMs, againMs } = { ...usualLimits, ...limits };
  const kept = new Map<string, Kept<PacRun>>();
  const scripts = new Map<string, Kept<Script>>();

  const remember = <T extends { readonly ok: boolean }>(
    store: Map<string, Kept<T>>,
    key: string,
    make: () => Promise<T>,
  ): Promise<T> => {
    const before = store.get(key);
    if (before !== undefined && before.until > performance.now()) return before.value;
    const value = make();
    store.set(key, { value, until: performance.now() + keepMs });
    void value.then(
      ({ ok }) => {
        if (!ok) store.set(key, { value, until: performance.now() + againMs });
      },
      // Whoever waits is told; nobody after that is.
      () => store.delete(key),
    );
    return value;
  };

  const fetchScript = async (address: string): Promise<Script> => {
    if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
      return { ok: false, problem: "the address of the script is not http:// or https://" };
    }
    const result = await http({ method: "GET", url: address, headers: {}, timeoutMs: fetchMs, maxBytes });
    if (!result.ok) {
      const { failure } = result;
      if (failure.kind === "too-large") return { ok: false, problem: "the script is larger than 1 MB" };
      const why = failure.kind === "tls" ? `its certificate is not trusted: ${failure.problem}` : failure.kind;
      return { ok: false, problem: `the script could not be fetched (${why})` };
    }
    const { status, body } = result.response;
    if (status !== 200) return { ok: false, problem: `the script could not be fetched (HTTP ${status})` };
    return /FindProxyForURL/.test(body)
      ? { ok: true, text: body.replace(/^\uFEFF/, "") }
      : { ok: false, problem: "what is at the address of the script is none" };
  };

  return (address, url) =>
    remember(kept, `${address} ${url.origin}`, async () => {
      const script = await remember(scripts, address, () => fetchScript(address));
      if (!script.ok) return script;
      const { runPac } = await import("./pac-script.ts");
      return runPac(script.text, url, surroundings);
    });
}

/** What scripts ask about, as this computer knows it. */
export const thisComputer: PacSurroundings = {
  resolve: (name) =>
    lookup(name, { all: true }).then(
      (found) => found.map(({ address }) => address),
      () => [],
    ),
  own: () =>
    Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, address }) => !internal && !address.startsWith("fe80:") && !address.startsWith("169.254."))
      .map(({ address }) => address),
};
