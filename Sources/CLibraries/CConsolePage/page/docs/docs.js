// Reads the OpenAPI document of this server, shows it, and lets its operations be tried.
import { byID, make } from "../dom.js";

const spanish = navigator.languages.some((language) => language.startsWith("es")) && !navigator.languages[0].startsWith("en");
const phrases = spanish
  ? {
      find: "Buscar operaciones", token: "Token para probar", parameters: "Parámetros", body: "Cuerpo", answers: "Respuestas", attempt: "Probar",
      send: "Enviar", required: "obligatorio", public: "sin credenciales", failed: "El servidor no respondió.", none: "Ninguna operación coincide.",
      file: "Este cuerpo no es JSON: pruébelo con curl.",
    }
  : {
      find: "Find operations", token: "Token to try with", parameters: "Parameters", body: "Body", answers: "Answers", attempt: "Try it", send: "Send",
      required: "required", public: "no credentials needed", failed: "The server did not answer.", none: "No operation matches.",
      file: "This body is not JSON: try it with curl.",
    };

document.documentElement.lang = spanish ? "es" : "en";
for (const element of document.querySelectorAll("[data-say]")) element.textContent = phrases[element.dataset.say];
byID("find").placeholder = phrases.find;
byID("token").placeholder = phrases.token;

const schema = await (await fetch("/api/schema/")).json();

const resolve = (value) => (value?.$ref ? schema.components.schemas[value.$ref.split("/").pop()] : value) ?? {};
const nameOf = (value) => value?.$ref?.split("/").pop();

/** A schema as a short text, such as `string (uuid)`. */
function form(value) {
  if (nameOf(value)) return nameOf(value);
  if (value.enum) return value.enum.filter((one) => one !== null).join(" | ");
  if (value.anyOf) return value.anyOf.map(form).join(" or ");
  const type = [value.type ?? "any"].flat().join(" or ");
  if (value.type === "array") return `list of ${form(value.items ?? {})}`;
  return value.format ? `${type} (${value.format})` : type;
}

/** What a body could look like. */
function example(value, depth = 0) {
  const known = resolve(value);
  if (known.examples?.length) return known.examples[0];
  if (known.default !== undefined) return known.default;
  if (known.enum) return known.enum[0];
  if (known.anyOf) return example(known.anyOf[0], depth);
  const type = [known.type].flat()[0];
  if (type === "object") {
    if (depth > 4) return {};
    const names = Object.keys(known.properties ?? {});
    const shown = known.required?.length ? names.filter((name) => known.required.includes(name)) : names;
    return Object.fromEntries(shown.map((name) => [name, example(known.properties[name], depth + 1)]));
  }
  if (type === "array") return depth > 4 ? [] : [example(known.items ?? {}, depth + 1)];
  if (type === "integer" || type === "number") return known.minimum > 0 ? known.minimum : 0;
  if (type === "boolean") return false;
  return { "date-time": "2026-11-24T08:00:00Z", date: "2026-11-24", email: "ana@example.org", uri: "https://example.org/" }[known.format] ?? "";
}

function table(rows) {
  return make("table", {}, [make("tbody", {}, rows.map((cells) => make("tr", {}, cells.map((cell) => make("td", {}, [cell])))))]);
}

function section(title, children) {
  return make("section", {}, [make("h3", { textContent: title }), ...children]);
}

function answers(operation) {
  return table(
    Object.entries(operation.responses).map(([status, answer]) => {
      const content = Object.entries(answer.content ?? {})[0];
      return [make("code", { textContent: status }), answer.description, content ? form(content[1].schema) : ""];
    }));
}

function attempt(method, path, operation) {
  const fields = new Map();
  const inputs = (operation.parameters ?? []).map((parameter) => {
    const input = make("input", { type: "text", autocomplete: "off", required: parameter.required });
    fields.set(parameter, input);
    return make("label", { className: "docs-field" }, [`${parameter.name}${parameter.required ? " *" : ""}`, input]);
  });
  const content = Object.entries(operation.requestBody?.content ?? {})[0];
  const isJSON = content?.[0] === "application/json";
  let body = null;
  if (isJSON) {
    body = make("textarea", { rows: 8, spellcheck: false, value: JSON.stringify(example(content[1].schema), null, 2) });
    body.setAttribute("aria-label", phrases.body);
  }
  const output = make("pre", { hidden: true });
  output.setAttribute("role", "status");
  const button = make("button", { type: "submit", className: "button primary small", textContent: phrases.send });
  const sheet = make("form", { className: "docs-try" }, [
    ...inputs, ...(body ? [body] : []), ...(content && !isJSON ? [make("p", { className: "hint", textContent: phrases.file })] : []), button, output,
  ]);
  sheet.addEventListener("submit", async (event) => {
    event.preventDefault();
    const query = new URLSearchParams();
    const headers = { "X-Requested-With": "agrovet" };
    let address = path;
    for (const [parameter, input] of fields) {
      if (!input.value) continue;
      if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (parameter.in === "query") query.append(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    if (byID("token").value) headers.Authorization = `Bearer ${byID("token").value}`;
    if (body) headers["Content-Type"] = "application/json";
    button.disabled = true;
    output.hidden = false;
    try {
      const answer = await fetch(address + (query.size ? `?${query}` : ""), { method: method.toUpperCase(), headers, body: body?.value });
      const type = answer.headers.get("Content-Type") ?? "";
      let text = type.startsWith("text/event-stream") ? "…" : await answer.text();
      if (type.includes("json")) text = JSON.stringify(JSON.parse(text), null, 2);
      output.textContent = `${answer.status}\n${text.slice(0, 100_000)}`;
    } catch {
      output.textContent = phrases.failed;
    }
    button.disabled = false;
  });
  return sheet;
}

function details(method, path, operation) {
  const parts = [];
  if (operation.description) parts.push(...operation.description.split("\n\n").map((text) => make("p", { textContent: text.replaceAll("`", "") })));
  if (operation.security.some((one) => Object.keys(one).length === 0)) parts.push(make("p", { className: "hint", textContent: phrases.public }));
  if (operation.parameters?.length) {
    parts.push(section(phrases.parameters, [
      table(operation.parameters.map((parameter) => [
        make("code", { textContent: parameter.name }), `${form(parameter.schema)}${parameter.required ? `, ${phrases.required}` : ""}`, parameter.description,
      ])),
    ]));
  }
  const content = Object.entries(operation.requestBody?.content ?? {})[0];
  if (content) {
    const known = resolve(content[1].schema);
    const rows = Object.entries(known.properties ?? {}).map(([name, value]) => [
      make("code", { textContent: name }), `${form(value)}${known.required?.includes(name) ? `, ${phrases.required}` : ""}`,
      value.description ?? resolve(value).description ?? "",
    ]);
    parts.push(section(`${phrases.body}: ${content[0]}`, [table(rows)]));
  }
  parts.push(section(phrases.answers, [answers(operation)]), section(phrases.attempt, [attempt(method, path, operation)]));
  return make("div", { className: "docs-body" }, parts);
}

function entry(method, path, operation) {
  const element = make("details", { className: "docs-operation", id: operation.operationId }, [
    make("summary", {}, [
      (() => {
        const mark = make("span", { className: "docs-method", textContent: method.toUpperCase() });
        mark.dataset.method = method;
        return mark;
      })(),
      make("span", { className: "docs-path", textContent: path }), make("span", { className: "hint", textContent: operation.summary }),
    ]),
  ]);
  // Built when it is opened: there are more than a hundred.
  element.addEventListener("toggle", () => {
    if (element.open && element.children.length === 1) element.append(details(method, path, operation));
  });
  return element;
}

const list = byID("operations");
const all = [];
const tags = schema.tags.map((tag) => tag.name);
const operations = Object.entries(schema.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
for (const tag of [...tags, ...new Set(operations.map((one) => one.operation.tags[0]).filter((name) => !tags.includes(name)))]) {
  const own = operations.filter((one) => one.operation.tags[0] === tag);
  if (!own.length) continue;
  const heading = make("h2", { className: "docs-tag", textContent: tag });
  const about = make("p", { className: "hint", textContent: schema.tags.find((one) => one.name === tag)?.description ?? "" });
  const entries = own.map(({ path, method, operation }) => {
    const element = entry(method, path, operation);
    all.push({ element, text: `${method} ${path} ${operation.summary} ${tag}`.toLowerCase() });
    return element;
  });
  list.append(make("section", {}, [heading, about, ...entries]));
}
const none = make("p", { className: "hint", textContent: phrases.none, hidden: true });
list.append(none);

byID("find").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { element, text } of all) element.hidden = !words.every((word) => text.includes(word));
  for (const group of list.querySelectorAll("section")) {
    if (group.parentElement === list) group.hidden = !group.querySelector(".docs-operation:not([hidden])");
  }
  none.hidden = all.some((one) => !one.element.hidden);
});

if (location.hash) {
  const wanted = byID(location.hash.slice(1));
  if (wanted?.matches("details")) {
    wanted.open = true;
    wanted.scrollIntoView();
  }
}
