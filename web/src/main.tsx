import "@fontsource-variable/inter/wght.css";
import "./ui/mantine.css";
import "./ui/tokens.css";
import { MantineProvider } from "@mantine/core";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { router } from "./routes";
import { DensityKeeper } from "./ui/density";
import { Notices } from "./ui/Notices";
import { theme } from "./ui/theme";

const root = document.getElementById("root");
if (!root) throw new Error("The page has no root to draw in.");
const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content;
if (nonce) setNonce(nonce); // for the style that holds a page still behind a dialog

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce ?? ""}>
      <DensityKeeper />
      <Notices />
      <RouterProvider router={router} />
    </MantineProvider>
  </StrictMode>,
);
