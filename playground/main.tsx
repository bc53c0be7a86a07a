import { render } from 'preact';

import { App } from './app.tsx';

const place = document.getElementById('playground');
if (place !== null) render(<App />, place);
