/** Starts the app in the page. It must stay trivial: everything testable lives elsewhere. */
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { unloadAddress } from "./lib/arrival";
// Needed with and without the shell, or before either: part of the app itself, not chunks of their own.
import "./components/shell/mark";
import { resumeChoice } from "./lib/instances/current";
import "./lib/instances/sign-in";
import "./lib/live/sse";
import "./lib/theme";
import { makeRouter } from "./router";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
unloadAddress();
resumeChoice();
createRoot(root).render(<RouterProvider router={makeRouter()} />);
