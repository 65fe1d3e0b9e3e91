/** What is not needed for the first view, as one part. */

export { renew } from "../offline/download";
export { Taste } from "../pages/taste";
export { Shortcuts } from "../ui/shortcuts";
export { Others } from "./others";
