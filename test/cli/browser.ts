/** A person in front of the simulator's pages, as far as forms and redirects go. */

const entities: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' };
const plain = (text: string): string =>
  text.replaceAll(/&(?:amp|lt|gt|quot);/g, (entity) => entities[entity] ?? entity);

/** The fields of the page's form, as a browser would send them back. */
function fieldsOf(page: string): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [tag] of page.matchAll(/<input [^>]*>/g)) {
    const name = /\bname="([^"]*)"/.exec(tag)?.[1];
    if (name !== undefined) fields.set(plain(name), plain(/\bvalue="([^"]*)"/.exec(tag)?.[1] ?? ""));
  }
  return fields;
}

/**
 * Opens the address of a sign-in, fills in the form and follows where it leads. Gives the last page and every address on
 * the way.
 */
export async function signInAt(
  address: string,
  username: string,
  decision: "allow" | "deny" = "allow",
): Promise<{ readonly page: string; readonly visited: readonly string[] }> {
  const form = await fetch(address);
  const fields = fieldsOf(await form.text());
  fields.set("username", username);
  fields.set("decision", decision);
  const answer = await fetch(address, { method: "POST", body: fields, redirect: "manual" });
  const location = answer.headers.get("location");
  if (location === null) return { page: await answer.text(), visited: [address] };
  return { page: await (await fetch(location)).text(), visited: [address, location] };
}
