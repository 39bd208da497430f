// What the page does beyond standing there: the line between two pictures, and a reel that can be stopped.
const slider = document.querySelector(".slider");
const range = slider.querySelector("input");
range.hidden = false;
range.addEventListener("input", () => slider.style.setProperty("--shown", `${range.value}%`));

const reel = document.querySelector("video");
const pause = document.querySelector(".pause");
const say = () => {
  pause.textContent = reel.paused ? "Play" : "Pause";
};
pause.hidden = false;
pause.addEventListener("click", () => (reel.paused ? reel.play() : reel.pause()));
reel.addEventListener("play", say);
reel.addEventListener("pause", say);
if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
  reel.removeAttribute("autoplay");
  reel.pause();
}
say();
