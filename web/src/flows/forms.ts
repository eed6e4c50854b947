/** What is made of forms is fetched when it is asked for: most who look at a flow change nothing. */
import { lazy } from "react";

export const RedoDialog = lazy(() => import("./RedoDialog").then(({ RedoDialog }) => ({ default: RedoDialog })));
export const InputPanel = lazy(() => import("./InputPanel").then(({ InputPanel }) => ({ default: InputPanel })));
