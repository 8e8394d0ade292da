import { I18nProvider } from "react-aria-components/I18nProvider";
import { createRoot } from "react-dom/client";
import { App, StartFailed } from "./App.tsx";
import { languageFor } from "./language.ts";
import { followSnapshots } from "./store.ts";
import "./theme.css";
import "./layout.css";
import "./buttons.css";
import "./fields.css";
import "./messages.css";
import "./screens.css";
import "./doctor.css";
import "./managed.css";
import "./profiles.css";
import "./forced-colors.css";

const place = document.getElementById("root");
if (place === null) throw new Error("index.html has no root");

createRoot(place).render(
  // The page speaks English only; without this react-aria would follow the system and mix languages.
  <I18nProvider locale="en-US">
    {window.deskpair === undefined ? (
      <StartFailed message={languageFor("en").text.outsideApp} />
    ) : (
      <App store={followSnapshots(window.deskpair)} />
    )}
  </I18nProvider>,
);
