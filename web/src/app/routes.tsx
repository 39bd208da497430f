import { lazy } from "react";
import type { RouteObject } from "react-router";
import { Frame } from "./frame.tsx";
import { NotFound } from "./not_found.tsx";
import { ScreenFault } from "./screen_fault.tsx";

const Games = lazy(() => import("../games/screen.tsx"));
const Join = lazy(() => import("../join/screen.tsx"));
const Annotate = lazy(() => import("../annotate/screen.tsx"));

/** Every address of the editor. A screen is loaded when it is gone to, and stands in the shell's frame. */
export const routes: RouteObject[] = [
  {
    element: <Frame />,
    children: [
      {
        errorElement: <ScreenFault />,
        children: [
          { path: "/", element: <Games /> },
          { path: "/games/:gameId", element: <Annotate /> },
          { path: "/join", element: <Join /> },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
];
