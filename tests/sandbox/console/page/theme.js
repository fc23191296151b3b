// Before the first paint: the theme that was chosen here, or none, and then the system's holds.
{
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
}
