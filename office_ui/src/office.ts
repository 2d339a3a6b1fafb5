// Everything a page of the office needs; charts and maps come as chunks of their own, where there are any.
import "../styles/office.css";
import "htmx.org";
import { startAlarms } from "./alarms";
import { startCharts } from "./charts";
import { startFieldDay } from "./field-day";
import { startGantt } from "./gantt";
import { startKeys } from "./keys";
import { startMaps } from "./maps";
import { startMenus } from "./menus";
import { startPhoneWindow } from "./phone-window";
import { startSearch } from "./search";
import { startSigning } from "./signature";
import { startSteadyForms } from "./steady-forms";
import { startWorklist } from "./worklist";

startMenus();
startSearch();
startKeys();
startPhoneWindow();
startSteadyForms();
startSigning();
startWorklist();
startAlarms();
startFieldDay();
startGantt();
startCharts(document);
startMaps(document);
document.addEventListener("htmx:after:settle", () => startCharts(document));
