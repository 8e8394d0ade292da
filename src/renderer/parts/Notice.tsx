import { Fragment, type ReactNode, useState } from "react";
import type { AppError } from "../../contract/errors.ts";
import { announce } from "../announcements.ts";
import { isExplainable, useExamine } from "../examine.ts";
import { useText } from "../language.ts";
import { traceOf } from "../trace.ts";
import { Button } from "./Button.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { OrganisationHelp } from "./OrganisationHelp.tsx";

const noticeIcons = { info: "info", caution: "warning", failure: "warning" } as const satisfies Record<
  string,
  IconName
>;

/** A short message at the place that it is about. */
export function Notice(props: {
  readonly tone: keyof typeof noticeIcons;
  readonly children: ReactNode;
  readonly id?: string;
}) {
  return (
    <div className={`notice notice-${props.tone}`} id={props.id}>
      <Icon name={noticeIcons[props.tone]} />
      <div className="notice-body">{props.children}</div>
    </div>
  );
}

/**
 * A failure that belongs to no field, where the action was. Silent: `useRequest` has announced it, and a second live
 * region would say it twice.
 */
export function FailureNotice({ error }: { readonly error: AppError | null }) {
  const text = useText();
  const examine = useExamine();
  if (error === null) return null;
  const words = text.describeError(error);
  const { correlationId, ownWords } = traceOf(error);
  return (
    <Notice tone="failure">
      <p className="notice-message">{words.message}</p>
      <p>{words.nextStep}</p>
      {ownWords === undefined ? null : (
        <p className="small" lang="en" dir="auto">
          {ownWords.words}
        </p>
      )}
      <p className="small">{text.code(error.code)}</p>
      {correlationId === undefined ? null : (
        <p className="small">
          {text.failed.correlationId} <CopyableId label={text.failed.correlationId} value={correlationId} />
        </p>
      )}
      <OrganisationHelp />
      {examine === null || !isExplainable(error) ? null : (
        <Button kind="link" onPress={examine}>
          {text.doctor.open}
        </Button>
      )}
    </Notice>
  );
}

type CopyableIdProps = {
  readonly label: string;
  readonly value: string;
  /** A place of its own instead of one in a line: for a command or an address. */
  readonly block?: boolean;
  /** Longer than anybody reads: the beginning of it, in one line. */
  readonly oneLine?: boolean;
};

/** An id that support will ask for, with the button that saves typing it. */
export function CopyableId({ label, value, block = false, oneLine = false }: CopyableIdProps) {
  return (
    <span className={block ? "copyable copyable-block" : "copyable"}>
      <code className={oneLine ? "identifier identifier-line" : "identifier"} title={label}>
        {block && !oneLine ? <UnbrokenWords>{value}</UnbrokenWords> : value}
      </code>
      <CopyButton label={label} value={value} />
    </span>
  );
}

/** `label`: what it is that is copied. */
export function CopyButton({ label, value }: { readonly label: string; readonly value: string }) {
  const text = useText();
  const [answer, setAnswer] = useState<string | null>(null);
  const copy = async () => {
    // The clipboard can be refused by the system; then it can still be selected by hand.
    const outcome = await navigator.clipboard.writeText(value).then(
      () => text.copied,
      () => text.notCopied,
    );
    setAnswer(outcome);
    announce(outcome);
  };
  return (
    <Button
      kind="quiet"
      icon={answer === text.copied ? "check" : "copy"}
      onPress={() => void copy()}
      label={text.copyOf(answer ?? text.copy, label)}
    >
      {answer ?? text.copy}
    </Button>
  );
}

/** A line may end after any hyphen, and `-` at the end of one and `-policy` in the next is not what has to be typed. */
function UnbrokenWords({ children }: { readonly children: string }) {
  const words = children.split(" ");
  return words.map((word, place) => (
    <Fragment key={words.slice(0, place + 1).join(" ")}>
      {place === 0 ? null : " "}
      <span className="unbroken">{word}</span>
    </Fragment>
  ));
}
