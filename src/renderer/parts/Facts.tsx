import type { ReactNode } from "react";

/** Names and values, one pair to a line. */
export function Facts({ children, card = false }: { readonly children: ReactNode; readonly card?: boolean }) {
  return <dl className={card ? "card facts" : "facts"}>{children}</dl>;
}

type FactProps = {
  readonly label: string;
  /** `null`: not known, and then the line is not there. */
  readonly children: ReactNode;
  /** The other side's own English, whatever language the page speaks. */
  readonly quoted?: boolean;
};

export function Fact({ label, children, quoted = false }: FactProps) {
  if (children === null) return null;
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd {...(quoted ? { lang: "en", dir: "auto" } : {})}>{children}</dd>
    </div>
  );
}
