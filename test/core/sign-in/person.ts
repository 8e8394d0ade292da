/**
 * A person with a browser, without the browser: follows redirects with cookies, presses the button that was decided on,
 * and stops where no form is left, or where the address leads out of the server.
 */
export async function visit(address: string, decision: "yes" | "no" = "yes"): Promise<string> {
  const cookies = new Map<string, string>();
  const home = new URL(address).origin;
  let url = new URL(address);
  let form: URLSearchParams | null = null;
  for (let page = 0; page < 20; page += 1) {
    if (url.origin !== home) return url.href;
    const response: Response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form === null ? {} : { method: "POST", body: form }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name === undefined || value === undefined) continue;
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await response.text();
    const location = response.headers.get("location");
    if (location !== null) {
      [url, form] = [new URL(location, url), null];
      continue;
    }
    if (!text.includes("<form") || form?.has("abort") === true) return url.href;
    const action = /<form[^>]*action="([^"]+)"/.exec(text)?.[1];
    form = new URLSearchParams();
    for (const [input] of text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
      form.set(/name="([^"]*)"/.exec(input)?.[1] ?? "", /value="([^"]*)"/.exec(input)?.[1] ?? "");
    }
    if (text.includes('name="decision"')) form.set("decision", decision);
    else if (decision === "no" && form.has("confirm")) form.set("abort", "yes");
    if (action !== undefined) url = new URL(action, url);
  }
  throw new Error(`The pages of ${home} have no end.`);
}
