// Drags the timeline and zooms into it and out again, as fast as frames come; gives the milliseconds of each frame.
async () => {
  const chart = document.querySelector(".chart");
  const box = chart.getBoundingClientRect();
  const times = [];
  const point = (type, left) =>
    chart.dispatchEvent(new PointerEvent(type, { clientX: box.left + left, clientY: box.top + 20, bubbles: true }));
  const turn = (deltaY) =>
    chart.dispatchEvent(new WheelEvent("wheel", { deltaY, ctrlKey: true, clientX: box.left + 200, cancelable: true }));
  const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  chart.setPointerCapture = () => {}; // no real pointer is down

  let last = performance.now();
  const measured = async (work) => {
    work();
    await frame();
    times.push(performance.now() - last);
    last = performance.now();
  };
  point("pointerdown", 600);
  for (let step = 0; step < 60; step += 1) await measured(() => point("pointermove", 600 - step * 5));
  point("pointerup", 300);
  for (let step = 0; step < 40; step += 1) await measured(() => turn(step < 20 ? -60 : 60));
  return times;
}
