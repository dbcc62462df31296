// Shows /openapi.json by service and sends requests. No library, nothing from outside.
'use strict';

const kDepth = 3;
let doc;

function el(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

function resolve(schema) {
  const ref = schema?.$ref;
  return ref ? doc.components.schemas[ref.replace('#/components/schemas/', '')] : schema;
}

function typeName(schema) {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('.').pop().split('/').pop();
  if (schema.type === 'array') return `${typeName(schema.items)}[]`;
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : schema.type;
  return schema.format ? `${type} (${schema.format})` : type ?? '';
}

// Notes that a reader needs beside the type: what it means, what it may be.
function notes(schema) {
  const target = resolve(schema.type === 'array' ? schema.items : schema) ?? {};
  const parts = [schema.description ?? ''];
  if (target.enum) parts.push(`One of ${target.enum.join(', ')}.`);
  if (schema.minimum !== undefined) parts.push(`From ${schema.minimum} to ${schema.maximum}.`);
  return parts.filter(Boolean).join(' ');
}

function fieldRows(schema, depth = 0, seen = []) {
  const object = resolve(schema) ?? {};
  const rows = [];
  for (const [name, field] of Object.entries(object.properties ?? {})) {
    if (field.readOnly && depth > 0 && seen[0] === 'request') continue;
    const required = object.required?.includes(name);
    rows.push(row(name, typeName(field), required, notes(field), depth));
    const inner = field.type === 'array' ? field.items : field;
    if (inner?.$ref && depth + 1 < kDepth && !seen.includes(inner.$ref)) {
      rows.push(...fieldRows(inner, depth + 1, [...seen, inner.$ref]));
    }
  }
  return rows;
}

function row(name, type, required, text, depth = 0) {
  return el('tr', {},
    el('td', { className: `nested-${depth}` }, name + (required ? ' *' : '')),
    el('td', { className: 'faint' }, type),
    el('td', {}, text));
}

function table(title, rows) {
  if (rows.length === 0) return '';
  return el('section', {},
    el('h3', {}, title),
    el('table', {}, el('tbody', {}, ...rows)));
}

// A body to begin with: required fields, and a request id that is new.
function example(schema, depth = 0) {
  const object = resolve(schema) ?? {};
  const out = {};
  for (const [name, field] of Object.entries(object.properties ?? {})) {
    const wanted = object.required?.includes(name) || (depth > 0 && depth < 2 && !field.readOnly);
    if (!wanted) continue;
    if (name === 'requestId') out[name] = crypto.randomUUID();
    else if (field.type === 'array') out[name] = [];
    else if (resolve(field)?.oneOf) out[name] = new Date().toISOString().slice(0, 10);
    else if (resolve(field)?.enum) out[name] = resolve(field).enum[0];
    else if (field.$ref && depth < 2) out[name] = example(field, depth + 1);
    else if (field.type === 'boolean') out[name] = false;
    else if (field.type === 'integer' || field.type === 'number' || Array.isArray(field.type)) out[name] = 0;
    else if (field.type === 'string' && !field.format) out[name] = '';
  }
  return out;
}

function tryForm(method, path, operation) {
  const parameters = (operation.parameters ?? []).filter((p) => p.in === 'path' || p.in === 'query');
  const inputs = parameters.map((p) => [p, el('input', { placeholder: typeName(p.schema) })]);
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = el('textarea', { rows: 10, spellcheck: false });
  if (schema) body.value = JSON.stringify(example(schema), null, 2);
  const output = el('pre', { hidden: true });
  const button = el('button', { type: 'button' }, 'Send');
  button.onclick = () => send(method, path, inputs, schema ? body.value : undefined, output);
  return el('section', {},
    el('h3', {}, 'Try it'),
    ...inputs.map(([p, input]) => el('label', {}, p.name + (p.required ? ' *' : ''), input)),
    schema ? el('label', {}, 'Body', body) : '',
    button, output);
}

async function send(method, path, inputs, body, output) {
  let target = path;
  const query = new URLSearchParams();
  for (const [parameter, input] of inputs) {
    if (parameter.in === 'path') {
      target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    } else if (input.value !== '') {
      const many = parameter.schema.type === 'array';
      for (const value of many ? input.value.split(',') : [input.value]) query.append(parameter.name, value);
    }
  }
  const text = query.toString();
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const as = document.getElementById('as').value.trim();
  if (as) headers['X-Spm-As'] = as;
  output.hidden = false;
  output.textContent = '...';
  try {
    const response = await fetch(text ? `${target}?${text}` : target, { method, headers, body });
    const answer = await response.text();
    output.className = response.ok ? '' : 'bad';
    output.textContent = `${response.status} ${response.statusText}\n${pretty(answer)}`;
  } catch (error) {
    output.className = 'bad';
    output.textContent = String(error);
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function show(method, path, operation) {
  const inner = el('div', {});
  const details = el('details', { className: 'rpc' },
    el('summary', {},
      el('span', { className: 'verb' }, method),
      el('span', { className: 'path' }, path),
      el('span', { className: 'faint' }, operation.summary)),
    inner);
  details.dataset.text = `${method} ${path} ${operation.operationId} ${operation.description}`.toLowerCase();
  // Filled when it is opened: the whole at once is slow on a phone.
  details.ontoggle = () => {
    if (!details.open || inner.firstChild) return;
    const request = operation.requestBody?.content['application/json'].schema;
    const reply = operation.responses['200'].content['application/json']?.schema;
    const direct = (operation.parameters ?? []).filter((p) => p.in);
    inner.append(
      ...operation.description.split('\n\n').map((text) => el('p', {}, text)),
      el('p', { className: 'faint' }, el('code', {}, operation.operationId)),
      table('Parameters', direct.map((p) => row(p.name, typeName(p.schema), p.required, notes(p.schema)))),
      request ? table('Body', fieldRows(request, 0, ['request', request.$ref])) : '',
      reply ? table('Answer', fieldRows(reply, 0, ['reply', reply.$ref])) : '',
      reply ? tryForm(method, path, operation) : '');
  };
  return details;
}

function render() {
  const groups = new Map(doc.tags.map((tag) => [tag.name, []]));
  for (const [path, methods] of Object.entries(doc.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      groups.get(operation.tags[0])?.push(show(method.toUpperCase(), path, operation));
    }
  }
  const sections = doc.tags.map((tag) => el('section', { className: 'service' },
    el('h2', {}, tag.name),
    el('p', { className: 'faint' }, tag.description ?? ''),
    ...groups.get(tag.name)));
  document.getElementById('operations').replaceChildren(...sections);
}

function filter() {
  const words = document.getElementById('find').value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of document.querySelectorAll('section.service')) {
    let any = false;
    for (const details of section.querySelectorAll('details.rpc')) {
      details.hidden = !words.every((word) => details.dataset.text.includes(word));
      any ||= !details.hidden;
    }
    section.hidden = !any;
  }
}

async function main() {
  document.getElementById('find').oninput = filter;
  try {
    doc = await (await fetch('/openapi.json')).json();
    render();
  } catch (error) {
    document.getElementById('operations').textContent = `The API cannot be read: ${error}`;
  }
}

main();
