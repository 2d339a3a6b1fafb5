import { byArea } from "./by-area";

export default byArea(import.meta.glob<Record<string, unknown>>("./zh-Hans/*.json", { eager: true, import: "default" }));
