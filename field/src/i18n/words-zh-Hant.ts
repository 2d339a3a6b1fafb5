import { byArea } from "./by-area";

export default byArea(import.meta.glob<Record<string, unknown>>("./zh-Hant/*.json", { eager: true, import: "default" }));
