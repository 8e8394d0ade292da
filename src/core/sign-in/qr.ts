import { encodeQR } from "qr";

/** The modules of a QR code without its quiet zone, a row a text of `0` and `1`. Empty: the text is too long for one. */
export function qrRows(text: string): readonly string[] {
  try {
    // The library draws a quiet zone of at least one module; who draws the code knows what is around it.
    const modules = encodeQR(text, "raw", { ecc: "medium", border: 1 });
    return modules.slice(1, -1).map((row) => row.slice(1, -1).reduce((line, dark) => `${line}${dark ? 1 : 0}`, ""));
  } catch {
    return [];
  }
}
