// A new alarm is heard and stands in the title of the tab, so that nobody has to look at the page.

const STRIP = "alarm-strip";
let shownBefore = 0;

export function startAlarms(): void {
  document.addEventListener("htmx:after:settle", () => {
    const strip = document.getElementById(STRIP);
    if (strip) follow(strip);
  });
}

function follow(strip: HTMLElement): void {
  const lines = strip.querySelectorAll(".alarm-line:not(.alarm-taken)").length;
  const title = document.title.replace(/^● /, "");
  document.title = lines > 0 ? `● ${title}` : title;
  if (lines > shownBefore) ring();
  shownBefore = lines;
}

// Three short notes. Browsers allow sound only after the page was touched once; else it stays silent.
function ring(): void {
  const sound = new AudioContext();
  if (sound.state !== "running") {
    void sound.close();
    return;
  }
  for (const [place, pitch] of [880, 660, 880].entries()) {
    const note = sound.createOscillator();
    note.frequency.value = pitch;
    note.connect(sound.destination);
    note.start(sound.currentTime + place * 0.3);
    note.stop(sound.currentTime + place * 0.3 + 0.2);
  }
  setTimeout(() => void sound.close(), 1500);
}
