document.querySelectorAll("[data-html-include]").forEach(async (place) => { place.innerHTML = await (await fetch(place.dataset.htmlInclude)).text(); });
