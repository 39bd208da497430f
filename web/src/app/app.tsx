import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createBrowserRouter, RouterProvider } from "react-router";
import { queries } from "../api/queries.ts";
import { Toasts } from "../look/toast.tsx";
import { TooltipProvider } from "../look/tooltip.tsx";
import { routes } from "./routes.tsx";

const router = createBrowserRouter(routes);

/** The editor. */
export function App() {
  return (
    <StrictMode>
      <QueryClientProvider client={queries}>
        <TooltipProvider>
          <RouterProvider router={router} />
          <Toasts />
        </TooltipProvider>
      </QueryClientProvider>
    </StrictMode>
  );
}
