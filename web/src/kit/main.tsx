import "../look/look.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { showChosenTheme } from "../look/theme.ts";
import { Toasts } from "../look/toast.tsx";
import { TooltipProvider } from "../look/tooltip.tsx";
import { Kit } from "./kit.tsx";

showChosenTheme();

const root = document.getElementById("root");
if (!root) throw new Error("kit.html has no root.");
createRoot(root).render(
  <StrictMode>
    <TooltipProvider>
      <Kit />
      <Toasts />
    </TooltipProvider>
  </StrictMode>,
);
