/** Modules of quiet around the code, which readers need to find it (ISO/IEC 18004). */
const quiet = 4;

/** An `img` would need an address to load, and the page loads nothing. */
const picture = { role: "img" } as const;

type QrCodeProps = {
  /** The modules, a row a text of `0` and `1`. */
  readonly rows: readonly string[];
  readonly label: string;
};

/** A QR code, drawn as one path. Dark on light in every theme, because many readers know no other. */
export function QrCode({ rows, label }: QrCodeProps) {
  const side = rows.length + 2 * quiet;
  const path = rows
    .flatMap((row, y) =>
      Array.from(row.matchAll(/1+/gu), ({ 0: run, index }) => `M${index} ${y}h${run.length}v1h-${run.length}z`),
    )
    .join("");
  return (
    <svg
      className="qr"
      {...picture}
      aria-label={label}
      viewBox={`${-quiet} ${-quiet} ${side} ${side}`}
      shapeRendering="crispEdges"
    >
      <path d={path} />
    </svg>
  );
}
