// find returns the parts of the index that have all words of a query, best first.
function find(index, query, most) {
	var words = query.toLowerCase().split(/\s+/).filter(function (w) { return w !== ""; });
	if (words.length === 0) return [];
	var found = [];
	index.forEach(function (part, place) {
		var heading = part.Heading.toLowerCase(), title = part.Title.toLowerCase(), text = part.Text.toLowerCase();
		var score = 0;
		for (var i = 0; i < words.length; i++) {
			var w = words[i], here = 0;
			if (heading === w) here += 20;
			if (heading.indexOf(w) >= 0) here += 10;
			if (title.indexOf(w) >= 0) here += 5;
			here += Math.min(4, text.split(w).length - 1);
			if (here === 0) return;
			score += here;
		}
		found.push({ part: part, score: score, place: place });
	});
	found.sort(function (a, b) { return b.score - a.score || a.place - b.place; });
	return found.slice(0, most).map(function (f) { return f.part; });
}

// excerpt is the text of a part around the first word of a query.
function excerpt(part, query) {
	var word = query.toLowerCase().split(/\s+/).filter(function (w) { return w !== ""; })[0] || "";
	var at = Math.max(0, part.Text.toLowerCase().indexOf(word) - 40);
	if (at > 0) at = part.Text.indexOf(" ", at) + 1; // at the beginning of a word
	var end = part.Text.indexOf(" ", at + 110);
	return (at > 0 ? "… " : "") + (end < 0 ? part.Text.substr(at) : part.Text.substring(at, end) + " …");
}

// search makes the field of a page work; top is the way to the folder of the site.
function search(top) {
	var field = document.getElementById("query"), list = document.getElementById("found");
	// On a phone the list of all pages would push the page itself out of sight.
	document.getElementById("pages").open = window.matchMedia("(min-width: 50.01rem)").matches;
	field.addEventListener("input", function () {
		list.textContent = "";
		var parts = find(INDEX, field.value, 15);
		list.hidden = field.value.trim() === "";
		if (parts.length === 0) list.appendChild(document.createElement("li")).textContent = "nothing found";
		parts.forEach(function (part) {
			var item = list.appendChild(document.createElement("li"));
			var link = item.appendChild(document.createElement("a"));
			link.href = top + "/" + part.Page + (part.Anchor ? "#" + part.Anchor : "");
			link.textContent = part.Heading === part.Title ? part.Title : part.Title + ": " + part.Heading;
			item.appendChild(document.createElement("small")).textContent = excerpt(part, field.value);
		});
	});
}
