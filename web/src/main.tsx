import "./look/look.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { follow } from "./app/follow.ts";
import { showChosenTheme } from "./look/theme.ts";

showChosenTheme();
follow();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no root.");
createRoot(root).render(<App />);
