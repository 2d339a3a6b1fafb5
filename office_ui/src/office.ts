// Everything a page of the office needs; charts come as a chunk of their own, where there are any.
import "../styles/office.css";
import "htmx.org";
import { startCharts } from "./charts";
import { startKeys } from "./keys";
import { startMenus } from "./menus";
import { startSearch } from "./search";
import { startSteadyForms } from "./steady-forms";
import { startWorklist } from "./worklist";

startMenus();
startSearch();
startKeys();
startSteadyForms();
startWorklist();
startCharts(document);
document.addEventListener("htmx:after:settle", () => startCharts(document));
