// The least contrast of text on its ground, by kind of element (WCAG 2.2, 1.4.3).
() => {
    const number = (text) => (text.endsWith("%") ? parseFloat(text) / 100 : Number(text));
    const parse = (text) => (text.match(/[\d.]+%?/g) || []).map(number);
    const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, k, i) => {
        const v = c[i] / 255;
        return sum + k * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    }, 0);
    const ground = (element) => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) layers.unshift(parse(getComputedStyle(at).backgroundColor));
        return layers.reduce((below, c) => {
            const a = c.length > 3 ? c[3] : 1;
            return below.map((v, i) => v * (1 - a) + (c[i] || 0) * a);
        }, [255, 255, 255]);
    };
    const worst = {};
    for (const element of document.querySelectorAll("body *")) {
        const says = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
        if (!says || element.closest("script, svg, [hidden]") || element.disabled) continue;
        const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const name = `${element.tagName}.${element.className}`;
        worst[name] = Math.min(worst[name] || 99, ratio);
    }
    return worst;
}
