// The steps of a visit as chapters of its recording: a link jumps within the player instead of
// opening the file. A recording made by a phone does not say how long it is; it is asked for once.

export function startRecording(): void {
  const player = document.querySelector<HTMLMediaElement>("[data-recording] .recording-player");
  if (!player) return;
  player.addEventListener("loadedmetadata", () => lengthFind(player), { once: true });
  for (const link of document.querySelectorAll<HTMLAnchorElement>("[data-recording] [data-second]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      player.currentTime = Number(link.dataset.second);
      void player.play();
    });
  }
}

function lengthFind(player: HTMLMediaElement): void {
  if (Number.isFinite(player.duration)) return;
  player.addEventListener("seeked", () => (player.currentTime = 0), { once: true });
  player.currentTime = Number.MAX_SAFE_INTEGER;
}
