/** What the head of an executable says about it, and whether Node will find the command line in it. */
export type Format = {
  readonly kind: "elf" | "mach-o" | "pe";
  readonly arch: "x64" | "arm64";
  /** Windows only: it opens in the terminal that started it, and that terminal waits for it. */
  readonly console: boolean | null;
  /** The parts of the command line are in it, where Node looks for them. */
  readonly filled: boolean;
  /** Node has been told to look: the byte behind its sentinel. */
  readonly told: boolean;
  /** A signature that is there is the one of Node, and no longer right. */
  readonly signed: boolean;
};

/** Where Node looks: a note of this name, a resource of this name, a section `__` + name in a segment NODE_SEA. */
export const blobName = "NODE_SEA_BLOB";
export const segmentName = "NODE_SEA";
/** nodejs.org/api/single-executable-applications.html: present once in every node binary, followed by `:0`. */
export const sentinel = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** `null` for what is none of the three, or of another processor. */
export function formatOf(file: Buffer): Format | null {
  const at = file.indexOf(sentinel);
  const told = at >= 0 && file.toString("latin1", at + sentinel.length, at + sentinel.length + 2) === ":1";
  if (file.readUInt32BE(0) === 0x7f454c46) return elf(file, told);
  if (file.readUInt32LE(0) === 0xfeedfacf) return machO(file, told);
  if (file.toString("latin1", 0, 2) === "MZ") return pe(file, told);
  return null;
}

/** man 5 elf: program headers of 56 bytes, of which type 4 is a note. */
function elf(file: Buffer, told: boolean): Format | null {
  const arch = ({ 0x3e: "x64", 0xb7: "arm64" } as const)[file.readUInt16LE(18)];
  if (arch === undefined) return null;
  const [start, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(56)];
  const filled = Array.from({ length: count }, (_, index) => start + index * 56)
    .filter((header) => file.readUInt32LE(header) === 4)
    .some((header) => {
      const [from, size] = [Number(file.readBigUInt64LE(header + 8)), Number(file.readBigUInt64LE(header + 32))];
      return notesIn(file.subarray(from, from + size)).includes(blobName);
    });
  return { kind: "elf", arch, console: null, filled, told, signed: false };
}

/** The names of all notes of one segment. Each is three numbers, a name and a text, both filled up to four bytes. */
function notesIn(segment: Buffer): readonly string[] {
  const names: string[] = [];
  const filledUp = (length: number) => Math.ceil(length / 4) * 4;
  for (let at = 0; at + 12 <= segment.length; ) {
    const [name, text] = [segment.readUInt32LE(at), segment.readUInt32LE(at + 4)];
    names.push(nameAt(segment, at + 12, name));
    at += 12 + filledUp(name) + filledUp(text);
  }
  return names;
}

/** Apple's mach-o/loader.h: load commands behind 32 bytes; 0x19 is a segment with its sections, 0x1d a signature. */
function machO(file: Buffer, told: boolean): Format | null {
  const arch = ({ 0x01000007: "x64", 0x0100000c: "arm64" } as const)[file.readUInt32LE(4)];
  if (arch === undefined) return null;
  let [filled, signed] = [false, false];
  for (let at = 32, left = file.readUInt32LE(16); left > 0; left -= 1, at += file.readUInt32LE(at + 4)) {
    const command = file.readUInt32LE(at);
    if (command === 0x1d) signed = true;
    if (command !== 0x19 || nameAt(file, at + 8, 16) !== segmentName) continue;
    filled = nameAt(file, at + 72, 16) === `__${blobName}`;
  }
  return { kind: "mach-o", arch, console: null, filled, told, signed };
}

/** Microsoft's PE format: the optional header behind 24 bytes; subsystem 3 is a console; directory 4 the certificates. */
function pe(file: Buffer, told: boolean): Format | null {
  const head = file.readUInt32LE(60);
  const arch = ({ 0x8664: "x64", 0xaa64: "arm64" } as const)[file.readUInt16LE(head + 4)];
  if (arch === undefined) return null;
  const optional = head + 24;
  const signed = file.readUInt32LE(certificates(file) + 4) !== 0;
  const filled = file.includes(Buffer.from(blobName, "utf16le"));
  return { kind: "pe", arch, console: file.readUInt16LE(optional + 68) === 3, filled, told, signed };
}

/** Where a PE file says where its certificates are, and how many bytes they have. */
function certificates(file: Buffer): number {
  return file.readUInt32LE(60) + 24 + 112 + 4 * 8;
}

/**
 * Takes the signature off a Windows executable: the certificates lie at the end of the file, outside of what the system
 * loads. What is injected would come behind them, and a signature of other contents is worse than none.
 */
export function withoutCertificates(file: Buffer): Buffer {
  const entry = certificates(file);
  const [start, length] = [file.readUInt32LE(entry), file.readUInt32LE(entry + 4)];
  if (length === 0) return file;
  const bare = Buffer.from(file.subarray(0, start));
  bare.writeBigUInt64LE(0n, entry);
  return bare;
}

function nameAt(file: Buffer, start: number, length: number): string {
  return file.toString("latin1", start, start + length).replace(/\0.*$/s, "");
}
