import { byArea } from "./by-area";

export default byArea(import.meta.glob<Record<string, unknown>>("./en/*.json", { eager: true, import: "default" }));
