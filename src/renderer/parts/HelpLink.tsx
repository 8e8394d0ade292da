import type { linkNames } from "../../contract/ipc.ts";
import { useRequest } from "../request.ts";
import { Button } from "./Button.tsx";

/** Opens a page outside the app. Only the name travels; main owns the address. */
export function HelpLink({ name, children }: { readonly name: (typeof linkNames)[number]; readonly children: string }) {
  const { send } = useRequest("link.open");
  return (
    <Button kind="link" icon="external" onPress={() => void send({ name })}>
      {children}
    </Button>
  );
}
