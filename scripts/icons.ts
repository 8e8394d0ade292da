import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright";
import { ensureChromium } from "./chromium.ts";
import { root } from "./processes.ts";

/**
 * `node scripts/run.mjs icons`: draws the icons of the packages in `packaging/icons` from the page's own icon. The
 * result is committed, because a machine that packages needs no browser.
 */
const folder = join(root, "packaging/icons");
const svg = readFileSync(join(root, "src/renderer/icon.svg"), "utf8");

/** The sizes that the icon themes of Linux look for. */
const linuxSizes = [16, 32, 48, 64, 128, 256, 512] as const;
const windowsSizes = [16, 24, 32, 48, 64, 128, 256] as const;
/** Types of an icns file that hold a PNG; the second one of a size is that of a display with twice the pixels. */
const macTypes = [
  ["ic07", 128],
  ["ic08", 256],
  ["ic09", 512],
  ["ic10", 1024],
  ["ic11", 32],
  ["ic12", 64],
  ["ic13", 256],
  ["ic14", 512],
] as const;

const executablePath = await ensureChromium();
if (executablePath === null) throw new Error("No Chromium is installed and none could be downloaded.");
const browser = await chromium.launch({ executablePath });
try {
  const drawn = new Map<number, Buffer>();
  for (const size of new Set([...linuxSizes, ...windowsSizes, ...macTypes.map(([, each]) => each)])) {
    drawn.set(size, await draw(browser, size));
  }
  const picture = (size: number): Buffer => {
    const found = drawn.get(size);
    if (found === undefined) throw new Error(`Nothing was drawn in ${size} pixels.`);
    return found;
  };
  mkdirSync(join(folder, "linux"), { recursive: true });
  for (const size of linuxSizes) writeFileSync(join(folder, "linux", `${size}x${size}.png`), picture(size));
  writeFileSync(join(folder, "icon.ico"), ico(windowsSizes.map((size) => [size, picture(size)])));
  writeFileSync(join(folder, "icon.icns"), icns(macTypes.map(([type, size]) => [type, picture(size)])));
} finally {
  await browser.close();
}

async function draw(from: Browser, size: number): Promise<Buffer> {
  const page = await from.newPage({ viewport: { width: size, height: size } });
  try {
    const style = "margin:0;width:100vw;height:100vh;display:block";
    await page.setContent(`<body style="margin:0">${svg.replace("<svg", `<svg style="${style}"`)}</body>`);
    return await page.screenshot({ omitBackground: true });
  } finally {
    await page.close();
  }
}

/** An ICO file of PNG pictures, which Windows reads since Vista (learn.microsoft.com, "Icons"). */
function ico(pictures: readonly (readonly [number, Buffer])[]): Buffer {
  const header = Buffer.alloc(6 + 16 * pictures.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = header.length;
  for (const [index, [size, data]] of pictures.entries()) {
    const entry = 6 + 16 * index;
    // One byte each for width and height: 256 is written as 0.
    header.writeUInt8(size % 256, entry);
    header.writeUInt8(size % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(data.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += data.length;
  }
  return Buffer.concat([header, ...pictures.map(([, data]) => data)]);
}

/** An icns file: a type of four letters, the length with these eight bytes, and the PNG, one after the other. */
function icns(pictures: readonly (readonly [string, Buffer])[]): Buffer {
  const chunks = pictures.flatMap(([type, data]) => [head(type, data.length), data]);
  const length = chunks.reduce((sum, { length: each }) => sum + each, 0);
  return Buffer.concat([head("icns", length), ...chunks]);
}

function head(type: string, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.write(type, "latin1");
  bytes.writeUInt32BE(length + 8, 4);
  return bytes;
}
