import { lazy } from "react";
import type { RouteObject } from "react-router";
import { Frame } from "./frame.tsx";
import { NotFound } from "./not_found.tsx";
import { ScreenFault } from "./screen_fault.tsx";

const Games = lazy(() => import("../games/screen.tsx"));
const Gallery = lazy(() => import("../gallery/screen.tsx"));
const Account = lazy(() => import("../account/screen.tsx"));
const Join = lazy(() => import("../join/screen.tsx"));
const Annotate = lazy(() => import("../annotate/screen.tsx"));
const Framing = lazy(() => import("../framing/screen.tsx"));
const Projects = lazy(() => import("../projects/screen.tsx"));
const ProjectClips = lazy(async () => ({
  default: (await import("../projects/clips_screen.tsx")).ProjectClipsScreen,
}));
const Overlay = lazy(() => import("../overlay/screen.tsx"));

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
          { path: "/projects/:projectId/overlay", element: <Overlay /> },
          { path: "/projects", element: <Projects /> },
          { path: "/projects/:projectId", element: <ProjectClips /> },
          { path: "/gallery", element: <Gallery /> },
          { path: "/gallery/:reelId", element: <Gallery /> },
          { path: "/account", element: <Account /> },
          { path: "/projects/:projectId/framing", element: <Framing /> },
          { path: "/join", element: <Join /> },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
];
