import "./look/look.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Clapperboard } from "lucide-react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { EmptyState } from "./look/empty.tsx";
import { showChosenTheme } from "./look/theme.ts";
import { Toasts } from "./look/toast.tsx";
import { TooltipProvider } from "./look/tooltip.tsx";

showChosenTheme();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no root.");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>
        <main className="mx-auto max-w-160 p-6 pt-16">
          <EmptyState icon={Clapperboard} title="The editor is being built" text="Its screens come next." />
        </main>
        <Toasts />
      </TooltipProvider>
    </QueryClientProvider>
  </StrictMode>,
);
