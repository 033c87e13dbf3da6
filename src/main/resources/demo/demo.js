'use strict';

const form = document.getElementById('ask');
const text = document.getElementById('text');
const answers = document.getElementById('answers');
const button = form.querySelector('button');

function element(name, content, className) {
  const made = document.createElement(name);
  made.textContent = content; // never as HTML: it comes from documents and models
  if (className) {
    made.className = className;
  }
  return made;
}

function source(citation) {
  const details = document.createElement('details');
  details.append(element('summary', `[${citation.index}] ${citation.documentName}`), element('p', citation.text));
  return details;
}

async function ask(question) {
  const shown = document.createElement('article');
  const answer = element('p', 'One moment ...', 'waiting');
  shown.append(element('h2', question), answer);
  answers.prepend(shown);
  button.disabled = true;
  try {
    const response = await fetch('/demo/ask', {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify({text: question})
    });
    const body = await response.json();
    answer.className = response.ok ? '' : 'failed';
    answer.textContent = response.ok ? body.text : body.detail;
    if (response.ok) {
      shown.append(...body.citations.map(source));
    }
  } catch (unreachable) {
    answer.className = 'failed';
    answer.textContent = 'The hub cannot be reached. Is it still running?';
  } finally {
    button.disabled = false;
  }
}

form.addEventListener('submit', event => {
  event.preventDefault();
  const question = text.value.trim();
  if (question) {
    ask(question);
    text.value = '';
    text.focus();
  }
});

text.addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

for (const example of document.querySelectorAll('.examples button')) {
  example.addEventListener('click', () => ask(example.textContent));
}
